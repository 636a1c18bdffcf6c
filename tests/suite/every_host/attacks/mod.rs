//! Attacks over HTTP, one file for each thing that an attacker wants. They run against every host.

mod administer_with_a_caught_signature;
mod detach_a_victims_devices;
mod flood_the_audit_log;
mod impersonate_by_name;
mod lock_out_signed_calls;
mod pass_for_another_site;
mod read_a_victims_devices;
mod replay_a_token_of_an_own_api;
mod smuggle_critical_headers;
mod spoil_an_identitys_history;
mod stretch_a_partners_token;
mod use_a_users_token_on_another_page;
