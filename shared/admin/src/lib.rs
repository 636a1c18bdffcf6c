//! The administrative operations, with typed input and output (A4). Each operation checks the caller's permission.
//!
//! This crate does not use HTTP. Each kind of resource has one file with its rules. Every operation takes a [`Session`],
//! which has the caller and the time, and returns a value or an [`Error`].

mod api_grants;
mod api_keys;
mod apis;
mod audit_log;
mod collection;
mod entities;
mod error;
mod idempotency;
mod integrations;
mod partner_keys;
mod partners;
mod paths;
mod projects;
mod provider_api;
mod providers;
mod roles;
mod session;
mod signed_records;
mod sites;
mod token_sets;
mod token_settings;
mod update;
mod users;

pub use api_keys::{ApiKeyCreation, ApiKeyUpdate, ApiKeyView, ApiKeys, NewApiKey};
pub use apis::{ApiCreation, ApiUpdate, ApiView, Apis};
pub use audit_log::{AuditLogPage, AuditRecordView, NoticeView, audit_log, notices};
pub use collection::{Collection, Listing, Rotation, SecretVersionView, Versioned};
pub use entities::{Entities, EntityCreation, EntityUpdate, EntityView};
pub use error::{Error, Result};
pub use idempotency::{Idempotency, IdempotencyKey, InvalidIdempotencyKey, Outcome};
pub use integrations::{IntegrationCreation, IntegrationUpdate, IntegrationView, Integrations};
pub use partner_keys::{NewPartnerKey, PartnerKeyCreation, PartnerKeyUpdate, PartnerKeyView, PartnerKeys};
pub use partners::{PartnerCreation, PartnerUpdate, PartnerView, Partners};
pub use paths::{IntegrationPath, PartnerPath, ProjectPath};
pub use projects::{MeteredProject, NewProject, ProjectCreation, ProjectUpdate, ProjectView, Projects};
pub use providers::{ProviderCreation, ProviderUpdate, ProviderView, Providers};
pub use roles::{RoleView, roles};
pub use session::Session;
pub use signed_records::{
    AccessView, DeviceView, MeteredMonthView, RefusalView, access_history, list_devices, metered_requests,
    refusals,
};
pub use sites::{NewSite, SiteCreation, SiteUpdate, SiteView, Sites};
pub use token_sets::{NewTokenSet, TokenSetCreation, TokenSetUpdate, TokenSetView, TokenSets};
pub use token_settings::{
    SecurityContextUpdate, SecurityTokenRuleUpdate, SettingsDownload, TokenSettingsUpdate, TokenSettingsView,
    TokenWindowUpdate, open_settings_file, show_settings, update_settings,
};
pub use users::{ErasureView, UserErasure, UserView, list_users, user_erasure};
