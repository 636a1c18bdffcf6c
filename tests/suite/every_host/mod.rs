//! What every host must do.

mod admin_audit;
mod admin_auth;
mod admin_entities;
mod admin_integrations;
mod admin_keys;
mod admin_projects;
mod admin_providers;
mod discovery;
mod rate_limits;
mod routes;
mod tenants;
mod verify;
mod window_f;
mod window_f_access;
mod window_f_body;
mod window_k;
mod window_s;
mod window_s_devices;
mod window_s_history;
mod window_s_identify;
mod window_s_tokens;
