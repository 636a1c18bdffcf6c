//! The parts of a JWT that are read before its signature is verified (RFC 7515, RFC 8725).

use std::collections::BTreeSet;
use std::fmt;

use data_encoding::BASE64URL_NOPAD;
use serde::de::{DeserializeOwned, Error as _, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

/// The maximum length of a token in bytes. The largest token issued here carries 4 KiB of metadata, escaped and in
/// Base64; this leaves room to spare.
pub(crate) const MAX_TOKEN_BYTES: usize = 16 * 1024;

/// Header members that no token may have, whatever their value is. They change how a token is read or verified:
/// critical extensions (RFC 7515, 4.1.11), a payload that is not Base64 (RFC 7797, 3), and the members of encrypted
/// and compressed tokens (RFC 7516, 4.1.2 and 4.1.3).
const REFUSED_MEMBERS: [&str; 4] = ["b64", "crit", "enc", "zip"];

/// The members of a JWS header that are read. Other members are ignored, except [`REFUSED_MEMBERS`] and members that are
/// there twice: another parser may read the other one (RFC 7515, 4).
#[derive(Debug, Clone)]
pub struct UnverifiedHeader {
    /// The algorithm that the header names.
    pub alg: String,
    /// The token type that the header names.
    pub typ: Option<String>,
    /// The key id that the header names.
    pub kid: Option<String>,
}

impl UnverifiedHeader {
    /// Parses the header of `token` without verifying anything. Use it only to choose how to verify the token.
    ///
    /// Returns `None` if `token` is not a compact JWS, is longer than 16 KiB, or has a header that is refused.
    #[must_use]
    pub fn parse(token: &str) -> Option<Self> {
        let header = token.split('.').next().filter(|_| token.len() <= MAX_TOKEN_BYTES)?;
        parse_object(header)
    }
}

impl<'de> Deserialize<'de> for UnverifiedHeader {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(HeaderVisitor)
    }
}

struct HeaderVisitor;

impl<'de> Visitor<'de> for HeaderVisitor {
    type Value = UnverifiedHeader;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JWS header")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<UnverifiedHeader, A::Error> {
        let (mut alg, mut typ, mut kid) = (None, None, None);
        let mut names = BTreeSet::new();
        while let Some(name) = map.next_key::<String>()? {
            match &*name {
                "alg" => alg = Some(map.next_value()?),
                "typ" => typ = map.next_value()?,
                "kid" => kid = map.next_value()?,
                refused if REFUSED_MEMBERS.contains(&refused) => {
                    return Err(A::Error::custom("refused member"));
                }
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
            if !names.insert(name) {
                return Err(A::Error::custom("duplicate member"));
            }
        }
        let alg = alg.ok_or_else(|| A::Error::missing_field("alg"))?;
        Ok(UnverifiedHeader { alg, typ, kid })
    }
}

/// The header of a token that this deployment issued: these three members and no other.
///
/// It is checked before `jsonwebtoken` parses the header, because that library keeps every other member of it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct IssuedHeader {
    pub(crate) alg: String,
    pub(crate) kid: String,
    pub(crate) typ: String,
}

impl IssuedHeader {
    pub(crate) fn parse(token: &str) -> Option<Self> {
        let (header, _) = token.split_once('.')?;
        parse_object(header)
    }
}

/// Reads the claims of `token` without verifying the signature. Use them only to choose how to verify the token.
#[must_use]
pub fn dangerous_claims<C: DeserializeOwned>(token: &str) -> Option<C> {
    let mut parts = token.split('.').skip(1);
    let (claims, _, nothing) = (parts.next()?, parts.next()?, parts.next());
    parse_object(claims).filter(|_| nothing.is_none() && token.len() <= MAX_TOKEN_BYTES)
}

/// Parses a part of a token that holds a JSON object. A derived struct alone would also accept a JSON array.
fn parse_object<T: DeserializeOwned>(part: &str) -> Option<T> {
    let json = BASE64URL_NOPAD.decode(part.as_bytes()).ok()?;
    serde_json::from_slice(&json).ok().filter(|_| json.trim_ascii_start().starts_with(b"{"))
}
