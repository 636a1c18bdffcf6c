//! `/admin/v1/entities/{entity_id}/partners/{partner_id}/sites`: the sites of a partner, their signing secrets shown
//! once (V3, V5, V9, A4).

/// The endpoint.
pub type App = admin_api::Http<admin::Sites>;
