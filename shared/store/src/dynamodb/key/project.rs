//! Projects, which windows S and X share.

use model::{ClientId, EntityId, Name, ProjectId};

use super::tenancy::entity_partition;
use super::{ItemKey, List, NameKeys};

pub(crate) fn project(id: ProjectId) -> ItemKey {
    ItemKey::new(format!("project#{id}"), "project")
}

pub(crate) fn projects(entity: EntityId) -> List {
    List::with_prefix(entity_partition(entity), "project#")
}

pub(crate) fn project_entry(entity: EntityId, id: ProjectId) -> ItemKey {
    projects(entity).item_at(&id.to_string())
}

pub(crate) fn project_name(entity: EntityId, name: &Name) -> NameKeys {
    NameKeys::new(&entity_partition(entity), ["project-name#", "project-look#"], name)
}

pub(crate) fn project_of_client(id: &ClientId) -> ItemKey {
    ItemKey::new(format!("client#{id}"), "project")
}

pub(crate) fn project_of_secret(digest: &str) -> ItemKey {
    ItemKey::new(format!("secret#{digest}"), "project")
}
