//! Secrets of 256 random bits. Leak scanners can recognise them, and `Debug` does not show them (F6).

use aws_lc_rs::constant_time::verify_slices_are_equal;
use data_encoding::BASE32_NOPAD;
use zeroize::Zeroizing;

use crate::{CryptoError, digest_hex, random};

/// The purpose of a secret, visible in its first characters. A leak scanner needs one rule for each purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Prefix {
    /// `tbcs_`: the client secret of an API key (F6).
    ClientSecret,
    /// `tbpk_`: a partner's `x-api-key` (V2).
    PartnerKey,
    /// `tbss_`: a site's signing secret (V5).
    SiteSecret,
    /// `tbas_`: a project's API secret (S2).
    ApiSecret,
}

impl Prefix {
    const fn text(self) -> &'static str {
        match self {
            Self::ClientSecret => "tbcs_",
            Self::PartnerKey => "tbpk_",
            Self::SiteSecret => "tbss_",
            Self::ApiSecret => "tbas_",
        }
    }
}

/// A secret text. `Debug` hides it, drop wipes it, and comparison takes constant time. Only
/// [`reveal`](Secret::reveal) returns the text.
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

/// Length of 256 bits in base32 without padding.
const BODY_LENGTH: usize = 52;
/// Length of a 32-bit CRC in base32 without padding.
const CHECKSUM_LENGTH: usize = 7;

impl Secret {
    /// Generates a secret: prefix, 256 random bits, and a CRC-32 of both, in lower-case base32 (F6).
    ///
    /// # Errors
    /// [`CryptoError::Random`].
    pub fn generate(prefix: Prefix) -> Result<Self, CryptoError> {
        let bits = Zeroizing::new(random::<32>()?);
        let mut text =
            Zeroizing::new(String::with_capacity(prefix.text().len() + BODY_LENGTH + CHECKSUM_LENGTH));
        text.push_str(prefix.text());
        text.push_str(&base32_lower(&bits[..]));
        let sum = checksum(&text);
        text.push_str(&sum);
        Ok(Self(text))
    }

    /// Whether `text` has the prefix, the length and the checksum of a secret made here. This needs no database (F6).
    #[must_use]
    pub fn is_well_formed(text: &str, prefix: Prefix) -> bool {
        let has_length = text.is_ascii() && text.len() == prefix.text().len() + BODY_LENGTH + CHECKSUM_LENGTH;
        has_length && text.starts_with(prefix.text()) && {
            let (body, sum) = text.split_at(text.len() - CHECKSUM_LENGTH);
            checksum(body) == sum
        }
    }

    /// Returns the secret in clear. The caller must not log or store it.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// SHA-256 of the secret in lower-case hex. Secrets are looked up by it. For secrets that are only compared,
    /// nothing else is stored (V2).
    #[must_use]
    pub fn digest(&self) -> String {
        digest_hex(self.0.as_bytes())
    }

    /// Whether both secrets are equal, in constant time for equal lengths. Lengths are public.
    #[must_use]
    pub fn equals(&self, other: &Self) -> bool {
        verify_slices_are_equal(self.0.as_bytes(), other.0.as_bytes()).is_ok()
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(Zeroizing::new(text))
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(redacted)")
    }
}

fn checksum(text: &str) -> String {
    base32_lower(&crc32fast::hash(text.as_bytes()).to_be_bytes())
}

fn base32_lower(bytes: &[u8]) -> String {
    let mut text = BASE32_NOPAD.encode(bytes);
    text.make_ascii_lowercase();
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f6_a_secret_carries_its_prefix_and_checksum() {
        let secret = Secret::generate(Prefix::ClientSecret).unwrap();
        assert_eq!(secret.reveal().len(), 64);
        assert!(Secret::is_well_formed(secret.reveal(), Prefix::ClientSecret));
        assert!(!secret.reveal().contains(':'), "K1 splits at the first colon");
    }

    #[test]
    fn f6_a_changed_secret_is_not_well_formed() {
        let secret = Secret::generate(Prefix::ClientSecret).unwrap();
        for at in 0..secret.reveal().len() {
            let mut changed = secret.reveal().as_bytes().to_vec();
            changed[at] = if changed[at] == b'a' { b'b' } else { b'a' };
            let changed = String::from_utf8(changed).unwrap();
            assert!(!Secret::is_well_formed(&changed, Prefix::ClientSecret), "changed at {at}");
        }
        for odd in ["", "tbcs_", "tbcs_ä"] {
            assert!(!Secret::is_well_formed(odd, Prefix::ClientSecret), "{odd:?}");
        }
    }

    #[test]
    fn a_secret_is_hidden_in_debug_output_and_compared_as_a_whole() {
        let secret = Secret::from("hunter2".to_owned());
        assert_eq!(format!("{secret:?}"), "Secret(redacted)");
        assert!(secret.equals(&Secret::from("hunter2".to_owned())));
        for other in ["", "hunter", "hunter22", "Hunter2"] {
            assert!(!secret.equals(&Secret::from(other.to_owned())), "{other:?}");
        }
    }
}
