//! What a request takes tokens from.

use model::RateLimit;
use store::Bucket;

/// The kind of caller or resource that a bucket limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BucketKind {
    /// An API key.
    Key,
    /// A provider of window F.
    Provider,
    /// A partner of window V.
    Partner,
    /// A device of window V.
    Device,
    /// A project of windows X and S.
    Project,
    /// A user of a project.
    User,
    /// An event of a project.
    Event,
    /// The unsigned calls for a project.
    UnsignedProject,
    /// The unsigned calls for a project from one source address.
    UnsignedSource,
    /// The notices about refused calls, or about revocations of own tokens.
    Notice,
    /// The notices about a project's refused calls whose token the project did not sign.
    Refusal,
    /// The notices about a project's refused calls whose token the project signed.
    SignedRefusal,
}

impl BucketKind {
    /// Its name in headers and in DynamoDB.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Key => "key",
            Self::Provider => "provider",
            Self::Partner => "partner",
            Self::Device => "device",
            Self::Project => "project",
            Self::User => "user",
            Self::Event => "event",
            Self::UnsignedProject => "unsigned-project",
            Self::UnsignedSource => "unsigned-source",
            Self::Notice => "notice",
            Self::Refusal => "refusal",
            Self::SignedRefusal => "signed-refusal",
        }
    }
}

/// A request for one token of a bucket.
#[derive(Debug)]
pub struct BucketRequest {
    pub(super) bucket: Bucket,
}

impl BucketRequest {
    /// A request for one token of the bucket of `route` for the key, device, … with the id `id`.
    #[must_use]
    pub fn new(route: &'static str, kind: BucketKind, id: impl ToString, limit: RateLimit) -> Self {
        Self { bucket: Bucket { route, kind: kind.name(), id: id.to_string(), limit } }
    }
}
