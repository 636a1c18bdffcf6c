//! The rate limits of window S (S10).

use model::RateLimit;

use crate::problem::Problem;
use crate::rate_limit::{BucketKind, BucketRequest, Quotas};
use crate::signed::session::ProjectSession;

/// Calls for one user, unless the project sets its own limit.
const USER_LIMIT: RateLimit = RateLimit::per_minute(120);
/// Tries of one event, whatever the project sets. An event works once; a call that failed may be tried again.
const EVENT_LIMIT: RateLimit = RateLimit::per_minute(5);
/// Calls for one project, unless it sets its own limit.
const PROJECT_LIMIT: RateLimit = RateLimit::per_minute(6000);
/// Reads of a project's history, whatever the project sets. Each of them reads some thousand items.
const HISTORY_LIMIT: RateLimit = RateLimit::per_minute(60);
/// Audit records about refused calls of a project. Without this limit, anybody could fill the audit log.
const REFUSAL_LIMIT: RateLimit = RateLimit::per_hour(10);

impl ProjectSession<'_> {
    /// Takes a token from the project's bucket.
    ///
    /// # Errors
    /// [`Code::QuotaExceeded`](crate::Code::QuotaExceeded), or
    /// [`Code::TemporarilyUnavailable`](crate::Code::TemporarilyUnavailable).
    pub async fn take(&self) -> Result<Quotas, Problem> {
        self.projects.limiter.take([self.project_request()], self.now).await
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

    /// Takes a token from the event's bucket, and from the project's. The event is signed; the caller could change
    /// everything else in the call each time.
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
        self.projects.limiter.take([request], self.now).await
    }

    /// Takes a token from the bucket for audit records about refused calls. It is one bucket for all routes.
    pub(super) async fn take_for_refusal(&self) -> Result<Quotas, Problem> {
        let request = BucketRequest::new("projects", BucketKind::Refusal, self.project().id, REFUSAL_LIMIT);
        self.projects.limiter.take([request], self.now).await
    }

    async fn take_both(&self, kind: BucketKind, id: &str, limit: RateLimit) -> Result<Quotas, Problem> {
        let id_hash = self.projects.devices.hash(self.project().id, id);
        let narrower = BucketRequest::new(self.route, kind, id_hash, limit);
        self.projects.limiter.take([narrower, self.project_request()], self.now).await
    }

    fn project_request(&self) -> BucketRequest {
        let project = self.project();
        let limit = project.rate_limit.unwrap_or(PROJECT_LIMIT);
        BucketRequest::new(self.route, BucketKind::Project, project.id, limit)
    }
}
