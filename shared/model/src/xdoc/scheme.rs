//! How a token set uses AES (X1, X5, X9).

use crypto::{CipherSettings, CryptoError, Iv, KeyBits, Mode, Padding, TokenCipher, TokenKey};
use serde::{Deserialize, Serialize};

/// How a token set uses AES (X1). What is not chosen is GCM with 256 bits (X9).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Scheme {
    /// The mode.
    pub mode: Mode,
    /// The size of the key.
    pub key_bits: KeyBits,
    /// What fills the last block in CBC and ECB.
    pub padding: Padding,
    /// The IV of CBC. Kept and unused in other modes.
    pub iv: Option<Iv>,
}

/// Settings that fit no cipher.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidScheme {
    /// CBC without an IV. Whoever wants sixteen zero bytes says so.
    #[error("CBC needs an IV")]
    NoIv,
    /// `A256GCM` has keys of 256 bits.
    #[error("JWE needs a key of 256 bits")]
    JweBits,
}

impl Scheme {
    /// Whether there is a cipher for it.
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

    /// The cipher of that key.
    ///
    /// # Errors
    /// [`CryptoError::Key`] if the key is of another size, or the scheme is not sound.
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
    fn x5_a_scheme_has_a_cipher_or_is_refused() {
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
