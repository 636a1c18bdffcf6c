//! The ciphers of window X: AES-CBC and AES-ECB with padding, AES-GCM, and JWE.

mod block_cipher;
mod cipher;
#[cfg(test)]
mod cipher_tests;
#[cfg(test)]
mod cipher_vectors;
mod decrypted;
mod gcm;
mod jwe;
#[cfg(all(test, feature = "jose-vectors"))]
mod jwe_vectors;
mod key;
mod padding;
mod settings;

pub use cipher::TokenCipher;
pub use decrypted::{DecryptedToken, DecryptionFaults, WorkCount};
pub use key::{Iv, TokenKey};
pub use settings::{CipherSettings, KeyBits, Mode, Padding};
