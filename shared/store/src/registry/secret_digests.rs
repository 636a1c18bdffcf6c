//! Finds the owner of a client secret or a site secret by its hash, so that a leaked secret can be disabled.

use model::{ClientId, SecretVersion, Secrets, SiteId};
use serde::{Deserialize, Serialize};

use crate::dynamodb::key;
use crate::dynamodb::transaction::Transaction;
use crate::error::StoreError;

/// The owner of a secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SecretOwner {
    kind: SecretKind,
    /// The client id of the API key, or the id of the site.
    id: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum SecretKind {
    ApiKey,
    Site,
}

impl SecretOwner {
    pub(crate) fn api_key(id: &ClientId) -> Self {
        Self { kind: SecretKind::ApiKey, id: id.to_string() }
    }

    pub(crate) fn site(id: SiteId) -> Self {
        Self { kind: SecretKind::Site, id: id.to_string() }
    }
}

impl Transaction<'_> {
    /// Stores the owner of the secret with the hash `digest`.
    pub(crate) fn put_secret_digest(&mut self, digest: &str, owner: &SecretOwner) -> Result<(), StoreError> {
        self.put(&key::secret_digest(digest), owner)
    }

    /// Deletes the owner of the secret with the hash `digest`.
    pub(crate) fn delete_secret_digest(&mut self, digest: &str) -> Result<(), StoreError> {
        self.delete(&key::secret_digest(digest))
    }

    /// Stores the owner of the secrets in `new` that `old` does not have, and deletes the owner of those that only `old` has.
    pub(crate) fn change_secret_digests(
        &mut self,
        old: &Secrets,
        new: &Secrets,
        owner: &SecretOwner,
    ) -> Result<(), StoreError> {
        for dropped in without(old, new) {
            self.delete_secret_digest(&dropped.digest)?;
        }
        without(new, old).try_for_each(|added| self.put_secret_digest(&added.digest, owner))
    }
}

/// The versions in `secrets` that `others` does not have.
fn without<'s>(secrets: &'s Secrets, others: &'s Secrets) -> impl Iterator<Item = &'s SecretVersion> {
    secrets.iter().filter(|secret| others.iter().all(|other| other.digest != secret.digest))
}
