//! Sealing and opening security and user tokens as a project's settings say (X1, X3–X5, X7, X9).
//!
//! Opening never tells why a token does not open, neither by its answer nor by its work: see [`DecryptedToken`].

use crate::xdoc::block_cipher::BlockCipher;
use crate::xdoc::gcm::Gcm;
use crate::xdoc::jwe::Jwe;
use crate::{CryptoError, DecryptedToken, Iv, KeyBits, Mode, Padding, TokenKey};

/// A token set's cipher, ready for use.
pub struct TokenCipher {
    mode: Mode,
    cipher: Cipher,
}

enum Cipher {
    Blocks(Box<BlockCipher>),
    Gcm(Gcm),
    Jwe(Jwe),
}

impl TokenCipher {
    /// The cipher of those settings. CBC needs an IV; the other modes have no use for one, nor GCM and JWE for padding.
    ///
    /// # Errors
    /// [`CryptoError::Key`] for a key of another size, for JWE with a key of less than 256 bits, and for CBC without an
    /// IV.
    pub fn new(
        (mode, bits, padding): (Mode, KeyBits, Padding),
        key: &TokenKey,
        iv: Option<&Iv>,
    ) -> Result<Self, CryptoError> {
        let cipher = match mode {
            Mode::Cbc => {
                let iv = *iv.ok_or(CryptoError::Key)?.bytes();
                Cipher::Blocks(Box::new(BlockCipher::new(key, bits, Some(iv), padding)?))
            }
            Mode::Ecb => Cipher::Blocks(Box::new(BlockCipher::new(key, bits, None, padding)?)),
            Mode::Gcm => Cipher::Gcm(Gcm::new(key, bits)?),
            Mode::Jwe => Cipher::Jwe(Jwe::new(key, bits)?),
        };
        Ok(Self { mode, cipher })
    }

    /// How it uses AES.
    #[must_use]
    pub const fn mode(&self) -> Mode {
        self.mode
    }

    /// The token of `plain`: a JWE, or Base64 (standard, padded) of the ciphertext (X3).
    ///
    /// # Errors
    /// [`CryptoError::Length`] if the padding cannot fill `plain` to whole blocks; [`CryptoError::Random`],
    /// [`CryptoError::Seal`].
    pub fn seal(&self, plain: &[u8]) -> Result<String, CryptoError> {
        match &self.cipher {
            Cipher::Blocks(blocks) => blocks.seal(plain),
            Cipher::Gcm(gcm) => gcm.seal(plain),
            Cipher::Jwe(jwe) => jwe.seal(plain),
        }
    }

    /// Opens a token. Whoever calls this has bounded its length.
    #[must_use]
    pub fn open(&self, token: &str) -> DecryptedToken {
        match &self.cipher {
            Cipher::Blocks(blocks) => blocks.open(token),
            Cipher::Gcm(gcm) => gcm.open(token),
            Cipher::Jwe(jwe) => jwe.open(token),
        }
    }
}

impl std::fmt::Debug for TokenCipher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TokenCipher").field("mode", &self.mode).finish_non_exhaustive()
    }
}
