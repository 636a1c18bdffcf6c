//! `/admin/v1/entities`: customers, organizations and accounts, their status and switches (F1, F2, A4).

/// The endpoint.
pub type App = admin_api::Http<admin::Entities>;
