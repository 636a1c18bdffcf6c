//! The hash key: makes ids that reveal nothing about what they are made of, and that never change.

use aws_lc_rs::hkdf::{HKDF_SHA256, Salt};
use aws_lc_rs::hmac::{self, HMAC_SHA256};
use data_encoding::BASE32_NOPAD;
use zeroize::Zeroizing;

use crate::sealing::data_keys::DataKeys;
use crate::sealing::sealed::Sealed;
use crate::{CryptoError, random};

/// The hash key of a deployment. It is never replaced: with another key, users and devices would get other ids.
pub struct HashKey {
    bytes: Zeroizing<[u8; 32]>,
    key: hmac::Key,
}

impl HashKey {
    /// Generates the hash key of a new deployment.
    ///
    /// # Errors
    /// [`CryptoError::Random`].
    pub fn generate() -> Result<Self, CryptoError> {
        Ok(Self::new(Zeroizing::new(random()?)))
    }

    /// Derives the hash key from a deployment's first data key by HKDF (RFC 5869). Deployments that were created before the
    /// hash key was stored have this one.
    ///
    /// # Errors
    /// [`CryptoError::Key`] if the derivation fails.
    pub fn derive(data_key: &[u8]) -> Result<Self, CryptoError> {
        let derived = Salt::new(HKDF_SHA256, b"tokenbooth").extract(data_key);
        let mut bytes = Zeroizing::new([0; 32]);
        let expanded = derived.expand(&[b"keyed hash"], HMAC_SHA256).map_err(|_| CryptoError::Key)?;
        expanded.fill(&mut bytes[..]).map_err(|_| CryptoError::Key)?;
        Ok(Self::new(bytes))
    }

    /// Decrypts a hash key that was sealed for `place`.
    ///
    /// # Errors
    /// [`CryptoError::Open`] if it does not open, or [`CryptoError::Key`] if it does not have 32 bytes.
    pub fn open(sealed: &Sealed, data_keys: &DataKeys, place: &str) -> Result<Self, CryptoError> {
        let opened = data_keys.open(sealed, place)?;
        let bytes = <[u8; 32]>::try_from(&**opened).map_err(|_| CryptoError::Key)?;
        Ok(Self::new(Zeroizing::new(bytes)))
    }

    /// Encrypts the hash key for `place`.
    ///
    /// # Errors
    /// [`CryptoError::Random`], [`CryptoError::Seal`].
    pub fn seal(&self, data_keys: &DataKeys, place: &str) -> Result<Sealed, CryptoError> {
        data_keys.seal(&self.bytes[..], place)
    }

    fn new(bytes: Zeroizing<[u8; 32]>) -> Self {
        let key = hmac::Key::new(HMAC_SHA256, &bytes[..]);
        Self { bytes, key }
    }

    /// Computes a keyed hash of `parts` for the purpose `label`: 128 bits in lower-case base32 (V6).
    ///
    /// Equal parts give equal hashes. Without the hash key, a hash reveals nothing about its parts. Each part is hashed with
    /// its length, so different lists of parts never have the same input.
    #[must_use]
    pub fn keyed_hash(&self, label: &str, parts: &[&str]) -> String {
        let mut hash = hmac::Context::with_key(&self.key);
        for part in std::iter::once(&label).chain(parts) {
            hash.update(&(part.len() as u64).to_be_bytes());
            hash.update(part.as_bytes());
        }
        let mut text = BASE32_NOPAD.encode(hash.sign().as_ref().first_chunk::<16>().unwrap_or(&[0; 16]));
        text.make_ascii_lowercase();
        text
    }
}

impl std::fmt::Debug for HashKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("HashKey(redacted)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::DataKey;

    /// What version 0.1, which hashed with its data key, made with the data key of 32 sevens.
    const MADE_BEFORE: [(&str, &str); 6] = [
        ("window V user", "a3ougs6ekr5oxeojyoml3zlena"),
        ("window S user", "3ucywfw45yx5pagngnujvenlyi"),
        ("window S device", "wwx5z67okohksxweaflfj2xa5u"),
        ("window S identity", "6wt6tkxypdux56wd6ysiaeqx7i"),
        ("window S event", "ocn7fvyad6sjxw7744wwui7isq"),
        ("list cursor", "3nn3i4ens2rukwityrebic4vyu"),
    ];

    #[test]
    fn a10_no_id_changes_when_the_hash_key_is_stored_and_the_data_key_rotated() {
        let derived = HashKey::derive(&[7; 32]).unwrap();
        let first = DataKeys::unnamed(DataKey::new(&[7; 32]).unwrap());
        let stored = derived.seal(&first, "deployment").unwrap();
        let read = HashKey::open(&stored, &first, "deployment").unwrap();
        let second = DataKeys::new(DataKey::new(&[8; 32]).unwrap(), Vec::new());
        let resealed =
            HashKey::open(&read.seal(&second, "deployment").unwrap(), &second, "deployment").unwrap();
        for (label, expected) in MADE_BEFORE {
            for (case, key) in [("derived", &derived), ("stored", &read), ("resealed", &resealed)] {
                assert_eq!(key.keyed_hash(label, &["a", "bc"]), expected, "{case} {label}");
            }
        }
    }

    #[test]
    fn v6_a_keyed_hash_depends_on_key_label_and_each_part() {
        let (key, other) = (HashKey::derive(&[7; 32]).unwrap(), HashKey::generate().unwrap());
        let hash = key.keyed_hash("user", &["a", "bc"]);
        assert_eq!(hash, key.keyed_hash("user", &["a", "bc"]));
        assert_eq!(hash.len(), 26);
        for (case, differs) in [
            ("key", other.keyed_hash("user", &["a", "bc"])),
            ("label", key.keyed_hash("device", &["a", "bc"])),
            ("split", key.keyed_hash("user", &["ab", "c"])),
            ("count", key.keyed_hash("user", &["a", "bc", ""])),
        ] {
            assert_ne!(hash, differs, "{case}");
        }
        assert_eq!(format!("{key:?}"), "HashKey(redacted)");
    }
}
