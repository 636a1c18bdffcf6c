//! `/admin/v1/entities/{entity_id}/projects/{project_id}/token-sets`: the AES keys of a project's security and user
//! tokens, and how they are used (X1, X5, X9, A4).

/// The endpoint.
pub type App = admin_api::Http<admin::TokenSets>;
