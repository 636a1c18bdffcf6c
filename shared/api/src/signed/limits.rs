//! The rate limits of window S (S10).

use model::RateLimit;

use crate::problem::Problem;
use crate::rate_limit::{BucketKind, BucketRequest, Quotas};
use crate::signed::session::ProjectSession;

/// The limit for calls for one user, unless the project has its own.
const USER_LIMIT: RateLimit = RateLimit::per_minute(120);
/// The limit for calls with one event. Projects cannot change it. An event works once, but a failed call may be repeated.
const EVENT_LIMIT: RateLimit = RateLimit::per_minute(5);
/// The limit for calls for one project, unless it has its own.
const PROJECT_LIMIT: RateLimit = RateLimit::per_minute(6000);
/// The limit for reads of a project's history. Projects cannot raise it, because each read may read thousands of items.
const HISTORY_LIMIT: RateLimit = RateLimit::per_minute(60);
/// The limit for audit records about refused calls of a project. Without it, anybody could fill the audit log.
const REFUSAL_LIMIT: RateLimit = RateLimit::per_hour(10);

impl ProjectSession<'_> {
    /// Takes a token from the project's bucket.
    ///
    /// # Errors
    /// [`Code::QuotaExceeded`](crate::Code::QuotaExceeded), or
    /// [`Code::TemporarilyUnavailable`](crate::Code::TemporarilyUnavailable).
    pub async fn take(&self) -> Result<Quotas, Problem> {
        self.backend.limiter.take([self.project_request()]).await
    }

    /// Takes a token from the user's bucket, and from the project's.
    ///
    /// # Errors
    /// As [`take`](Self::take).
    pub async fn take_for_user(&self, user: &str) -> Result<Quotas, Problem> {
        let limit = self.project().user_rate_limit.unwrap_or(USER_LIMIT);
        self.take_both(BucketKind::User, user, limit).await
    }

    /// Takes a token from the device's bucket, and from the project's.
    ///
    /// # Errors
    /// As [`take`](Self::take).
    pub async fn take_for_device(&self, device: &str) -> Result<Quotas, Problem> {
        let limit = self.project().user_rate_limit.unwrap_or(USER_LIMIT);
        self.take_both(BucketKind::Device, device, limit).await
    }

    /// Takes a token from the event's bucket, and from the project's. Only the event is signed, so a caller could change
    /// everything else in each call.
    ///
    /// # Errors
    /// As [`take`](Self::take).
    pub async fn take_for_event(&self, event: &str) -> Result<Quotas, Problem> {
        self.take_both(BucketKind::Event, event, EVENT_LIMIT).await
    }

    /// Takes a token from the project's bucket for its history (S8).
    ///
    /// # Errors
    /// As [`take`](Self::take).
    pub async fn take_for_history(&self) -> Result<Quotas, Problem> {
        let project = self.project();
        let limit = project.rate_limit.map_or(HISTORY_LIMIT, |own| own.stricter_with(HISTORY_LIMIT));
        let request = BucketRequest::new(self.route, BucketKind::Project, project.id, limit);
        self.backend.limiter.take([request]).await
    }

    /// Takes a token from the bucket for audit records about refused calls. All routes share this bucket.
    pub(super) async fn take_for_refusal(&self) -> Result<Quotas, Problem> {
        let request = BucketRequest::new("projects", BucketKind::Refusal, self.project().id, REFUSAL_LIMIT);
        self.backend.limiter.take([request]).await
    }

    async fn take_both(&self, kind: BucketKind, id: &str, limit: RateLimit) -> Result<Quotas, Problem> {
        let id_hash = self.backend.devices.hash(self.project().id, id);
        let narrower = BucketRequest::new(self.route, kind, id_hash, limit);
        self.backend.limiter.take([narrower, self.project_request()]).await
    }

    fn project_request(&self) -> BucketRequest {
        let project = self.project();
        let limit = project.rate_limit.unwrap_or(PROJECT_LIMIT);
        BucketRequest::new(self.route, BucketKind::Project, project.id, limit)
    }
}
