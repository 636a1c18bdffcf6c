//! The entities of tokenbooth and their rules: permissions, activity, and the claims of tokens.
//!
//! This crate does no I/O and reads no clock: callers pass the time as an argument.

mod anonymous;
mod apis;
mod audit;
mod bounded_list;
mod claims;
mod erasure;
mod id;
mod marks;
mod moment;
mod name;
mod number;
mod object;
mod origin;
mod partner;
mod patch;
mod project;
mod rate_limit;
mod secrets;
mod signed;
mod signing_keys;
mod tenancy;
mod text;
mod visible;
mod xdoc;

pub use anonymous::*;
pub use apis::*;
pub use audit::*;
pub use claims::*;
pub use erasure::{Erased, ErasureJob};
pub use id::{
    ApiId, ClientId, EntityId, EntityKind, IntegrationId, MalformedId, PartnerId, PartnerKeyId, ProjectId,
    ProviderId, SiteId, TokenSetId,
};
pub use moment::Moment;
pub use name::{Description, Name};
pub use object::{Object, present};
pub use origin::{AllowedOrigins, Origin};
pub use partner::*;
pub use patch::Patch;
pub use project::{DeviceLimit, HistoryDays, Project, SignedTokenSeconds, UnsignedDeviceDays};
pub use rate_limit::{BucketWrite, Decision, Lease, RateLimit, Take, Token};
pub use secrets::{RotationRefused, SecretVersion, Secrets, overlap_end};
pub use signed::*;
pub use signing_keys::{KeyState, Schedule};
pub use tenancy::*;
pub use text::*;
pub use xdoc::*;

pub use jiff::{SignedDuration, Timestamp};
