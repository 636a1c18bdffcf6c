//! Identifiers. Each id has exactly one accepted spelling.

use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The text is not an id of the expected kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an id of this kind")]
pub struct MalformedId;

/// Conversions from and to text for serde, the same for every id.
macro_rules! as_text {
    ($($id:ty),+) => {$(
        impl TryFrom<String> for $id {
            type Error = MalformedId;
            fn try_from(text: String) -> Result<Self, MalformedId> {
                text.parse()
            }
        }
        impl From<$id> for String {
            fn from(id: $id) -> Self {
                id.to_string()
            }
        }
    )+};
}

mod client;
mod entity;

pub use client::ClientId;
pub use entity::{EntityId, EntityKind};

/// Defines ids that are a prefix and a UUID.
macro_rules! prefixed {
    ($($(#[$doc:meta])* $id:ident, $prefix:literal;)+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $id(Uuid);

        impl $id {
            /// A new id. Ids sort by time.
            #[must_use]
            pub fn new(now: jiff::Timestamp) -> Self {
                Self(ordered(now))
            }
        }

        impl fmt::Display for $id {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($prefix, "{}"), self.0)
            }
        }

        impl std::str::FromStr for $id {
            type Err = MalformedId;

            fn from_str(text: &str) -> Result<Self, MalformedId> {
                Ok(Self(canonical(text.strip_prefix($prefix).ok_or(MalformedId)?)?))
            }
        }

        as_text!($id);
    )+};
}

prefixed! {
    /// `api-<uuid>` (A7).
    ApiId, "api-";
    /// `integration-<uuid>`.
    IntegrationId, "integration-";
    /// `secure-anon-<uuid>` (F7).
    ProviderId, "secure-anon-";
    /// `partner-<uuid>`.
    PartnerId, "partner-";
    /// `partner-key-<uuid>`: names a partner's key where the key itself must not be shown.
    PartnerKeyId, "partner-key-";
    /// `site-<uuid>`: the `siteId` in window V's tokens (V5).
    SiteId, "site-";
    /// `project-<uuid>`.
    ProjectId, "project-";
    /// `token-set-<uuid>` (X1).
    TokenSetId, "token-set-";
}

/// A version 7 UUID with the given time.
pub(crate) fn ordered(now: jiff::Timestamp) -> Uuid {
    let seconds = u64::try_from(now.as_second()).unwrap_or_default();
    let nanos = u32::try_from(now.subsec_nanosecond()).unwrap_or_default();
    Uuid::new_v7(uuid::Timestamp::from_unix(uuid::NoContext, seconds, nanos))
}

/// Parses a UUID in its canonical spelling only: lower case, with hyphens.
pub(crate) fn canonical(text: &str) -> Result<Uuid, MalformedId> {
    let uuid = Uuid::parse_str(text).map_err(|_| MalformedId)?;
    let mut buffer = Uuid::encode_buffer();
    if uuid.hyphenated().encode_lower(&mut buffer) == text { Ok(uuid) } else { Err(MalformedId) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const UUID: &str = "0195f3a0-1111-7222-8333-444455556666";

    #[test]
    fn an_id_has_exactly_one_spelling() {
        for good in [format!("customer-{UUID}"), format!("organization-{UUID}"), format!("account-{UUID}")] {
            assert_eq!(good.parse::<EntityId>().unwrap().to_string(), good);
        }
        for bad in [
            UUID.to_owned(),
            format!("account{UUID}"),
            format!("Account-{UUID}"),
            format!("account-{}", UUID.to_uppercase().replace('0', "A")),
            format!("account-{}", UUID.replace('-', "")),
            format!("account-{{{UUID}}}"),
            format!("account-{UUID} "),
            "account-".to_owned(),
            String::new(),
        ] {
            assert!(bad.parse::<EntityId>().is_err(), "{bad:?}");
        }
    }

    proptest! {
        #[test]
        fn a_parsed_id_is_written_as_it_was_read(text in "(customer|account|integration|secure-anon)-[0-9a-fA-F{}-]{32,38}") {
            if let Ok(id) = text.parse::<EntityId>() {
                prop_assert_eq!(id.to_string(), text.clone());
            }
            if let Ok(id) = text.parse::<ProviderId>() {
                prop_assert_eq!(id.to_string(), text);
            }
        }

        #[test]
        fn every_new_id_is_parsed_back(millis in 0..4_000_000_000_000_i64) {
            let now = jiff::Timestamp::from_millisecond(millis).unwrap();
            let id = EntityId::new(EntityKind::Account, now);
            prop_assert_eq!(id.to_string().parse::<EntityId>().unwrap(), id);
        }
    }

    #[test]
    fn ids_sort_by_time() {
        let at = |ms| IntegrationId::new(jiff::Timestamp::from_millisecond(ms).unwrap()).to_string();
        assert!(at(1_800_000_000_000) < at(1_800_000_000_001));
    }
}
