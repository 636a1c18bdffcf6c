//! The data keys of a deployment: one seals, all of them open.

use zeroize::Zeroizing;

use crate::CryptoError;
use crate::sealing::data_key::DataKey;
use crate::sealing::sealed::Sealed;

/// The data keys of a deployment. While the data key is rotated there are two.
#[derive(Debug)]
pub struct DataKeys {
    sealing: DataKey,
    others: Vec<DataKey>,
    names_key: bool,
}

impl DataKeys {
    /// `sealing` seals; it and `others` open. Sealed values name their key.
    #[must_use]
    pub fn new(sealing: DataKey, others: Vec<DataKey>) -> Self {
        Self { sealing, others, names_key: true }
    }

    /// The only data key of a deployment that has never rotated it. Sealed values do not name it, so that functions of an
    /// older version can open them.
    #[must_use]
    pub fn unnamed(only: DataKey) -> Self {
        Self { sealing: only, others: Vec::new(), names_key: false }
    }

    /// Encrypts `plain` for `place`, the key of the item in which the value is stored.
    ///
    /// # Errors
    /// [`CryptoError::Random`], [`CryptoError::Seal`].
    pub fn seal(&self, plain: &[u8], place: &str) -> Result<Sealed, CryptoError> {
        self.sealing.seal(plain, place, self.names_key)
    }

    /// Decrypts a value that was sealed for `place`. Tries every key on a value that does not name its key.
    ///
    /// # Errors
    /// [`CryptoError::Open`] for every reason: no such data key, wrong place, or damaged value.
    pub fn open(&self, sealed: &Sealed, place: &str) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
        let parts = sealed.parts()?;
        let mut candidates = self.iter().filter(|key| parts.key_id.is_none_or(|id| id == key.id));
        candidates.find_map(|key| key.open(&parts, place).ok()).ok_or(CryptoError::Open)
    }

    /// Whether `sealed` names a data key that is not here.
    #[must_use]
    pub fn lacks_key_of(&self, sealed: &Sealed) -> bool {
        let named = sealed.parts().ok().and_then(|parts| parts.key_id);
        named.is_some_and(|id| self.iter().all(|key| key.id != id))
    }

    /// Whether `sealed` names the key that seals.
    #[must_use]
    pub fn is_current(&self, sealed: &Sealed) -> bool {
        sealed.parts().is_ok_and(|parts| parts.key_id == Some(self.sealing.id))
    }

    fn iter(&self) -> impl Iterator<Item = &DataKey> {
        std::iter::once(&self.sealing).chain(&self.others)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use data_encoding::HEXLOWER;

    fn key(byte: u8) -> DataKey {
        DataKey::new(&[byte; 32]).unwrap()
    }

    fn only(byte: u8) -> DataKeys {
        DataKeys::new(key(byte), Vec::new())
    }

    #[test]
    fn a_sealed_value_opens_only_unchanged_under_its_key_and_at_its_place() {
        for keys in [only(7), DataKeys::unnamed(key(7))] {
            let sealed = keys.seal(b"client secret", "key#a").unwrap();
            assert_eq!(keys.open(&sealed, "key#a").unwrap().as_slice(), b"client secret");
            assert_eq!(keys.open(&sealed, "key#b").unwrap_err(), CryptoError::Open);
            assert_eq!(only(8).open(&sealed, "key#a").unwrap_err(), CryptoError::Open);
            for at in 0..sealed.as_bytes().len() {
                for bit in 0..8 {
                    let mut changed = sealed.as_bytes().to_vec();
                    changed[at] ^= 1 << bit;
                    let changed = Sealed::from_stored(changed);
                    assert_eq!(
                        keys.open(&changed, "key#a").unwrap_err(),
                        CryptoError::Open,
                        "bit {bit} in {at}"
                    );
                }
                let cut = Sealed::from_stored(sealed.as_bytes()[..at].to_vec());
                assert_eq!(keys.open(&cut, "key#a").unwrap_err(), CryptoError::Open, "cut at {at}");
            }
        }
    }

    #[test]
    fn a_value_of_a_deployment_that_never_rotated_opens() {
        // Sealed with this key by version 0.1, which did not name keys.
        let stored = "01eafbdcf42d2bf15703cb218170ca16e181eb166438896d19db834a85841a1403fc6b5e766d14bf1b87";
        let sealed = Sealed::from_stored(HEXLOWER.decode(stored.as_bytes()).unwrap());
        for keys in [DataKeys::unnamed(key(7)), DataKeys::new(key(8), vec![key(7)])] {
            assert_eq!(keys.open(&sealed, "key#a|key").unwrap().as_slice(), b"client secret");
            assert!(!keys.is_current(&sealed) && !keys.lacks_key_of(&sealed));
        }
    }

    #[test]
    fn a10_while_the_data_key_is_rotated_both_keys_open_and_one_seals() {
        let (old, new) = (only(7), only(8));
        let during = DataKeys::new(key(8), vec![key(7)]);
        let (before, after) = (old.seal(b"x", "p").unwrap(), during.seal(b"x", "p").unwrap());
        assert!(during.open(&before, "p").is_ok() && during.open(&after, "p").is_ok());
        assert!(!during.is_current(&before) && during.is_current(&after));
        assert!(old.lacks_key_of(&after) && !during.lacks_key_of(&after) && new.lacks_key_of(&before));
        assert_eq!(new.open(&before, "p").unwrap_err(), CryptoError::Open);
    }

    #[test]
    fn the_same_value_is_sealed_differently_each_time() {
        let keys = only(7);
        assert_ne!(keys.seal(b"x", "p").unwrap(), keys.seal(b"x", "p").unwrap());
    }
}
