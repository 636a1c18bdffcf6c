//! `/admin/v1/entities/{entity_id}/partners`: partners, whose sites anonymous devices visit (V1, V8, A4).

/// The endpoint.
pub type App = admin_api::Http<admin::Partners>;
