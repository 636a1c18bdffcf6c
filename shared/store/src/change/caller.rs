//! The conditions of a change on its caller. A caller is authenticated before it is known what it changes. If its rights
//! change between this read and the write, the write must fail: otherwise a key that is being disabled could create its
//! own successor.

use model::{Caller, Lineage, Project};

use crate::dynamodb::key::{self, ItemKey};

/// The items that the rights of a caller depend on, each with the version at which it was read.
#[derive(Debug, Clone)]
pub struct CallerVersions(Vec<(ItemKey, u64)>);

impl CallerVersions {
    /// The versions of an API key, its integration, its entity and the ancestors of the entity.
    #[must_use]
    pub fn of_key(caller: &Caller) -> Self {
        let (key, integration) = (caller.key(), caller.integration());
        let own = [
            (key::api_key(&key.client_id), key.version),
            (key::integration(integration.entity_id, integration.id), integration.version),
        ];
        Self(own.into_iter().chain(of_entities(caller.lineage())).collect())
    }

    /// The versions of a project, its entity and the ancestors of the entity.
    #[must_use]
    pub fn of_project(project: &Project, entity: &Lineage) -> Self {
        let own = (key::project(project.id), project.version);
        Self(std::iter::once(own).chain(of_entities(entity)).collect())
    }

    /// Nothing: the operator changes the table itself, without a key.
    #[must_use]
    pub const fn of_operator() -> Self {
        Self(Vec::new())
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &(ItemKey, u64)> {
        self.0.iter()
    }
}

fn of_entities(entities: &Lineage) -> impl Iterator<Item = (ItemKey, u64)> + '_ {
    entities.iter().map(|entity| (key::entity(entity.id), entity.version))
}
