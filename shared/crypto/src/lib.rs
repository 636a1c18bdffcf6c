//! The cryptography of tokenbooth: secrets, request signatures, sealing, signing keys, JWTs and token ciphers.
//!
//! Pure: no I/O, no clock of its own, no AWS. Every cipher, MAC, signature and comparison is a library's
//! (`aws-lc-rs`, `hmac`, `jsonwebtoken`); what is ours is how they are put together.

mod constant_time;
mod data_key;
mod encoded_key;
mod jwt;
mod request_signature;
mod secret;
mod xdoc;

pub use constant_time::constant_time_eq;
pub use data_key::{DataKey, Sealed};
pub use encoded_key::EncodedKey;
pub use jwt::*;
pub use request_signature::{RequestSignature, sign_request, verify_request};
pub use secret::{Prefix, Secret};
pub use xdoc::*;

pub use jsonwebtoken::jwk::{Jwk, JwkSet};

/// Why a cryptographic step failed. None of them says anything about the secret involved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CryptoError {
    /// The operating system gave no randomness.
    #[error("no randomness from the operating system")]
    Random,
    /// A sealed value does not open: wrong data key, wrong place, or damaged.
    #[error("a sealed value does not open under this data key at this place")]
    Open,
    /// Sealing failed in the cipher.
    #[error("sealing failed")]
    Seal,
    /// Key material that is not a key of the expected kind.
    #[error("malformed key material")]
    Key,
    /// A plaintext that is not whole blocks, where no padding fills it.
    #[error("the plaintext is not a multiple of 16 bytes")]
    Length,
    /// Signing failed.
    #[error("signing failed")]
    Sign,
    /// Claims that cannot be written as JSON.
    #[error("claims cannot be serialised")]
    Claims,
}

/// `N` bytes from the operating system's generator.
///
/// # Errors
/// [`CryptoError::Random`] if there are none to be had.
pub fn random<const N: usize>() -> Result<[u8; N], CryptoError> {
    let mut bytes = [0; N];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| CryptoError::Random)?;
    Ok(bytes)
}

/// SHA-256 as lower-case hex: for fingerprints and lookups by hash, never for comparing secrets.
#[must_use]
pub fn digest_hex(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes).as_ref())
}
