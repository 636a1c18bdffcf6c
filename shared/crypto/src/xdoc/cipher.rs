//! Encryption and decryption of security and user tokens with a project's settings (X1, X3–X5, X7, X9).
//!
//! Neither the result nor the work of decryption shows why a token cannot be decrypted: see [`DecryptedToken`].

use crate::xdoc::block_cipher::BlockCipher;
use crate::xdoc::gcm::Gcm;
use crate::xdoc::jwe::Jwe;
use crate::{CipherSettings, CryptoError, DecryptedToken, Iv, Mode, TokenKey};

/// The cipher of one token set.
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
    /// Builds the cipher. CBC needs an IV; the other modes ignore it. GCM and JWE ignore the padding.
    ///
    /// # Errors
    /// [`CryptoError::Key`] if the key has another size, if JWE has a key of less than 256 bits, or if CBC has no IV.
    pub fn new(
        CipherSettings { mode, key_bits, padding }: CipherSettings,
        key: &TokenKey,
        iv: Option<&Iv>,
    ) -> Result<Self, CryptoError> {
        let cipher = match mode {
            Mode::Cbc => {
                let iv = *iv.ok_or(CryptoError::Key)?.bytes();
                Cipher::Blocks(Box::new(BlockCipher::new(key, key_bits, Some(iv), padding)?))
            }
            Mode::Ecb => Cipher::Blocks(Box::new(BlockCipher::new(key, key_bits, None, padding)?)),
            Mode::Gcm => Cipher::Gcm(Gcm::new(key, key_bits)?),
            Mode::Jwe => Cipher::Jwe(Jwe::new(key, key_bits)?),
        };
        Ok(Self { mode, cipher })
    }

    /// The AES mode.
    #[must_use]
    pub const fn mode(&self) -> Mode {
        self.mode
    }

    /// Encrypts `plain`. Returns a JWE, or the ciphertext in Base64 (standard alphabet, padded) (X3).
    ///
    /// # Errors
    /// [`CryptoError::Length`] if `plain` is not whole blocks and the padding is `none`; [`CryptoError::Random`];
    /// [`CryptoError::Seal`].
    pub fn seal(&self, plain: &[u8]) -> Result<String, CryptoError> {
        match &self.cipher {
            Cipher::Blocks(blocks) => blocks.seal(plain),
            Cipher::Gcm(gcm) => gcm.seal(plain),
            Cipher::Jwe(jwe) => jwe.seal(plain),
        }
    }

    /// Decrypts a token. The caller has checked that the token is not too long.
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
