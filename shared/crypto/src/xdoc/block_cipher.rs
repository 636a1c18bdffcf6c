//! AES in CBC and ECB mode. Decryption does the same work whatever is wrong with a token (X5, X7).

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

/// A key with its mode and padding. AWS-LC wipes its key schedules on drop.
pub(crate) struct BlockCipher {
    encrypting: EncryptingKey,
    decrypting: DecryptingKey,
    iv: Option<[u8; BLOCK_BYTES]>,
    padding: Padding,
}

impl BlockCipher {
    /// CBC if there is an IV, otherwise ECB.
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

    /// Decrypts all blocks and then checks the padding. If the token is not Base64 or not whole blocks, decrypts as
    /// many zero blocks as a token of that length has.
    pub(crate) fn open(&self, text: &str) -> DecryptedToken {
        let (mut faults, mut work) = (DecryptionFaults::default(), WorkCount::default());
        let decoded = BASE64.decode(text.as_bytes());
        work.add(text.len());
        faults.add_if(DecryptionFaults::BASE64, decoded.is_err());
        let mut blocks = Zeroizing::new(decoded.unwrap_or_default());
        let length = (text.len() / 4 * 3 / BLOCK_BYTES * BLOCK_BYTES).max(BLOCK_BYTES);
        faults.add_if(DecryptionFaults::LENGTH, blocks.len() != length);
        blocks.resize(length, 0);
        let decrypted = self.decrypt(&mut blocks);
        work.add(length);
        faults.add_if(DecryptionFaults::LENGTH, decrypted.is_err());
        let (count, fits) = check_padding(self.padding, blocks.last_chunk().unwrap_or(&[0; BLOCK_BYTES]));
        work.add(BLOCK_BYTES);
        faults.add_if(DecryptionFaults::PADDING, bool::from(!fits));
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
