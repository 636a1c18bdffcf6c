//! `/admin/v1/entities/{entity_id}/partners/{partner_id}/keys`: the `x-api-key`s of a partner, each shown once (V2,
//! A4).

/// The endpoint.
pub type App = admin_api::Http<admin::PartnerKeys>;
