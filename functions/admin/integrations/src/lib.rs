//! `/admin/v1/entities/{entity_id}/integrations`: API integrations and their grants (F3, A4).

/// The endpoint.
pub type App = admin_api::Http<admin::Integrations>;
