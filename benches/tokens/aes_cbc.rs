//! Raw AES-256-CBC with the library's padding.

use aws_lc_rs::cipher::{
    AES_256, DecryptionContext, EncryptionContext, PaddedBlockDecryptingKey, PaddedBlockEncryptingKey,
    UnboundCipherKey,
};
use aws_lc_rs::iv::FixedLength;

use crate::Outcome;

const KEY: [u8; 32] = [7; 32];
const IV: [u8; 16] = [7; 16];

/// A key that is ready to use.
pub(crate) struct AesCbc {
    encrypting: PaddedBlockEncryptingKey,
    decrypting: PaddedBlockDecryptingKey,
}

impl AesCbc {
    pub(crate) fn new() -> Outcome<Self> {
        let key = || UnboundCipherKey::new(&AES_256, &KEY);
        Ok(Self {
            encrypting: PaddedBlockEncryptingKey::cbc_pkcs7(key()?)?,
            decrypting: PaddedBlockDecryptingKey::cbc_pkcs7(key()?)?,
        })
    }

    pub(crate) fn encrypt(&self, text: &[u8]) -> Outcome<Vec<u8>> {
        let mut bytes = text.to_vec();
        let iv = EncryptionContext::Iv128(FixedLength::from(IV));
        self.encrypting.less_safe_encrypt(&mut bytes, iv)?;
        Ok(bytes)
    }

    pub(crate) fn decrypt(&self, encrypted: &[u8]) -> Outcome<Vec<u8>> {
        let mut bytes = encrypted.to_vec();
        let iv = DecryptionContext::Iv128(FixedLength::from(IV));
        let length = self.decrypting.decrypt(&mut bytes, iv)?.len();
        bytes.truncate(length);
        Ok(bytes)
    }
}
