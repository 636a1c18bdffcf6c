//! How a token set uses AES (X1, X5, X9).

use crypto::{CipherSettings, CryptoError, Iv, KeyBits, Mode, Padding, TokenCipher, TokenKey};
use serde::{Deserialize, Serialize};

/// How a token set uses AES (X1). The default is GCM with 256 bits (X9).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Scheme {
    /// The mode.
    pub mode: Mode,
    /// The size of the key.
    pub key_bits: KeyBits,
    /// How the last block is filled in CBC and ECB.
    pub padding: Padding,
    /// The IV of CBC. Other modes store it without using it.
    pub iv: Option<Iv>,
}

/// The settings do not make a cipher.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidScheme {
    /// CBC has no IV. There is no default: zero bytes must be configured explicitly.
    #[error("CBC needs an IV")]
    NoIv,
    /// JWE has a key of less than 256 bits, which `A256GCM` does not allow.
    #[error("JWE needs a key of 256 bits")]
    JweBits,
}

impl Scheme {
    /// Checks that a cipher with these settings exists.
    ///
    /// # Errors
    /// [`InvalidScheme`].
    pub fn check(&self) -> Result<(), InvalidScheme> {
        match self.mode {
            Mode::Cbc if self.iv.is_none() => Err(InvalidScheme::NoIv),
            Mode::Jwe if self.key_bits != KeyBits::Aes256 => Err(InvalidScheme::JweBits),
            Mode::Cbc | Mode::Ecb | Mode::Gcm | Mode::Jwe => Ok(()),
        }
    }

    /// Builds the cipher with `key`.
    ///
    /// # Errors
    /// [`CryptoError::Key`] if the key has another size, or if [`check`](Self::check) fails.
    pub fn cipher(&self, key: &TokenKey) -> Result<TokenCipher, CryptoError> {
        let settings = CipherSettings { mode: self.mode, key_bits: self.key_bits, padding: self.padding };
        TokenCipher::new(settings, key, self.iv.as_ref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn x5_a_scheme_without_a_cipher_is_refused() {
        let scheme = |value| serde_json::from_value::<Scheme>(value).unwrap();
        for (case, scheme, expected) in [
            ("nothing chosen", scheme(json!({})), Ok(())),
            ("blank", scheme(json!({ "mode": "", "padding": "", "iv": "12345678" })), Ok(())),
            ("CBC alone", scheme(json!({ "mode": "CBC" })), Err(InvalidScheme::NoIv)),
            ("JWE of 128", scheme(json!({ "mode": "JWE", "key_bits": 128 })), Err(InvalidScheme::JweBits)),
            ("ECB of 192", scheme(json!({ "mode": "ECB", "key_bits": 192 })), Ok(())),
        ] {
            assert_eq!(scheme.check(), expected, "{case}");
            let cipher = scheme.cipher(&TokenKey::generate(scheme.key_bits).unwrap());
            assert_eq!(cipher.is_ok(), expected.is_ok(), "{case}");
        }
    }
}
