//! The operations that all collections of resources have.

use model::{EntityId, Moment, Patch, SecretVersion, Timestamp};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use store::{Cursor, Page, PageLimit};

use crate::{Error, Idempotency, Outcome, Result, Session};

/// A collection of resources of one kind, such as the sites of a partner.
pub trait Collection: std::fmt::Debug + Sized + 'static {
    /// The name of its function.
    const NAME: &'static str;

    /// The name of the filter by entity, if its list has one.
    const LIST_FILTER: Option<&'static str> = None;

    /// Whether its resources have a secret that rotates.
    const ROTATES: bool = false;

    /// Whether a new resource has a `key_file` that can be downloaded alone.
    const HAS_KEY_FILE: bool = false;

    /// The path of what contains the collection.
    type Parent: Send + Sync;
    /// The id of a resource in the collection.
    type Id: Send + Sync;
    /// The fields of a new resource.
    type Creation: DeserializeOwned + Send;
    /// The fields that can be changed.
    type Update: DeserializeOwned + Send;
    /// A resource in a list, or after a change.
    type View: Serialize + Send;
    /// A resource that is read alone.
    type Details: Serialize + Send;
    /// A new resource, or one with a new secret. It shows the secret, which no other operation does.
    type Created: Serialize + Send;

    /// Reads one page of the list.
    fn list(
        session: &Session<'_>,
        parent: Self::Parent,
        listing: &Listing,
    ) -> impl Future<Output = Result<Page<Self::View>>> + Send;

    /// Creates a resource.
    fn create(
        session: &Session<'_>,
        parent: Self::Parent,
        input: Self::Creation,
        idempotency: Option<&Idempotency>,
    ) -> impl Future<Output = Result<Outcome<Self::Created>>> + Send;

    /// Reads a resource.
    fn show(
        session: &Session<'_>,
        parent: Self::Parent,
        id: Self::Id,
    ) -> impl Future<Output = Result<Versioned<Self::Details>>> + Send;

    /// Changes a resource. Refused if it is not at `expected_version`.
    fn update(
        session: &Session<'_>,
        parent: Self::Parent,
        id: Self::Id,
        input: Self::Update,
        expected_version: Option<u64>,
    ) -> impl Future<Output = Result<Versioned<Self::View>>> + Send;

    /// Deletes a resource. Refused if it is not at `expected_version`.
    fn delete(
        session: &Session<'_>,
        parent: Self::Parent,
        id: Self::Id,
        expected_version: Option<u64>,
    ) -> impl Future<Output = Result<()>> + Send;

    /// Replaces the secret of a resource, in collections whose resources have one ([`ROTATES`](Self::ROTATES)).
    fn rotate(
        _session: &Session<'_>,
        _parent: Self::Parent,
        _id: Self::Id,
        _input: Rotation,
        _expected_version: Option<u64>,
        _idempotency: Option<&Idempotency>,
    ) -> impl Future<Output = Result<Outcome<Self::Created>>> + Send {
        std::future::ready(Err(Error::not_found()))
    }
}

/// Which part of a list to read.
#[derive(Debug, Clone, Default)]
pub struct Listing {
    /// The maximum number of items on the page.
    pub limit: PageLimit,
    /// Where the page begins.
    pub cursor: Option<Cursor>,
    /// The entity to filter by, if the list has such a filter.
    pub entity: Option<EntityId>,
}

/// A resource at a version.
#[derive(Debug, Clone)]
pub struct Versioned<T> {
    /// The resource.
    pub item: T,
    /// The number of its changes, which is its ETag.
    pub version: u64,
}

/// How a secret is rotated.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Rotation {
    /// When the old secret ends. By default in 24 hours.
    pub valid_until: Patch<Moment>,
}

impl Rotation {
    pub(crate) fn end(&self) -> Option<Timestamp> {
        self.valid_until.value().map(Timestamp::from)
    }

    pub(crate) fn changes(&self) -> serde_json::Value {
        serde_json::json!({ "valid_until": self.valid_until.value() })
    }
}

/// A version of a secret, without the secret.
#[derive(Debug, Clone, Serialize)]
pub struct SecretVersionView {
    /// When it was made.
    pub created_at: Moment,
    /// When it ends; the newest version has no end.
    pub valid_until: Option<Moment>,
}

impl From<&SecretVersion> for SecretVersionView {
    fn from(version: &SecretVersion) -> Self {
        Self { created_at: version.created_at.into(), valid_until: version.valid_until.map(Moment::from) }
    }
}
