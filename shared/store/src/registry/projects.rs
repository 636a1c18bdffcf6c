//! Projects, found by their id, by their client id, and by their API secret's hash (X1, S2).

use crypto::{Prefix, Secret};
use model::{ClientId, EntityId, Project, ProjectId, SecretVersion, Timestamp};
use serde::{Deserialize, Serialize};

use crate::dynamodb::key;
use crate::dynamodb::page::{Cursor, List, Page, PageLimit};
use crate::dynamodb::table::{Item, from_item};
use crate::dynamodb::transaction::{Claim, Transaction};
use crate::error::{Refusal, StoreError, WriteError};
use crate::open_secrets::new_secret;
use crate::registry::{Change, Registry};

/// Whose a client id or an API secret is, and what must be read with it. None of it ever changes.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ProjectOwner {
    /// The project.
    pub project_id: ProjectId,
    /// Its entity.
    pub entity_id: EntityId,
    /// The entity's ancestors.
    pub ancestors: Vec<EntityId>,
    /// When an API secret that has been rotated ends, and this with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<i64>,
}

impl Registry {
    /// A new API secret of the project, not stored yet, and itself, to be shown once.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] if there is no randomness or it cannot be sealed.
    pub fn new_api_secret(
        &self,
        project: ProjectId,
        now: Timestamp,
    ) -> Result<(SecretVersion, Secret), StoreError> {
        new_secret(&self.data_key, Prefix::ApiSecret, &key::project(project), now)
    }

    /// A new client id.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] if there is no randomness.
    pub fn new_client_id(&self) -> Result<ClientId, StoreError> {
        ClientId::generate().map_err(StoreError::damaged("make client id"))
    }

    /// The project, as it is now.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn project(&self, id: ProjectId) -> Result<Option<Project>, StoreError> {
        self.table.read(&key::project(id), "read project").await
    }

    /// The projects of `entity`, in the order they were made.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn projects(
        &self,
        entity: EntityId,
        from: Option<&Cursor>,
        limit: PageLimit,
    ) -> Result<Page<Project>, StoreError> {
        const WHAT: &str = "list projects";
        let list = List { pk: key::of_entity(entity), prefix: key::PROJECT.to_owned(), newest_first: false };
        let page = self.table.page(&list, from, limit, WHAT).await?;
        let claims = page.try_map(|item: Item| from_item::<Claim>(item, WHAT))?;
        let places = claims.items.iter().map(|claim| claim.id.parse().map(key::project));
        let places = places.collect::<Result<Vec<_>, _>>().map_err(StoreError::damaged(WHAT))?;
        let items = self.table.read_many(&places, WHAT).await?;
        let projects =
            items.into_iter().map(|item| from_item(item, WHAT)).collect::<Result<Vec<Project>, _>>();
        let mut projects = projects?;
        projects.sort_by_key(|project| project.id.to_string());
        Ok(Page { items: projects, next: claims.next })
    }

    /// A new project.
    ///
    /// # Errors
    /// [`Refusal::NameTaken`], [`Refusal::Gone`] (the entity), or [`StoreError`].
    pub async fn create_project(&self, new: &Project, change: &Change) -> Result<(), WriteError> {
        let mut transaction = self.begin("create project", change)?;
        let name = key::project_name(new.entity_id, &new.name);
        transaction.create(&name, &Claim::by(new.id), Refusal::NameTaken)?;
        transaction.count(&key::dependents(new.entity_id), 1, None)?;
        transaction.create(&key::project(new.id), new, Refusal::Stale)?;
        transaction.create(&key::project_of(new.entity_id, new.id), &Claim::by(new.id), Refusal::Stale)?;
        let by_client = key::project_of_client(&new.client_id);
        transaction.create(&by_client, &owner(new, None), Refusal::Stale)?;
        point_secrets(&mut transaction, new)?;
        transaction.commit().await
    }

    /// `old` becomes `new`, its secrets as they are.
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
        transaction.replace(&key::project(old.id), new, old.version)?;
        if old.name.folded() != new.name.folded() {
            let name = key::project_name(old.entity_id, &new.name);
            transaction.create(&name, &Claim::by(new.id), Refusal::NameTaken)?;
            transaction.drop_item(&key::project_name(old.entity_id, &old.name))?;
        }
        transaction.commit().await
    }

    /// `old` becomes `new`, which has another API secret (S2).
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
        transaction.replace(&key::project(old.id), new, old.version)?;
        let stays = |it: &SecretVersion| new.secrets.iter().any(|kept| kept.digest == it.digest);
        for ended in old.secrets.iter().filter(|it| !stays(it)) {
            transaction.drop_item(&key::project_of_secret(&ended.digest))?;
        }
        point_secrets(&mut transaction, new)?;
        transaction.commit().await
    }

    /// The project goes, and with it its client id and its API secrets.
    ///
    /// # Errors
    /// [`Refusal::Stale`], or [`StoreError`].
    pub async fn delete_project(&self, old: &Project, change: &Change) -> Result<(), WriteError> {
        let mut transaction = self.begin("delete project", change)?;
        transaction.delete(&key::project(old.id), old.version)?;
        transaction.drop_item(&key::project_of(old.entity_id, old.id))?;
        transaction.drop_item(&key::project_name(old.entity_id, &old.name))?;
        transaction.drop_item(&key::project_of_client(&old.client_id))?;
        for version in old.secrets.iter() {
            transaction.drop_item(&key::project_of_secret(&version.digest))?;
        }
        transaction.count(&key::dependents(old.entity_id), -1, None)?;
        transaction.commit().await
    }
}

/// Every API secret leads to its project until it ends.
fn point_secrets(transaction: &mut Transaction<'_>, project: &Project) -> Result<(), StoreError> {
    for version in project.secrets.iter() {
        let leads = owner(project, version.valid_until.map(Timestamp::as_second));
        transaction.set(&key::project_of_secret(&version.digest), &leads)?;
    }
    Ok(())
}

fn owner(project: &Project, expires_at: Option<i64>) -> ProjectOwner {
    let (entity_id, ancestors) = (project.entity_id, project.ancestors.clone());
    ProjectOwner { project_id: project.id, entity_id, ancestors, expires_at }
}
