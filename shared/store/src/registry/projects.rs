//! Projects. They are found by id, by client id, and by the hash of an API secret (X1, S2).

use crypto::{Prefix, Secret};
use model::{ClientId, EntityId, Erased, Project, ProjectId, SecretVersion, Timestamp};
use serde::{Deserialize, Serialize};

use crate::change::Change;
use crate::dynamodb::cursor::Cursor;
use crate::dynamodb::key;
use crate::dynamodb::page::{Page, PageLimit};
use crate::dynamodb::transaction::Transaction;
use crate::erasure::request_erasure;
use crate::error::{ListError, Refusal, StoreError, WriteError};
use crate::open_secrets::new_secret;
use crate::registry::Registry;

/// A pointer from a client id or an API secret to the project and its owners. It never changes.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ProjectOwner {
    /// The project.
    pub project_id: ProjectId,
    /// The entity of the project.
    pub entity_id: EntityId,
    /// The ancestors of the entity.
    pub ancestors: Vec<EntityId>,
    /// When a rotated API secret ends, and TTL deletes this pointer.
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<i64>,
}

impl ProjectOwner {
    fn of(project: &Project, valid_until: Option<Timestamp>) -> Self {
        Self {
            project_id: project.id,
            entity_id: project.entity_id,
            ancestors: project.ancestors.clone(),
            expires_at: valid_until.map(Timestamp::as_second),
        }
    }
}

impl Registry {
    /// Makes an API secret for a project. Returns its stored form and the secret itself. Stores nothing.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] if there is no randomness or the secret cannot be sealed.
    pub fn new_api_secret(
        &self,
        project: ProjectId,
        now: Timestamp,
    ) -> Result<(SecretVersion, Secret), StoreError> {
        new_secret(&self.keys.data_keys(), Prefix::ApiSecret, &key::project(project), now)
    }

    /// Makes a client id.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] if there is no randomness.
    pub fn new_client_id(&self) -> Result<ClientId, StoreError> {
        ClientId::generate().map_err(StoreError::damaged("make client id"))
    }

    /// Reads a project.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn project(&self, id: ProjectId) -> Result<Option<Project>, StoreError> {
        self.table.read(&key::project(id), "read project").await
    }

    /// Reads one page of the projects of `entity`, in the order of their creation.
    ///
    /// # Errors
    /// [`ListError`].
    pub async fn projects(
        &self,
        entity: EntityId,
        cursor: Option<&Cursor>,
        limit: PageLimit,
    ) -> Result<Page<Project>, ListError> {
        let item_key = |id: &str| id.parse().map(key::project);
        self.page_of_claimed(&key::projects(entity), cursor, limit, item_key, "list projects").await
    }

    /// Stores a new project.
    ///
    /// # Errors
    /// [`Refusal::NameTaken`], [`Refusal::Gone`] (the entity), or [`StoreError`].
    pub async fn create_project(&self, new: &Project, change: &Change) -> Result<(), WriteError> {
        let mut transaction = self.begin("create project", change)?;
        transaction.claim_name(&key::project_name(new.entity_id, &new.name), new.id)?;
        transaction.increment(&key::entity_dependents(new.entity_id))?;
        transaction.create(&key::project(new.id), new, Refusal::Stale)?;
        transaction.add_to_list(&key::project_entry(new.entity_id, new.id), new.id)?;
        let owner = ProjectOwner::of(new, None);
        transaction.create(&key::project_of_client(&new.client_id), &owner, Refusal::Stale)?;
        put_secret_pointers(&mut transaction, new)?;
        transaction.commit().await
    }

    /// Replaces `old` by `new`, which has the same API secrets.
    ///
    /// # Errors
    /// [`Refusal::Stale`], [`Refusal::NameTaken`], or [`StoreError`].
    pub async fn replace_project(
        &self,
        old: &Project,
        new: &Project,
        change: &Change,
    ) -> Result<(), WriteError> {
        let mut transaction = self.begin("change project", change)?;
        transaction.replace_version(&key::project(old.id), new, old.version)?;
        if old.name != new.name {
            let old_name = self.stored_name(key::project_name(old.entity_id, &old.name)).await?;
            transaction.rename_claim(&old_name, &key::project_name(old.entity_id, &new.name), new.id)?;
        }
        transaction.commit().await
    }

    /// Replaces `old` by `new`, which has another API secret (S2).
    ///
    /// # Errors
    /// [`Refusal::Stale`], or [`StoreError`].
    pub async fn rotate_api_secret(
        &self,
        old: &Project,
        new: &Project,
        change: &Change,
    ) -> Result<(), WriteError> {
        let mut transaction = self.begin("rotate API secret", change)?;
        transaction.replace_version(&key::project(old.id), new, old.version)?;
        let is_kept = |secret: &SecretVersion| new.secrets.iter().any(|kept| kept.digest == secret.digest);
        for dropped in old.secrets.iter().filter(|secret| !is_kept(secret)) {
            transaction.delete(&key::project_of_secret(&dropped.digest))?;
        }
        put_secret_pointers(&mut transaction, new)?;
        transaction.commit().await
    }

    /// Deletes a project with its client id and its API secrets, and requests the erasure of what is stored for its users.
    ///
    /// # Errors
    /// [`Refusal::Stale`], or [`StoreError`].
    pub async fn delete_project(&self, old: &Project, change: &Change) -> Result<(), WriteError> {
        let mut transaction = self.begin("delete project", change)?;
        transaction.delete_version(&key::project(old.id), old.version)?;
        transaction.delete(&key::project_entry(old.entity_id, old.id))?;
        let name = self.stored_name(key::project_name(old.entity_id, &old.name)).await?;
        transaction.release_name(&name)?;
        transaction.delete(&key::project_of_client(&old.client_id))?;
        for secret in old.secrets.iter() {
            transaction.delete(&key::project_of_secret(&secret.digest))?;
        }
        transaction.decrement(&key::entity_dependents(old.entity_id))?;
        let erased = Erased::Project { project_id: old.id };
        request_erasure(&mut transaction, (erased, Some(old.entity_id)), change)?;
        transaction.commit().await
    }
}

/// Writes a pointer for each API secret of the project.
fn put_secret_pointers(transaction: &mut Transaction<'_>, project: &Project) -> Result<(), StoreError> {
    for secret in project.secrets.iter() {
        let owner = ProjectOwner::of(project, secret.valid_until);
        transaction.put(&key::project_of_secret(&secret.digest), &owner)?;
    }
    Ok(())
}
