//! Client ids of API keys and projects (F6).

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::id::MalformedId;

/// A client id: 26 lower-case base32 characters, which are 128 random bits (F6).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ClientId(String);

impl ClientId {
    /// Generates a random id.
    ///
    /// # Errors
    /// [`crypto::CryptoError::Random`].
    pub fn generate() -> Result<Self, crypto::CryptoError> {
        let mut text = data_encoding::BASE32_NOPAD.encode(&crypto::random::<16>()?);
        text.make_ascii_lowercase();
        Ok(Self(text))
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ClientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::str::FromStr for ClientId {
    type Err = MalformedId;

    fn from_str(text: &str) -> Result<Self, MalformedId> {
        let fits = text.len() == 26 && text.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'2'..=b'7'));
        if fits { Ok(Self(text.to_owned())) } else { Err(MalformedId) }
    }
}

as_text!(ClientId);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f6_a_client_id_is_26_lower_case_base32_characters() {
        let id = ClientId::generate().unwrap();
        assert_eq!(id.as_str().parse::<ClientId>().unwrap(), id);
        for bad in
            ["", "a", &"a".repeat(25), &"a".repeat(27), &"A".repeat(26), &"1".repeat(26), &"é".repeat(13)]
        {
            assert!(bad.parse::<ClientId>().is_err(), "{bad:?}");
        }
    }
}
