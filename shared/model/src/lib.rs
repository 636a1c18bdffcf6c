//! The entities of tokenbooth and the rules on them: who may, what is active, what a token says.
//!
//! Pure: no I/O and no clock of its own; the time is an argument.

mod access;
mod api_key;
mod app_key;
mod attached;
mod audit;
mod caller;
mod claims;
mod device;
mod entity;
mod id;
mod integration;
mod metadata;
mod partner;
mod plaintext;
mod plaintext_effort;
mod plaintext_form;
mod plaintext_json;
#[cfg(test)]
mod plaintext_tests;
mod plaintext_xml;
mod profile;
mod project;
mod project_file;
mod provider;
mod rate_limit;
mod role;
mod secrets;
mod security_token;
mod signing_keys;
mod site;
mod text;
mod token_build;
mod token_check;
#[cfg(test)]
mod token_check_alike;
#[cfg(test)]
mod token_check_tests;
mod token_fields;
mod token_refusal;
mod token_set;
mod token_settings;

pub use access::{Access, AccessKind, Unsigned};
pub use api_key::{ApiKey, KEYS_PER_INTEGRATION};
pub use app_key::{AppKey, AppKeys};
pub use attached::{
    AttachedDevice, DEVICES_PER_USER, DeviceInfo, DeviceMetadata, Signals, UNSIGNED_DEVICES_PER_USER,
};
pub use audit::{Actor, AuditRecord, Target, Via};
pub use caller::{Caller, Refused};
pub use claims::{AccessClaims, AnonymousClaims, ClientClaims, DeviceClaims, SignedClaims, TokenRejected};
pub use device::Device;
pub use entity::{Entity, Lineage, Status};
pub use id::{
    ClientId, EntityId, EntityKind, IntegrationId, MalformedId, PartnerId, PartnerKeyId, ProjectId,
    ProviderId, SiteId, TokenSetId,
};
pub use integration::{Grant, Grants, Integration, TooManyGrants};
pub use metadata::Metadata;
pub use partner::{KEYS_PER_PARTNER, Partner, PartnerKey, SITES_PER_PARTNER};
pub use plaintext::{Format, Plaintext, Unreadable};
pub use profile::Profile;
pub use project::{DeviceLimit, HistoryDays, Project};
pub use project_file::{Cipher, KeyText, ProjectFile, TokenSetFile};
pub use provider::{Provider, TokenDuration};
pub use rate_limit::RateLimit;
pub use role::{Level, Resource, Role, Scope, Scopes};
pub use secrets::{RotationRefused, SecretVersion, Secrets, overlap};
pub use security_token::{GenDt, SecurityToken, UserToken};
pub use signing_keys::{KeyState, Schedule};
pub use site::Site;
pub use text::{
    Description, DeviceId, Email, EmailDomain, FieldText, Identity, InfoText, LongText, Name, Object,
    PersonName, SiteName, TokenUser, UserId, present,
};
pub use token_build::{BuiltToken, TokenKind, build_token, seal_text};
pub use token_check::{LONGEST_TOKEN, Presented, Verification, Verified, verify_tokens};
pub use token_fields::{Field, TokenFields};
pub use token_refusal::{TokensRefused, Why};
pub use token_set::{OpenTokenSet, Scheme, TokenSecrets, TokenSet, TokenSets, UnsoundScheme};
pub use token_settings::{Seconds, SecurityContext, SecurityTokenRule, TokenSettings, TokenWindow};

pub use jiff::{SignedDuration, Timestamp};
