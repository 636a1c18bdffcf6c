//! `/admin/v1/entities/{entity_id}/integrations/{integration_id}/keys`: the keys of an integration, their secrets
//! shown once (F4, F6, K1, A4).

/// The endpoint.
pub type App = admin_api::Http<admin::ApiKeys>;
