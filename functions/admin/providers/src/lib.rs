//! `/admin/v1/entities/{entity_id}/providers`: secure anonymous token providers (F7, A4).

/// The endpoint.
pub type App = admin_api::Http<admin::Providers>;
