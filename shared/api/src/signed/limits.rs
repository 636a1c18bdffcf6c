//! The rate limits of window S (S10, S11).

use std::net::IpAddr;

use model::{RateLimit, Unsigned};

use crate::auth::ProjectProof;
use crate::problem::Problem;
use crate::rate_limit::{BucketKind, BucketRequest, Quotas};
use crate::request::origin::source_ip;
use crate::signed::session::ProjectSession;

/// The limit for calls for one user, unless the project has its own.
const USER_LIMIT: RateLimit = RateLimit::per_minute(120);
/// The limit for calls with one event. Projects cannot change it. An event works once, but a failed call may be repeated.
const EVENT_LIMIT: RateLimit = RateLimit::per_minute(5);
/// The limit for calls for one project, unless it has its own.
const PROJECT_LIMIT: RateLimit = RateLimit::per_minute(6000);
/// The limit for reads of a project's history. Projects cannot raise it, because each read may read thousands of items.
const HISTORY_LIMIT: RateLimit = RateLimit::per_minute(60);
/// The limit for unsigned calls for one project, and for those of one source address, unless the project has its own (S11).
const UNSIGNED_LIMIT: RateLimit = RateLimit::per_minute(60);
/// The limit for notices about refused calls of a project: for those whose token the project signed, and for all others. Without
/// it, anybody could fill the table.
const REFUSAL_LIMIT: RateLimit = RateLimit::per_hour(10);

/// The name of the buckets of unsigned calls, in place of a route.
const UNSIGNED_ROUTE: &str = "projects";

impl ProjectSession<'_> {
    /// Takes a token from the buckets of unsigned calls: of the source address, and of the project. All routes share these
    /// buckets, and signed calls do not use them (S11).
    ///
    /// # Errors
    /// [`Code::QuotaExceeded`](crate::Code::QuotaExceeded), or
    /// [`Code::TemporarilyUnavailable`](crate::Code::TemporarilyUnavailable).
    pub async fn take_unsigned(&self) -> Result<Quotas, Problem> {
        let project = self.project();
        let limit = project.unsigned_rate_limit.unwrap_or(UNSIGNED_LIMIT);
        let source = source_network(source_ip(self.request).unwrap_or_default());
        let source_hash = self.backend.devices.hash_source(project.id, &source);
        let of_source = BucketRequest::new(UNSIGNED_ROUTE, BucketKind::UnsignedSource, source_hash, limit);
        let of_project = BucketRequest::new(UNSIGNED_ROUTE, BucketKind::UnsignedProject, project.id, limit);
        self.backend.limiter.take([of_source, of_project]).await
    }

    /// Takes a token from the user's bucket, and from the project's; for an unsigned call, from the buckets of unsigned
    /// calls.
    ///
    /// # Errors
    /// As [`take_unsigned`](Self::take_unsigned).
    pub async fn take_for_user(&self, user: &str, unsigned: Option<Unsigned>) -> Result<Quotas, Problem> {
        if unsigned.is_some() {
            return self.take_unsigned().await;
        }
        let limit = self.project().user_rate_limit.unwrap_or(USER_LIMIT);
        self.take_both(BucketKind::User, user, limit).await
    }

    /// Takes a token from the bucket of the user that the signed token names, and from the project's; for an unsigned call,
    /// from the buckets of unsigned calls. The caller of an identification chooses everything but the token.
    ///
    /// # Errors
    /// As [`take_unsigned`](Self::take_unsigned).
    pub async fn take_for_token(&self) -> Result<Quotas, Problem> {
        match &self.caller.proof {
            ProjectProof::Signed(claims) => self.take_for_user(&claims.user, None).await,
            ProjectProof::Secret | ProjectProof::Unsigned(..) => self.take_unsigned().await,
        }
    }

    /// Takes a token from the event's bucket, and from the project's. Only the event is signed, so a caller could change
    /// everything else in each call.
    ///
    /// # Errors
    /// As [`take_unsigned`](Self::take_unsigned).
    pub async fn take_for_event(&self, event: &str) -> Result<Quotas, Problem> {
        self.take_both(BucketKind::Event, event, EVENT_LIMIT).await
    }

    /// Takes a token from the project's bucket for its history (S8).
    ///
    /// # Errors
    /// As [`take_unsigned`](Self::take_unsigned).
    pub async fn take_for_history(&self) -> Result<Quotas, Problem> {
        let project = self.project();
        let limit = project.rate_limit.map_or(HISTORY_LIMIT, |own| own.stricter_with(HISTORY_LIMIT));
        let request = BucketRequest::new(self.route, BucketKind::Project, project.id, limit);
        self.backend.limiter.take([request]).await
    }

    /// Takes a token from the bucket for notices about refused calls. All routes share this bucket. Calls whose token the
    /// project signed have a bucket of their own: anybody can use up the one of other calls.
    pub(super) async fn take_for_refusal(&self) -> Result<Quotas, Problem> {
        let kind = match self.caller.proof.signed_claims() {
            Some(_) => BucketKind::SignedRefusal,
            None => BucketKind::Refusal,
        };
        let request = BucketRequest::new("projects", kind, self.project().id, REFUSAL_LIMIT);
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

/// The part of a source address that one caller has: all of an IPv4 address, and the first 64 bits of an IPv6 address.
fn source_network(address: &str) -> String {
    match address.parse::<IpAddr>().map(|address| address.to_canonical()) {
        Ok(IpAddr::V6(address)) => format!("{:x}", address.to_bits() >> 64),
        Ok(IpAddr::V4(address)) => address.to_string(),
        Err(_) => address.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s11_an_ipv6_caller_cannot_get_a_limit_for_each_of_its_addresses() {
        let same = |one: &str, other: &str| source_network(one) == source_network(other);
        assert!(same("2001:db8:1:2::1", "2001:db8:1:2:ffff::9"));
        assert!(!same("2001:db8:1:2::1", "2001:db8:1:3::1"));
        assert!(!same("192.0.2.1", "192.0.2.2"));
        assert!(!same("::ffff:192.0.2.1", "::ffff:192.0.2.2"), "IPv4 in IPv6");
    }
}
