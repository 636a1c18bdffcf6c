//! What all kinds of resources have in common.

use model::{EntityId, Moment, Patch, SecretVersion, Timestamp};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use store::{Cursor, Page, PageLimit};

use crate::{Error, Idempotency, Outcome, Result, Session};

/// A kind of resource, and what an administrator does with it.
pub trait Collection: std::fmt::Debug + Sized + 'static {
    /// Its name in the plural.
    const NAME: &'static str;

    /// What its list calls the entity it is filtered by, if it can be filtered.
    const LIST_FILTER: Option<&'static str> = None;

    /// Whether it has a secret that rotates.
    const ROTATES: bool = false;

    /// Whether a new one comes with a `key_file` that can be downloaded by itself.
    const HAS_KEY_FILE: bool = false;

    /// What contains it.
    type Parent: Send + Sync;
    /// What names one of them within its parent.
    type Id: Send + Sync;
    /// The fields of a new one.
    type Creation: DeserializeOwned + Send;
    /// The fields that can be changed.
    type Update: DeserializeOwned + Send;
    /// One of them in a list, or after a change.
    type View: Serialize + Send;
    /// One of them by itself.
    type Details: Serialize + Send;
    /// A new one, or one with a new secret, which is shown only this once.
    type Created: Serialize + Send;

    /// One page of them.
    fn list(
        session: &Session<'_>,
        parent: Self::Parent,
        listing: &Listing,
    ) -> impl Future<Output = Result<Page<Self::View>>> + Send;

    /// Creates one.
    fn create(
        session: &Session<'_>,
        parent: Self::Parent,
        input: Self::Creation,
        idempotency: Option<&Idempotency>,
    ) -> impl Future<Output = Result<Outcome<Self::Created>>> + Send;

    /// One of them.
    fn show(
        session: &Session<'_>,
        parent: Self::Parent,
        id: Self::Id,
    ) -> impl Future<Output = Result<Versioned<Self::Details>>> + Send;

    /// Changes one; only if it is at the expected version, if there is one.
    fn update(
        session: &Session<'_>,
        parent: Self::Parent,
        id: Self::Id,
        input: Self::Update,
        expected_version: Option<u64>,
    ) -> impl Future<Output = Result<Versioned<Self::View>>> + Send;

    /// Deletes one; only if it is at the expected version, if there is one.
    fn delete(
        session: &Session<'_>,
        parent: Self::Parent,
        id: Self::Id,
        expected_version: Option<u64>,
    ) -> impl Future<Output = Result<()>> + Send;

    /// Replaces its secret by a new one, if it [`ROTATES`](Self::ROTATES).
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
    /// How many items a page holds.
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
    /// Counts its changes.
    pub version: u64,
}

/// How a secret is rotated.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Rotation {
    /// When the old secret ends; in 24 hours if it is left out.
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
