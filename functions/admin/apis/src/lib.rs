//! `/admin/v1/entities/{entity_id}/apis`: own APIs, their scopes and their routes (A7, A4).

/// The endpoint.
pub type App = admin_api::Http<admin::Apis>;
