//! The conditions of a change on its caller. The caller's items are read when it is authenticated, before the transaction. If
//! its rights change between the read and the write, the write must fail: otherwise a key that is being disabled could
//! create its own successor.

use model::{Caller, Lineage, Project, Status};
use serde::Serialize;

use crate::dynamodb::key::{self, ItemKey};

/// The items that the rights of a caller depend on, as they were read.
#[derive(Debug, Clone)]
pub struct CallerItems(Vec<CallerItem>);

/// An item that the rights of a caller depend on.
#[derive(Debug, Clone)]
pub(crate) struct CallerItem {
    pub(crate) key: ItemKey,
    /// The version that was read. A write of the same item must require it.
    pub(crate) version: u64,
    /// What must be as it was read: these attributes of an entity, or `None` for the version. An entity has many callers
    /// below it, and a new name of the entity must not make their changes fail.
    pub(crate) switches: Option<Switches>,
}

/// The attributes of an entity that switch off the callers below it (F1, F2).
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Switches {
    status: Status,
    api_enabled: bool,
}

impl CallerItems {
    /// An API key, its integration, its entity and the ancestors of the entity.
    #[must_use]
    pub fn of_key(caller: &Caller) -> Self {
        let (key, integration) = (caller.key(), caller.integration());
        let own = [
            CallerItem::at_version(key::api_key(&key.client_id), key.version),
            CallerItem::at_version(
                key::integration(integration.entity_id, integration.id),
                integration.version,
            ),
        ];
        Self(own.into_iter().chain(entities(caller.lineage())).collect())
    }

    /// A project, its entity and the ancestors of the entity.
    #[must_use]
    pub fn of_project(project: &Project, entity: &Lineage) -> Self {
        let own = CallerItem::at_version(key::project(project.id), project.version);
        Self(std::iter::once(own).chain(entities(entity)).collect())
    }

    /// Nothing: the operator changes the table itself, without a key.
    #[must_use]
    pub const fn of_operator() -> Self {
        Self(Vec::new())
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &CallerItem> {
        self.0.iter()
    }
}

impl CallerItem {
    fn at_version(key: ItemKey, version: u64) -> Self {
        Self { key, version, switches: None }
    }
}

fn entities(lineage: &Lineage) -> impl Iterator<Item = CallerItem> + '_ {
    lineage.iter().map(|entity| CallerItem {
        key: key::entity(entity.id),
        version: entity.version,
        switches: Some(Switches { status: entity.status, api_enabled: entity.api_enabled }),
    })
}
