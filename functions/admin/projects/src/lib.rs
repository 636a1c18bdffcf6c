//! `/admin/v1/entities/{entity_id}/projects`: projects, their settings, and their API secrets, shown once (S1, S2, A4).

/// The endpoint.
pub type App = admin_api::Http<admin::Projects>;
