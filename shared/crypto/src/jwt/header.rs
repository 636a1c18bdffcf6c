//! The parts of a JWT that are read before its signature is verified (RFC 7515, RFC 8725).

use data_encoding::BASE64URL_NOPAD;
use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};

/// The maximum length of a token in bytes. The largest token issued here carries 4 KiB of metadata, escaped and in
/// Base64; this leaves room to spare.
pub(crate) const MAX_TOKEN_BYTES: usize = 16 * 1024;

/// The members of a JWS header that are read. Other members are ignored, except `crit`: a header with `crit` is
/// refused, because it requires extensions that are not implemented here (RFC 7515, 4.1.11).
#[derive(Debug, Clone, Deserialize)]
pub struct UnverifiedHeader {
    /// The algorithm that the header names.
    pub alg: String,
    /// The token type that the header names.
    pub typ: Option<String>,
    /// The key id that the header names.
    pub kid: Option<String>,
    crit: Option<IgnoredAny>,
}

impl UnverifiedHeader {
    /// Parses the header of `token` without verifying anything. Use it only to choose how to verify the token.
    ///
    /// Returns `None` if `token` is not a compact JWS, is longer than 16 KiB, or has `crit`.
    #[must_use]
    pub fn parse(token: &str) -> Option<Self> {
        let header = token.split('.').next().filter(|_| token.len() <= MAX_TOKEN_BYTES)?;
        parse_object(header).filter(|header: &Self| header.crit.is_none())
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
        serde_json::from_slice(&BASE64URL_NOPAD.decode(header.as_bytes()).ok()?).ok()
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
