//! Parses a JWK set.

use crypto::{Algorithm, Jwk, JwkSet, PublicKeys};
use serde::Deserialize;
use serde_json::Value;

/// The maximum length of the document in bytes.
pub(crate) const MAX_DOCUMENT_BYTES: usize = 64 * 1024;

/// The document is no JWK set, or longer than 64 KiB.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the document is no JWK set, or longer than 64 KiB")]
pub(crate) struct MalformedDocument;

#[derive(Deserialize)]
struct Document {
    keys: Vec<Value>,
}

/// The keys of `document` that sign with `algorithm`. Keys that this crate does not know are ignored (RFC 7517, 5).
pub(crate) fn parse(document: &[u8], algorithm: Algorithm) -> Result<PublicKeys, MalformedDocument> {
    if document.len() > MAX_DOCUMENT_BYTES {
        return Err(MalformedDocument);
    }
    let Document { keys } = serde_json::from_slice(document).map_err(|_| MalformedDocument)?;
    let known = keys.into_iter().filter_map(|key| serde_json::from_value::<Jwk>(key).ok());
    let set = JwkSet { keys: known.collect() };
    Ok(PublicKeys::new(set).only(algorithm))
}
