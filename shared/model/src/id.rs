//! Identifiers, read strictly: one spelling each.

use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A text that is not an id of the expected kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an id of this kind")]
pub struct MalformedId;

/// The three levels of the tree (F1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EntityKind {
    /// The root: one tenant (A6).
    Customer,
    /// Below a customer.
    Organization,
    /// Below an organization.
    Account,
}

impl EntityKind {
    /// The kind of this kind's children, if it has any (F1).
    #[must_use]
    pub const fn child(self) -> Option<Self> {
        match self {
            Self::Customer => Some(Self::Organization),
            Self::Organization => Some(Self::Account),
            Self::Account => None,
        }
    }

    /// Its name in ids and answers.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Organization => "organization",
            Self::Account => "account",
        }
    }
}

/// `customer-<uuid>`, `organization-<uuid>` or `account-<uuid>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EntityId {
    kind: EntityKind,
    uuid: Uuid,
}

impl EntityId {
    /// A new id; ids made later sort later.
    #[must_use]
    pub fn new(kind: EntityKind, now: jiff::Timestamp) -> Self {
        Self { kind, uuid: ordered(now) }
    }

    /// Where in the tree it stands.
    #[must_use]
    pub const fn kind(self) -> EntityKind {
        self.kind
    }
}

impl fmt::Display for EntityId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.kind.name(), self.uuid)
    }
}

impl std::str::FromStr for EntityId {
    type Err = MalformedId;

    fn from_str(text: &str) -> Result<Self, MalformedId> {
        let (kind, uuid) = text.split_once('-').ok_or(MalformedId)?;
        let kind = match kind {
            "customer" => EntityKind::Customer,
            "organization" => EntityKind::Organization,
            "account" => EntityKind::Account,
            _ => return Err(MalformedId),
        };
        Ok(Self { kind, uuid: canonical(uuid)? })
    }
}

/// An id that is a prefix and a UUID: made, shown and read alike for every kind of thing.
macro_rules! prefixed {
    ($($(#[$doc:meta])* $id:ident, $prefix:literal;)+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $id(Uuid);

        impl $id {
            /// A new id; ids made later sort later.
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

/// The conversions serde goes by, alike for every id.
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

prefixed! {
    /// `integration-<uuid>`.
    IntegrationId, "integration-";
    /// `secure-anon-<uuid>` (F7).
    ProviderId, "secure-anon-";
    /// `partner-<uuid>`.
    PartnerId, "partner-";
    /// `partner-key-<uuid>`: names a partner's key where the key itself must not stand.
    PartnerKeyId, "partner-key-";
    /// `site-<uuid>`: the `siteId` of window V's tokens (V5).
    SiteId, "site-";
    /// `project-<uuid>`.
    ProjectId, "project-";
    /// `token-set-<uuid>` (X1).
    TokenSetId, "token-set-";
}
as_text!(EntityId, ClientId);

/// 26 lower-case base32 characters: 128 random bits (F6).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ClientId(String);

impl ClientId {
    /// A new id.
    ///
    /// # Errors
    /// [`crypto::CryptoError::Random`].
    pub fn generate() -> Result<Self, crypto::CryptoError> {
        let mut text = data_encoding::BASE32_NOPAD.encode(&crypto::random::<16>()?);
        text.make_ascii_lowercase();
        Ok(Self(text))
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ClientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::str::FromStr for ClientId {
    type Err = MalformedId;

    fn from_str(text: &str) -> Result<Self, MalformedId> {
        let fits = text.len() == 26 && text.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'2'..=b'7'));
        if fits { Ok(Self(text.to_owned())) } else { Err(MalformedId) }
    }
}

/// A version 7 UUID of that moment.
pub(crate) fn ordered(now: jiff::Timestamp) -> Uuid {
    let seconds = u64::try_from(now.as_second()).unwrap_or_default();
    let nanos = u32::try_from(now.subsec_nanosecond()).unwrap_or_default();
    Uuid::new_v7(uuid::Timestamp::from_unix(uuid::NoContext, seconds, nanos))
}

/// A UUID in its one canonical spelling: lower case, hyphenated.
fn canonical(text: &str) -> Result<Uuid, MalformedId> {
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
    fn an_id_has_one_spelling() {
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

    #[test]
    fn f6_a_client_id_is_26_lower_case_base32_characters() {
        let id = ClientId::generate().unwrap();
        assert_eq!(id.as_str().parse::<ClientId>().unwrap(), id);
        for bad in
            ["", "a", &"a".repeat(25), &"a".repeat(27), &"A".repeat(26), &"1".repeat(26), &"é".repeat(13)]
        {
            assert!(bad.parse::<ClientId>().is_err(), "{bad:?}");
        }
    }

    proptest! {
        #[test]
        fn what_reads_as_an_id_is_its_one_spelling(text in "(customer|account|integration|secure-anon)-[0-9a-fA-F{}-]{32,38}") {
            if let Ok(id) = text.parse::<EntityId>() {
                prop_assert_eq!(id.to_string(), text.clone());
            }
            if let Ok(id) = text.parse::<ProviderId>() {
                prop_assert_eq!(id.to_string(), text);
            }
        }

        #[test]
        fn every_new_id_reads_back(millis in 0..4_000_000_000_000_i64) {
            let now = jiff::Timestamp::from_millisecond(millis).unwrap();
            let id = EntityId::new(EntityKind::Account, now);
            prop_assert_eq!(id.to_string().parse::<EntityId>().unwrap(), id);
        }
    }

    #[test]
    fn ids_made_later_sort_later() {
        let at = |ms| IntegrationId::new(jiff::Timestamp::from_millisecond(ms).unwrap()).to_string();
        assert!(at(1_800_000_000_000) < at(1_800_000_000_001));
    }
}
