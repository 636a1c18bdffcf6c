//! Attacks that need a booth of their own: its clock, its DynamoDB or its process. One file for each thing that an
//! attacker wants.

mod destroy_a_living_projects_data;
mod do_more_than_a_narrowed_token_may;
mod do_more_than_a_role_may;
mod fill_the_table;
mod find_a_deleted_users_data;
mod find_a_person_in_the_audit_log;
mod flood_with_erasures;
mod forge_the_source_address;
mod hold_connections_open;
mod open_a_copied_table;
mod outlive_a_disabled_key;
#[cfg(unix)]
mod read_the_data_key_file;
mod read_the_table_from_a_web_page;
mod rewrite_the_audit_log;
mod starve_anothers_erasure;
mod use_an_old_data_key;
mod use_what_ended_before_a_restore;
