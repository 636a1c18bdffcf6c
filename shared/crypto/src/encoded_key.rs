//! `encodedKey` of a downloaded API key: Base64 of `clientId:clientSecret` (K1).

use data_encoding::{BASE64, BASE64_NOPAD};
use zeroize::Zeroizing;

use crate::Secret;

/// The two halves of an encoded key.
#[derive(Debug, Clone)]
pub struct EncodedKey {
    /// The client id that the caller presented. It may not exist.
    pub client_id: String,
    /// The client secret that the caller presented.
    pub secret: Secret,
}

impl EncodedKey {
    /// Decodes Base64, with or without padding, and splits the text at the first colon (K1). Returns `None` for any
    /// other text.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let encoding = if text.ends_with('=') { BASE64 } else { BASE64_NOPAD };
        let bytes = Zeroizing::new(encoding.decode(text.as_bytes()).ok()?);
        let (client_id, secret) = std::str::from_utf8(&bytes).ok()?.split_once(':')?;
        Some(Self { client_id: client_id.to_owned(), secret: Secret::from(secret.to_owned()) })
    }

    /// Encodes a client id and its secret, with padding.
    #[must_use]
    pub fn encode(client_id: &str, secret: &Secret) -> Secret {
        let joined = Zeroizing::new(format!("{client_id}:{}", secret.reveal()));
        Secret::from(BASE64.encode(joined.as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn k1_base64_is_accepted_with_and_without_padding() {
        for secret in ["s", "se", "sec", "a:b:c"] {
            let encoded = EncodedKey::encode("client", &Secret::from(secret.to_owned()));
            for text in [encoded.reveal(), encoded.reveal().trim_end_matches('=')] {
                let key = EncodedKey::parse(text).unwrap();
                assert_eq!((key.client_id.as_str(), key.secret.reveal()), ("client", secret), "{secret:?}");
            }
        }
    }

    proptest! {
        #[test]
        fn k1_an_encoded_key_is_parsed_back(client_id in "[^:]*", secret in ".*") {
            let encoded = EncodedKey::encode(&client_id, &Secret::from(secret.clone()));
            let key = EncodedKey::parse(encoded.reveal()).unwrap();
            prop_assert_eq!((key.client_id, key.secret.reveal()), (client_id, secret.as_str()));
        }

        #[test]
        fn k4_any_text_is_parsed_or_refused(text in ".*") {
            if let Some(key) = EncodedKey::parse(&text) {
                let again = EncodedKey::encode(&key.client_id, &key.secret);
                prop_assert_eq!(again.reveal().trim_end_matches('='), text.trim_end_matches('='));
            }
        }
    }

    #[test]
    fn k4_text_that_is_not_base64_of_two_halves_is_refused() {
        for bad in ["", "====", "%%%", "bm9jb2xvbg==", "gICA", "YTpi\n", "YTpiYw==="] {
            assert!(EncodedKey::parse(bad).is_none(), "{bad:?}");
        }
    }
}
