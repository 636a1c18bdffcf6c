//! Customers, organizations and accounts, their status and switches (F1, F2).

use model::{
    AuditAction, Entity, EntityId, EntityKind, Level, Moment, Name, Patch, Resource, Scope, Status, Target,
    Timestamp,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::Page;

use crate::session::{check_version, map_write_error};
use crate::update::write_update;
use crate::{Collection, Error, Idempotency, Listing, Outcome, Result, Session, Versioned};

const READ: Scope = Scope(Resource::Entity, Level::Read);
const WRITE: Scope = Scope(Resource::Entity, Level::Write);
const DELETE: Scope = Scope(Resource::Entity, Level::WriteDelete);

/// Entities: the tree of customer, organization and account.
#[derive(Debug)]
pub struct Entities;

/// The fields of a new entity.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "each other field is the one of `model::Entity`")]
pub struct EntityCreation {
    /// The entity it is created under.
    pub parent_id: EntityId,
    pub name: Name,
    /// Its kind, which must be the one that its parent's children have.
    #[serde(default)]
    pub kind: Patch<EntityKind>,
    #[serde(default = "active")]
    pub status: Status,
    #[serde(default = "on")]
    pub api_enabled: bool,
    #[serde(default = "on")]
    pub secure_anonymous_enabled: bool,
}

/// The fields of an entity that can be changed.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
#[expect(missing_docs, reason = "each other field is the one of `model::Entity`")]
pub struct EntityUpdate {
    /// The parent it has; another one is refused.
    #[serde(skip_serializing_if = "Patch::is_keep")]
    pub parent_id: Patch<EntityId>,
    #[serde(skip_serializing_if = "Patch::is_keep")]
    pub name: Patch<Name>,
    #[serde(skip_serializing_if = "Patch::is_keep")]
    pub status: Patch<Status>,
    #[serde(skip_serializing_if = "Patch::is_keep")]
    pub api_enabled: Patch<bool>,
    #[serde(skip_serializing_if = "Patch::is_keep")]
    pub secure_anonymous_enabled: Patch<bool>,
}

/// An entity.
#[derive(Debug, Clone, Serialize)]
#[expect(missing_docs, reason = "each other field is the one of `model::Entity`")]
pub struct EntityView {
    pub id: EntityId,
    pub kind: EntityKind,
    pub name: Name,
    /// The entity above it; none for a customer.
    pub parent_id: Option<EntityId>,
    pub status: Status,
    pub api_enabled: bool,
    pub secure_anonymous_enabled: bool,
    pub created_at: Moment,
    pub updated_at: Moment,
}

impl Collection for Entities {
    const NAME: &'static str = "entities";
    const LIST_FILTER: Option<&'static str> = Some("parent_id");

    /// Entities have no parent in the path: the body of a creation names the parent, and the list is filtered by it.
    type Parent = ();
    type Id = EntityId;
    type Creation = EntityCreation;
    type Update = EntityUpdate;
    type View = EntityView;
    type Details = EntityView;
    type Created = EntityView;

    /// The children of an entity; without one, the entities the caller's grants are on.
    async fn list(session: &Session<'_>, (): (), listing: &Listing) -> Result<Page<EntityView>> {
        let (cursor, limit) = (listing.cursor.as_ref(), listing.limit);
        let page = match listing.entity {
            Some(id) => {
                let parent = session.entity(id, READ).await?;
                session.registry.children(parent.id, cursor, limit).await?
            }
            None => {
                let caller = session.caller.client_id();
                session.registry.granted_entities(caller, readable(session)?, cursor, limit).await?
            }
        };
        Ok(page.map(|entity| view(&entity)))
    }

    async fn create(
        session: &Session<'_>,
        (): (),
        input: EntityCreation,
        idempotency: Option<&Idempotency>,
    ) -> Result<Outcome<EntityView>> {
        let parent = session.entity(input.parent_id, WRITE).await?;
        if let Some(replayed) = session.replayed_answer(idempotency).await? {
            return Ok(replayed);
        }
        let new = input.build(&parent, session.now)?;
        let created = view(&new);
        let target = Target::Entity(new.id);
        let mut change = session.change(AuditAction::Create, target, &new, json!(created));
        let answer = session.first_answer(created, new.version, idempotency, &mut change)?;
        answer.finish(session.registry.create_entity(&new, &change).await).await
    }

    async fn show(session: &Session<'_>, (): (), id: EntityId) -> Result<Versioned<EntityView>> {
        let entity = session.entity(id, READ).await?;
        Ok(Versioned { item: view(&entity), version: entity.version })
    }

    async fn update(
        session: &Session<'_>,
        (): (),
        id: EntityId,
        input: EntityUpdate,
        expected_version: Option<u64>,
    ) -> Result<Versioned<EntityView>> {
        let old = session.entity(id, WRITE).await?;
        check_version(old.version, expected_version)?;
        let changes = json!(input);
        let new = input.apply(&old, session.now)?;
        let change = session.change(AuditAction::Update, Target::Entity(id), &new, changes);
        let write = session.registry.replace_entity(&old, &new, &change);
        let stored = write_update((&old, &new), write, expected_version).await?;
        Ok(Versioned { item: view(stored), version: stored.version })
    }

    async fn delete(
        session: &Session<'_>,
        (): (),
        id: EntityId,
        expected_version: Option<u64>,
    ) -> Result<()> {
        let old = session.entity(id, DELETE).await?;
        check_version(old.version, expected_version)?;
        let change = session.change(AuditAction::Delete, Target::Entity(id), &old, json!({}));
        map_write_error(session.registry.delete_entity(&old, &change).await, expected_version)
    }
}

/// The entities the caller has a grant on that lets it read them.
fn readable(session: &Session<'_>) -> Result<Vec<EntityId>> {
    let ids: Vec<_> = session.caller.entities_with(READ).collect();
    if ids.is_empty() { Err(model::PermissionDenied::InsufficientGrants.into()) } else { Ok(ids) }
}

impl EntityCreation {
    fn build(self, parent: &Entity, now: Timestamp) -> Result<Entity> {
        let Self { parent_id: _, name, kind, status, api_enabled, secure_anonymous_enabled } = self;
        let Some(child_kind) = parent.id.kind().child() else {
            return Err(Error::invalid("parent_id", "an account has nothing below it"));
        };
        if kind.value().is_some_and(|kind| kind != child_kind) {
            return Err(Error::invalid("kind", format!("must be {} under this parent", child_kind.name())));
        }
        let new = Entity::new(child_kind, Some(parent), name, now);
        Ok(Entity { status, api_enabled, secure_anonymous_enabled, ..new })
    }
}

impl EntityUpdate {
    /// An entity cannot get another parent: ids, keys and tokens contain its place in the tree.
    fn apply(self, old: &Entity, now: Timestamp) -> Result<Entity> {
        let Self { parent_id, name, status, api_enabled, secure_anonymous_enabled } = self;
        if parent_id.value().is_some_and(|parent| Some(parent) != old.parent()) {
            return Err(Error::EntityMoved);
        }
        Ok(Entity {
            name: name.or(&old.name),
            status: status.or(&old.status),
            api_enabled: api_enabled.or(&old.api_enabled),
            secure_anonymous_enabled: secure_anonymous_enabled.or(&old.secure_anonymous_enabled),
            version: old.version + 1,
            updated_at: now,
            ..old.clone()
        })
    }
}

fn view(entity: &Entity) -> EntityView {
    EntityView {
        id: entity.id,
        kind: entity.id.kind(),
        name: entity.name.clone(),
        parent_id: entity.parent(),
        status: entity.status,
        api_enabled: entity.api_enabled,
        secure_anonymous_enabled: entity.secure_anonymous_enabled,
        created_at: entity.created_at.into(),
        updated_at: entity.updated_at.into(),
    }
}

const fn active() -> Status {
    Status::Active
}

const fn on() -> bool {
    true
}
