//! What every host must do.

mod admin_audit;
mod admin_auth;
mod admin_entities;
mod admin_integrations;
mod admin_keys;
mod admin_partners;
mod admin_projects;
mod admin_providers;
mod admin_sites;
mod discovery;
mod oauth_introspection;
mod oauth_revocation;
mod oauth_token;
mod oauth_windows;
mod rate_limits;
mod routes;
mod tenants;
mod verify;
mod window_f;
mod window_f_access;
mod window_f_body;
mod window_k;
mod window_v;
mod window_v_access;
mod window_v_documented;
mod window_v_introspected;
