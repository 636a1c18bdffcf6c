//! The key and the IV of a token set (X5).

use data_encoding::{BASE64, HEXLOWER_PERMISSIVE};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::{CryptoError, KeyBits};

/// The bytes of an AES key. `Debug` hides them, drop wipes them.
#[derive(Clone)]
pub struct TokenKey(Zeroizing<Vec<u8>>);

impl TokenKey {
    /// Parses Base64 (standard alphabet, padded) or hex of exactly that key size (X5). The two lengths always differ,
    /// so the length decides.
    ///
    /// # Errors
    /// [`CryptoError::Key`].
    pub fn parse(text: &str, bits: KeyBits) -> Result<Self, CryptoError> {
        let encoding = if text.len() == bits.bytes() * 2 { HEXLOWER_PERMISSIVE } else { BASE64 };
        let bytes = Zeroizing::new(encoding.decode(text.as_bytes()).map_err(|_| CryptoError::Key)?);
        if bytes.len() == bits.bytes() { Ok(Self(bytes)) } else { Err(CryptoError::Key) }
    }

    /// Generates a random key.
    ///
    /// # Errors
    /// [`CryptoError::Random`].
    pub fn generate(bits: KeyBits) -> Result<Self, CryptoError> {
        let mut bytes = Zeroizing::new(vec![0; bits.bytes()]);
        aws_lc_rs::rand::fill(&mut bytes).map_err(|_| CryptoError::Random)?;
        Ok(Self(bytes))
    }

    /// Returns the key in clear. The caller must not log or store it.
    #[must_use]
    pub fn reveal(&self) -> &[u8] {
        &self.0
    }

    /// Returns the key in Base64, as in a downloaded settings file (X10).
    #[must_use]
    pub fn reveal_text(&self) -> Zeroizing<String> {
        Zeroizing::new(BASE64.encode(&self.0))
    }
}

impl std::fmt::Debug for TokenKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TokenKey(redacted)")
    }
}

/// The IV of CBC tokens. Both sides configure it, it is never sent (X4), and it is not secret. The text is kept as it
/// was configured.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Iv {
    text: String,
    bytes: [u8; 16],
}

impl Iv {
    /// The 16 bytes.
    #[must_use]
    pub const fn bytes(&self) -> &[u8; 16] {
        &self.bytes
    }

    /// Whether the IV was configured as eight characters, encoded as UTF-16LE, for older clients. Half of its bytes
    /// are then predictable (X5).
    #[must_use]
    pub fn is_legacy(&self) -> bool {
        self.text.chars().count() == 8
    }
}

/// Parses 16 bytes in Base64 or hex, or eight characters (X5).
impl TryFrom<String> for Iv {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, &'static str> {
        let rule = "must be 16 bytes in Base64 or hex, or 8 characters";
        let decoded = match text.len() {
            32 => HEXLOWER_PERMISSIVE.decode(text.as_bytes()).map_err(|_| rule)?,
            _ if text.chars().count() == 8 => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            _ => BASE64.decode(text.as_bytes()).map_err(|_| rule)?,
        };
        let is_printable = !text.chars().any(char::is_control);
        let bytes = decoded.try_into().ok().filter(|_| is_printable).ok_or(rule)?;
        Ok(Self { text, bytes })
    }
}

impl From<Iv> for String {
    fn from(iv: Iv) -> Self {
        iv.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn x5_a_key_is_base64_or_hex_of_exactly_its_size() {
        for bits in [KeyBits::Aes128, KeyBits::Aes192, KeyBits::Aes256] {
            let bytes = vec![0xAB; bits.bytes()];
            let hex = HEXLOWER_PERMISSIVE.encode(&bytes);
            for good in [BASE64.encode(&bytes), hex.clone(), hex.to_uppercase()] {
                assert_eq!(TokenKey::parse(&good, bits).unwrap().reveal(), bytes, "{good}");
            }
            let short = BASE64.encode(&bytes[1..]);
            for bad in ["", &short, &hex[2..], &format!("{hex}ab"), &BASE64.encode(&bytes)[1..]] {
                assert_eq!(TokenKey::parse(bad, bits).unwrap_err(), CryptoError::Key, "{bad}");
            }
        }
        assert!(!format!("{:?}", TokenKey::generate(KeyBits::Aes256).unwrap()).contains('['));
    }

    #[test]
    fn x5_an_iv_is_16_bytes_in_base64_or_hex_or_8_characters() {
        let read = |text: &str| Iv::try_from(text.to_owned());
        assert_eq!(read(&"0f".repeat(16)).unwrap().bytes(), &[15; 16]);
        assert_eq!(read(&BASE64.encode(&[15; 16])).unwrap().bytes(), &[15; 16]);
        let legacy = read("MyIV1234").unwrap();
        assert_eq!(legacy.bytes(), b"M\0y\0I\0V\x001\x002\x003\x004\0");
        assert!(legacy.is_legacy() && !read(&"0f".repeat(16)).unwrap().is_legacy());
        for bad in [
            "",
            "1234567",
            "123456789",
            "1234567\n",
            "\u{1F600}234567\u{e9}",
            &"0g".repeat(16),
            &"0f".repeat(15),
        ] {
            assert!(read(bad).is_err(), "{bad:?}");
        }
    }
}
