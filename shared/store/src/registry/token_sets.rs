//! Token sets of a project. They are stored in the project's item, and their secrets are sealed for it (X1).

use model::{Name, ProjectId, Scheme, Timestamp, TokenSecrets, TokenSet};

use crate::dynamodb::key;
use crate::error::StoreError;
use crate::registry::Registry;

impl Registry {
    /// Makes a token set for a project. Stores nothing.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] if the secrets cannot be sealed.
    pub fn new_token_set(
        &self,
        project: ProjectId,
        (name, scheme): (Name, Scheme),
        secrets: &TokenSecrets,
        now: Timestamp,
    ) -> Result<TokenSet, StoreError> {
        let place = key::project(project).place();
        let set = TokenSet::new(name, scheme, secrets, (&*self.keys.data_keys(), &place), now);
        set.map_err(StoreError::damaged("make token set"))
    }

    /// Opens the secrets of a token set.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] if they do not open.
    pub fn open_token_secrets(&self, project: ProjectId, set: &TokenSet) -> Result<TokenSecrets, StoreError> {
        let secrets = set.reveal(&self.keys.data_keys(), &key::project(project).place());
        secrets.map_err(StoreError::damaged("open token set"))
    }

    /// Returns a copy of a token set with `secrets` in place of its own. Stores nothing.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] if the secrets cannot be sealed.
    pub fn with_new_secrets(
        &self,
        project: ProjectId,
        set: &TokenSet,
        secrets: &TokenSecrets,
    ) -> Result<TokenSet, StoreError> {
        let sealed = secrets.seal(set.id, &self.keys.data_keys(), &key::project(project).place());
        let secrets = sealed.map_err(StoreError::damaged("seal token set"))?;
        Ok(TokenSet { secrets, ..set.clone() })
    }
}
