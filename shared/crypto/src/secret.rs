//! Secrets: 256 random bits that can be recognised when leaked, and never show themselves by accident (F6).

use aws_lc_rs::constant_time::verify_slices_are_equal;
use data_encoding::BASE32_NOPAD;
use zeroize::Zeroizing;

use crate::{CryptoError, digest_hex, random};

/// What a secret is for, told by how it begins, so that a leak scanner can be given one rule per kind.
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

/// A secret text. `Debug` hides it, drop wipes it, comparison takes constant time; it leaves only through
/// [`reveal`](Secret::reveal).
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

/// 256 bits in base32 without padding.
const BODY: usize = 52;
/// 32 bits of CRC in base32 without padding.
const CHECKSUM: usize = 7;

impl Secret {
    /// A new secret: prefix, 256 random bits, and a CRC-32 of both, in lower-case base32 (F6).
    ///
    /// # Errors
    /// [`CryptoError::Random`].
    pub fn generate(prefix: Prefix) -> Result<Self, CryptoError> {
        let bits = Zeroizing::new(random::<32>()?);
        let mut text = Zeroizing::new(String::with_capacity(prefix.text().len() + BODY + CHECKSUM));
        text.push_str(prefix.text());
        text.push_str(&lower(&bits[..]));
        let sum = checksum(&text);
        text.push_str(&sum);
        Ok(Self(text))
    }

    /// Whether `text` is a secret of ours by its looks: prefix and checksum fit. Needs no database (F6).
    #[must_use]
    pub fn is_well_formed(text: &str, prefix: Prefix) -> bool {
        let fits = text.is_ascii() && text.len() == prefix.text().len() + BODY + CHECKSUM;
        fits && text.starts_with(prefix.text()) && {
            let (body, sum) = text.split_at(text.len() - CHECKSUM);
            checksum(body) == sum
        }
    }

    /// The secret itself. Whoever calls this answers for where it goes.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Its SHA-256 in lower-case hex: where a secret of 256 random bits is looked up, and all that is stored of one that
    /// is only ever compared (V2).
    #[must_use]
    pub fn digest(&self) -> String {
        digest_hex(self.0.as_bytes())
    }

    /// Whether `other` is this secret, in constant time for equal lengths (lengths are public).
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
    lower(&crc32fast::hash(text.as_bytes()).to_be_bytes())
}

fn lower(bytes: &[u8]) -> String {
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
    fn f6_a_changed_secret_is_not_recognised() {
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
    fn a_secret_hides_in_debug_and_compares_whole() {
        let secret = Secret::from("hunter2".to_owned());
        assert_eq!(format!("{secret:?}"), "Secret(redacted)");
        assert!(secret.equals(&Secret::from("hunter2".to_owned())));
        for other in ["", "hunter", "hunter22", "Hunter2"] {
            assert!(!secret.equals(&Secret::from(other.to_owned())), "{other:?}");
        }
    }
}
