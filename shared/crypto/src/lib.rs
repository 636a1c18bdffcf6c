//! The cryptography of tokenbooth: secrets, request signatures, sealing, signing keys, JWTs and token ciphers.
//!
//! This crate does no I/O and reads no clock. Libraries (`aws-lc-rs`, `hmac`, `jsonwebtoken`) provide every cipher,
//! MAC, signature and comparison; this crate combines them.

mod constant_time;
mod encoded_key;
mod jwt;
mod mac;
mod request_signature;
mod sealing;
mod secret;
mod xdoc;

pub use constant_time::constant_time_eq;
pub use encoded_key::EncodedKey;
pub use jwt::*;
pub use request_signature::{RequestSignature, sign_request, verify_request};
pub use sealing::{DataKey, DataKeys, HashKey, Sealed};
pub use secret::{Prefix, Secret};
pub use xdoc::*;

pub use jsonwebtoken::jwk::{Jwk, JwkSet};

/// Why a cryptographic step failed. No variant reveals anything about a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CryptoError {
    /// The operating system provides no randomness.
    #[error("no randomness from the operating system")]
    Random,
    /// A sealed value cannot be opened: wrong data key, wrong place, or damaged value.
    #[error("a sealed value does not open under this data key at this place")]
    Open,
    /// The cipher failed to encrypt.
    #[error("sealing failed")]
    Seal,
    /// The bytes are not a key of the expected kind.
    #[error("malformed key material")]
    Key,
    /// The plaintext is not a multiple of the block size, and the mode adds no padding.
    #[error("the plaintext is not a multiple of 16 bytes")]
    Length,
    /// The signature cannot be made.
    #[error("signing failed")]
    Sign,
    /// The claims cannot be serialised as JSON.
    #[error("claims cannot be serialised")]
    Claims,
}

/// Returns `N` random bytes from the operating system.
///
/// # Errors
/// [`CryptoError::Random`] if the operating system provides none.
pub fn random<const N: usize>() -> Result<[u8; N], CryptoError> {
    let mut bytes = [0; N];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| CryptoError::Random)?;
    Ok(bytes)
}

/// SHA-256 in lower-case hex. Use it for fingerprints and for lookups by hash, never to compare secrets.
#[must_use]
pub fn digest_hex(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes).as_ref())
}
