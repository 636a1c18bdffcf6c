//! The cryptography of tokenbooth: secrets, request signatures, sealing, signing keys, JWTs and token ciphers.
//!
//! Pure: no I/O, no clock of its own, no AWS. Every cipher, MAC, signature and comparison is a library's
//! (`aws-lc-rs`, `hmac`, `jsonwebtoken`); what is ours is how they are put together.

mod block_cipher;
mod encoded_key;
mod equal;
mod gcm;
mod hs256;
mod jwe;
#[cfg(all(test, feature = "jose-vectors"))]
mod jwe_vectors;
#[cfg(all(test, feature = "jose-vectors"))]
mod jws_vectors;
mod jwt;
mod opened;
mod padding;
mod request_signature;
mod seal;
mod secret;
mod signing_key;
mod token_cipher;
#[cfg(test)]
mod token_cipher_tests;
#[cfg(test)]
mod token_cipher_vectors;
mod token_key;
mod token_settings;

pub use encoded_key::EncodedKey;
pub use equal::equal_texts;
pub use hs256::{Header, dangerous_claims, sign_hs256, verify_hs256};
pub use jwt::{PublicKeys, TokenRefused};
pub use opened::{Faults, Opened, Work};
pub use request_signature::{Mac, sign_request, verify_request};
pub use seal::{DataKey, Sealed};
pub use secret::{Prefix, Secret};
pub use signing_key::{Algorithm, SigningKey, TokenType};
pub use token_cipher::TokenCipher;
pub use token_key::{Iv, TokenKey};
pub use token_settings::{KeyBits, Mode, Padding};

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
