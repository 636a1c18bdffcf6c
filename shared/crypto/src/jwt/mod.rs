//! JSON Web Tokens (RFC 7519), signed with a signing key of the deployment or with a shared secret.

mod algorithm;
mod es256;
mod header;
mod hs256;
pub(crate) mod public_keys;
#[cfg(test)]
mod signature_vectors;
mod signing_key;
#[cfg(all(test, feature = "jose-vectors"))]
mod wycheproof;

pub use algorithm::{Algorithm, TokenType};
pub use header::{UnverifiedHeader, dangerous_claims};
pub use hs256::{sign_hs256, verify_hs256};
pub use public_keys::PublicKeys;
pub use signing_key::SigningKey;

/// Why a token's signature does not verify. For the log only: callers get one message for all reasons.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// The token is not a JWT, or it is longer than 16 KiB.
    #[error("malformed token")]
    Malformed,
    /// The header names no key, or no published key has that id and algorithm.
    #[error("unknown key")]
    UnknownKey,
    /// The signature is not the key's, or the claims do not have the expected shape.
    #[error("wrong signature or claims")]
    Invalid,
}
