//! AES in CBC and ECB mode, as AWS-LC has them, opened so that no failure is told from another (X5, X7).

use aws_lc_rs::cipher::{
    AES_128, AES_192, AES_256, DecryptingKey, DecryptionContext, EncryptingKey, EncryptionContext,
    UnboundCipherKey,
};
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::iv::FixedLength;
use data_encoding::BASE64;
use zeroize::Zeroizing;

use crate::xdoc::decrypted::{DecryptedToken, DecryptionFaults, WorkCount};
use crate::xdoc::padding::{BLOCK_BYTES, check_padding, pad};
use crate::{CryptoError, KeyBits, Padding, TokenKey};

/// A key in one of the two modes. AWS-LC wipes its key schedules on drop.
pub(crate) struct BlockCipher {
    encrypting: EncryptingKey,
    decrypting: DecryptingKey,
    iv: Option<[u8; BLOCK_BYTES]>,
    padding: Padding,
}

impl BlockCipher {
    /// CBC with that IV, or ECB without one.
    pub(crate) fn new(
        key: &TokenKey,
        bits: KeyBits,
        iv: Option<[u8; BLOCK_BYTES]>,
        padding: Padding,
    ) -> Result<Self, CryptoError> {
        let (encrypting, decrypting) = keys(key, bits, iv.is_some()).map_err(|_| CryptoError::Key)?;
        Ok(Self { encrypting, decrypting, iv, padding })
    }

    pub(crate) fn seal(&self, plain: &[u8]) -> Result<String, CryptoError> {
        let mut blocks = pad(self.padding, plain)?;
        let context =
            self.iv.map_or(EncryptionContext::None, |iv| EncryptionContext::Iv128(FixedLength::from(iv)));
        self.encrypting.less_safe_encrypt(&mut blocks, context).map_err(|_| CryptoError::Seal)?;
        Ok(BASE64.encode(&blocks))
    }

    /// Decrypts without looking at the padding, then looks at all of it; a text that is not Base64 or not whole blocks
    /// is replaced by as many blocks as a text of its length has.
    pub(crate) fn open(&self, text: &str) -> DecryptedToken {
        let (mut faults, mut work) = (DecryptionFaults::default(), WorkCount::default());
        let decoded = BASE64.decode(text.as_bytes());
        work.add(text.len());
        faults.note(DecryptionFaults::BASE64, decoded.is_err());
        let mut blocks = Zeroizing::new(decoded.unwrap_or_default());
        let length = (text.len() / 4 * 3 / BLOCK_BYTES * BLOCK_BYTES).max(BLOCK_BYTES);
        faults.note(DecryptionFaults::LENGTH, blocks.len() != length);
        blocks.resize(length, 0);
        let decrypted = self.decrypt(&mut blocks);
        work.add(length);
        faults.note(DecryptionFaults::LENGTH, decrypted.is_err());
        let (count, fits) = check_padding(self.padding, blocks.last_chunk().unwrap_or(&[0; BLOCK_BYTES]));
        work.add(BLOCK_BYTES);
        faults.note(DecryptionFaults::PADDING, bool::from(!fits));
        blocks.truncate(length - usize::from(count));
        DecryptedToken { plain: blocks, length, faults, work }
    }

    fn decrypt(&self, blocks: &mut [u8]) -> Result<(), Unspecified> {
        let context =
            self.iv.map_or(DecryptionContext::None, |iv| DecryptionContext::Iv128(FixedLength::from(iv)));
        self.decrypting.decrypt(blocks, context).map(drop)
    }
}

fn keys(key: &TokenKey, bits: KeyBits, is_cbc: bool) -> Result<(EncryptingKey, DecryptingKey), Unspecified> {
    let algorithm = match bits {
        KeyBits::Aes128 => &AES_128,
        KeyBits::Aes192 => &AES_192,
        KeyBits::Aes256 => &AES_256,
    };
    let unbound = || UnboundCipherKey::new(algorithm, key.reveal());
    if is_cbc {
        Ok((EncryptingKey::cbc(unbound()?)?, DecryptingKey::cbc(unbound()?)?))
    } else {
        Ok((EncryptingKey::ecb(unbound()?)?, DecryptingKey::ecb(unbound()?)?))
    }
}
