//! Sealed values.

use aws_lc_rs::aead::NONCE_LEN;
use serde::{Deserialize, Serialize};

use crate::CryptoError;

/// The number of bytes of a key id.
pub(super) const KEY_ID_LENGTH: usize = 8;

/// The first 64 bits of a labelled hash of a data key.
pub(super) type KeyId = [u8; KEY_ID_LENGTH];

/// The first byte of a value that does not name its data key. A random 96-bit nonce, the ciphertext and the tag follow.
const WITHOUT_KEY_ID: u8 = 1;

/// The first byte of a value that names its data key. The key id, a random 96-bit nonce, the ciphertext and the tag follow.
const WITH_KEY_ID: u8 = 2;

/// An encrypted value. Only its data key opens it, and only at the place for which it was sealed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sealed(#[serde(with = "serde_bytes")] Vec<u8>);

/// The parts of a sealed value.
pub(super) struct Parts<'s> {
    pub(super) key_id: Option<KeyId>,
    pub(super) nonce: [u8; NONCE_LEN],
    /// The ciphertext and the tag.
    pub(super) ciphertext: &'s [u8],
}

impl Sealed {
    /// A value as it was read from a table. It need not be a sealed value; then it does not open.
    #[must_use]
    pub fn from_stored(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// The bytes to store.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    pub(super) fn new(key_id: Option<&KeyId>, nonce: &[u8; NONCE_LEN], text: &[u8], tag: &[u8]) -> Self {
        Self(match key_id {
            None => [&[WITHOUT_KEY_ID], &nonce[..], text, tag].concat(),
            Some(key_id) => [&[WITH_KEY_ID], &key_id[..], nonce, text, tag].concat(),
        })
    }

    pub(super) fn parts(&self) -> Result<Parts<'_>, CryptoError> {
        let (layout, rest) = self.0.split_first().ok_or(CryptoError::Open)?;
        let (key_id, rest) = match *layout {
            WITHOUT_KEY_ID => (None, rest),
            WITH_KEY_ID => {
                let (key_id, rest) = rest.split_first_chunk().ok_or(CryptoError::Open)?;
                (Some(*key_id), rest)
            }
            _ => return Err(CryptoError::Open),
        };
        let (nonce, ciphertext) = rest.split_first_chunk().ok_or(CryptoError::Open)?;
        Ok(Parts { key_id, nonce: *nonce, ciphertext })
    }
}
