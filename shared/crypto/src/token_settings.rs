//! How a project encrypts its security and user tokens: mode, key size, padding, key and IV (X1, X5, X9).

use data_encoding::{BASE64, HEXLOWER_PERMISSIVE};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::CryptoError;

/// How AES is used on a token (X1, X9).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "&'static str")]
pub enum Mode {
    /// Cipher block chaining with the configured IV: for compatibility. Nothing tells a changed token.
    Cbc,
    /// Electronic code book: for compatibility. Nothing tells a changed token, and equal blocks stay equal.
    Ecb,
    /// Galois/counter mode, a random 12-byte IV in front and the 16-byte tag behind (X9).
    #[default]
    Gcm,
    /// JWE in its compact form, `dir` and `A256GCM` (X9; RFC 7516, RFC 7518 4.5 and 5.3).
    Jwe,
}

/// The size of an AES key in bits (X1).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "u16")]
pub enum KeyBits {
    /// AES-128.
    Aes128,
    /// AES-192.
    Aes192,
    /// AES-256.
    #[default]
    Aes256,
}

/// What fills the last block in CBC and ECB (X1). The other modes need none and ignore it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "&'static str")]
pub enum Padding {
    /// RFC 5652, 6.3.
    #[default]
    Pkcs7,
    /// Zero bytes. Zeros a plaintext ends with cannot be told from them, and are lost.
    Zeros,
    /// None: the plaintext is whole blocks.
    None,
}

impl Mode {
    /// Its name in settings.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cbc => "CBC",
            Self::Ecb => "ECB",
            Self::Gcm => "GCM",
            Self::Jwe => "JWE",
        }
    }

    /// Whether a changed token is told from a whole one. Where not, the mode is there for compatibility alone (X9).
    #[must_use]
    pub const fn is_authenticated(self) -> bool {
        matches!(self, Self::Gcm | Self::Jwe)
    }
}

impl KeyBits {
    /// Bytes in the key.
    #[must_use]
    pub const fn bytes(self) -> usize {
        match self {
            Self::Aes128 => 16,
            Self::Aes192 => 24,
            Self::Aes256 => 32,
        }
    }
}

impl Padding {
    /// Its name in settings.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pkcs7 => "PKCS7",
            Self::Zeros => "zeros",
            Self::None => "none",
        }
    }
}

/// Blank means CBC (X5).
impl TryFrom<String> for Mode {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, &'static str> {
        match text.as_str() {
            "CBC" | "" => Ok(Self::Cbc),
            "ECB" => Ok(Self::Ecb),
            "GCM" => Ok(Self::Gcm),
            "JWE" => Ok(Self::Jwe),
            _ => Err("must be CBC, ECB, GCM or JWE"),
        }
    }
}

/// From a JSON number: `256.0` is as whole as `256`.
impl TryFrom<f64> for KeyBits {
    type Error = &'static str;

    fn try_from(bits: f64) -> Result<Self, &'static str> {
        [Self::Aes128, Self::Aes192, Self::Aes256]
            .into_iter()
            .find(|size| f64::from(u16::from(*size)) == bits)
            .ok_or("must be 128, 192 or 256")
    }
}

/// Blank means PKCS7 (X5).
impl TryFrom<String> for Padding {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, &'static str> {
        match text.as_str() {
            "PKCS7" | "" => Ok(Self::Pkcs7),
            "zeros" => Ok(Self::Zeros),
            "none" => Ok(Self::None),
            _ => Err("must be PKCS7, zeros or none"),
        }
    }
}

impl From<Mode> for &'static str {
    fn from(mode: Mode) -> Self {
        mode.name()
    }
}

impl From<KeyBits> for u16 {
    fn from(bits: KeyBits) -> Self {
        match bits {
            KeyBits::Aes128 => 128,
            KeyBits::Aes192 => 192,
            KeyBits::Aes256 => 256,
        }
    }
}

impl From<Padding> for &'static str {
    fn from(padding: Padding) -> Self {
        padding.name()
    }
}

/// The bytes of an AES key: hidden in `Debug`, wiped on drop.
#[derive(Clone)]
pub struct TokenKey(Zeroizing<Vec<u8>>);

impl TokenKey {
    /// Reads Base64 (standard, padded) or hex of exactly that size (X5). For one size their lengths never meet.
    ///
    /// # Errors
    /// [`CryptoError::Key`].
    pub fn parse(text: &str, bits: KeyBits) -> Result<Self, CryptoError> {
        let bytes = match text.len() == bits.bytes() * 2 {
            true => HEXLOWER_PERMISSIVE.decode(text.as_bytes()),
            false => BASE64.decode(text.as_bytes()),
        };
        let bytes = Zeroizing::new(bytes.map_err(|_| CryptoError::Key)?);
        if bytes.len() == bits.bytes() { Ok(Self(bytes)) } else { Err(CryptoError::Key) }
    }

    /// A new random key.
    ///
    /// # Errors
    /// [`CryptoError::Random`].
    pub fn generate(bits: KeyBits) -> Result<Self, CryptoError> {
        let mut bytes = Zeroizing::new(vec![0; bits.bytes()]);
        aws_lc_rs::rand::fill(&mut bytes).map_err(|_| CryptoError::Random)?;
        Ok(Self(bytes))
    }

    /// The key's bytes. Whoever calls this answers for where they go.
    #[must_use]
    pub fn reveal(&self) -> &[u8] {
        &self.0
    }

    /// The key in Base64, as it stands in a downloaded settings file (X10).
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

/// The IV of CBC tokens: a setting both sides know, never sent (X4), and no secret. Kept as it was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Iv {
    text: String,
    bytes: [u8; 16],
}

impl Iv {
    /// Its bytes.
    #[must_use]
    pub const fn bytes(&self) -> &[u8; 16] {
        &self.bytes
    }

    /// Whether it was written as eight characters, taken as UTF-16LE: what older clients do. Half of its bytes are
    /// then known beforehand (X5).
    #[must_use]
    pub fn is_legacy(&self) -> bool {
        self.text.chars().count() == 8
    }
}

/// From 16 bytes in Base64 or hex, or from eight characters (X5).
impl TryFrom<String> for Iv {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, &'static str> {
        let says = "must be 16 bytes in Base64 or hex, or 8 characters";
        let bytes = match text.len() {
            32 => HEXLOWER_PERMISSIVE.decode(text.as_bytes()).map_err(|_| says)?,
            _ if text.chars().count() == 8 => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            _ => BASE64.decode(text.as_bytes()).map_err(|_| says)?,
        };
        let is_printable = !text.chars().any(char::is_control);
        let bytes = bytes.try_into().ok().filter(|_| is_printable).ok_or(says)?;
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

    #[test]
    fn x5_blank_mode_and_padding_mean_cbc_and_pkcs7() {
        assert_eq!(Mode::try_from(String::new()), Ok(Mode::Cbc));
        assert_eq!(Padding::try_from(String::new()), Ok(Padding::Pkcs7));
        for bad in ["cbc", "CTR", " "] {
            assert!(Mode::try_from(bad.to_owned()).is_err() && Padding::try_from(bad.to_owned()).is_err());
        }
    }

    #[test]
    fn x9_what_is_not_chosen_is_gcm_of_256_bits() {
        assert_eq!((Mode::default(), KeyBits::default()), (Mode::Gcm, KeyBits::Aes256));
        assert!(Mode::Gcm.is_authenticated() && Mode::Jwe.is_authenticated());
        assert!(!Mode::Cbc.is_authenticated() && !Mode::Ecb.is_authenticated());
    }

    #[test]
    fn x1_settings_read_back_as_they_are_written() {
        for mode in [Mode::Cbc, Mode::Ecb, Mode::Gcm, Mode::Jwe] {
            let text = serde_json::to_string(&mode).unwrap();
            assert_eq!(serde_json::from_str::<Mode>(&text).unwrap(), mode, "{text}");
        }
        for bits in ["128", "192", "256"] {
            assert_eq!(serde_json::to_string(&serde_json::from_str::<KeyBits>(bits).unwrap()).unwrap(), bits);
        }
        for bad in ["129", "0", "-1", "\"256\"", "256.5", "null"] {
            assert!(serde_json::from_str::<KeyBits>(bad).is_err(), "{bad}");
        }
        for padding in [Padding::Pkcs7, Padding::Zeros, Padding::None] {
            let text = serde_json::to_string(&padding).unwrap();
            assert_eq!(serde_json::from_str::<Padding>(&text).unwrap(), padding, "{text}");
        }
    }
}
