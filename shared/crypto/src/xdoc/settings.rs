//! How a project encrypts its security and user tokens: mode, key size and padding (X1, X5, X9).

use serde::{Deserialize, Serialize};

/// The AES mode of tokens (X1, X9).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "&'static str")]
pub enum Mode {
    /// Cipher block chaining with the configured IV. For compatibility: changed tokens are not detected.
    Cbc,
    /// Electronic code book. For compatibility: changed tokens are not detected, and equal blocks stay equal.
    Ecb,
    /// Galois/counter mode. A random 12-byte IV comes first, the 16-byte tag last (X9).
    #[default]
    Gcm,
    /// Compact JWE with `dir` and `A256GCM` (X9; RFC 7516; RFC 7518, 4.5 and 5.3).
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

/// How the last block is filled in CBC and ECB (X1). GCM and JWE ignore it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "&'static str")]
pub enum Padding {
    /// PKCS #7 padding (RFC 5652, 6.3).
    #[default]
    Pkcs7,
    /// Zero bytes. Zeros at the end of the plaintext are lost.
    Zeros,
    /// No padding: the plaintext must be whole blocks.
    None,
}

/// The settings of one cipher, without its key and IV.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CipherSettings {
    /// The AES mode.
    pub mode: Mode,
    /// The size of the key.
    pub key_bits: KeyBits,
    /// How the last block is filled in CBC and ECB.
    pub padding: Padding,
}

impl Mode {
    /// The name in settings.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cbc => "CBC",
            Self::Ecb => "ECB",
            Self::Gcm => "GCM",
            Self::Jwe => "JWE",
        }
    }

    /// Whether a changed token is detected. Modes without authentication exist for compatibility only (X9).
    #[must_use]
    pub const fn is_authenticated(self) -> bool {
        matches!(self, Self::Gcm | Self::Jwe)
    }
}

impl KeyBits {
    /// The length of the key in bytes.
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
    /// The name in settings.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pkcs7 => "PKCS7",
            Self::Zeros => "zeros",
            Self::None => "none",
        }
    }
}

/// An empty text means CBC (X5).
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

/// Accepts a JSON number with a zero fraction: `256.0` equals `256`.
impl TryFrom<f64> for KeyBits {
    type Error = &'static str;

    fn try_from(bits: f64) -> Result<Self, &'static str> {
        [Self::Aes128, Self::Aes192, Self::Aes256]
            .into_iter()
            .find(|size| f64::from(u16::from(*size)) == bits)
            .ok_or("must be 128, 192 or 256")
    }
}

/// An empty text means PKCS7 (X5).
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn x5_empty_mode_and_padding_mean_cbc_and_pkcs7() {
        assert_eq!(Mode::try_from(String::new()), Ok(Mode::Cbc));
        assert_eq!(Padding::try_from(String::new()), Ok(Padding::Pkcs7));
        for bad in ["cbc", "CTR", " "] {
            assert!(Mode::try_from(bad.to_owned()).is_err() && Padding::try_from(bad.to_owned()).is_err());
        }
    }

    #[test]
    fn x9_the_default_is_gcm_with_256_bits() {
        assert_eq!((Mode::default(), KeyBits::default()), (Mode::Gcm, KeyBits::Aes256));
        assert!(Mode::Gcm.is_authenticated() && Mode::Jwe.is_authenticated());
        assert!(!Mode::Cbc.is_authenticated() && !Mode::Ecb.is_authenticated());
    }

    #[test]
    fn x1_settings_are_parsed_as_they_are_written() {
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
