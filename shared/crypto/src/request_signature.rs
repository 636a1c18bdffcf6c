//! The request signature of window F: HMAC-SHA256 over timestamp and client id (F10).

use data_encoding::HEXLOWER;
use hmac::{Hmac, KeyInit, Mac as _};
use sha2::Sha256;

use crate::Secret;

/// A signature that a caller presents: 32 bytes.
#[derive(Debug, Clone, Copy)]
pub struct RequestSignature([u8; 32]);

impl RequestSignature {
    /// Parses the header's value: exactly 64 lower-case hex digits. Returns `None` for any other text (F10).
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = HEXLOWER.decode(text.as_bytes()).ok()?;
        Some(Self(bytes.try_into().ok()?))
    }
}

/// Signs `timestamp`, immediately followed by `client_id`. The key is the secret's text (F10).
#[must_use]
pub fn sign_request(secret: &Secret, timestamp: &str, client_id: &str) -> String {
    HEXLOWER.encode(&mac(secret, timestamp, client_id).finalize().into_bytes())
}

/// Whether `presented` is the signature of `timestamp` and `client_id`, compared in constant time (F10).
#[must_use]
pub fn verify_request(
    secret: &Secret,
    timestamp: &str,
    client_id: &str,
    presented: &RequestSignature,
) -> bool {
    mac(secret, timestamp, client_id).verify_slice(&presented.0).is_ok()
}

#[expect(clippy::expect_used, reason = "HMAC takes a key of any length")]
fn mac(secret: &Secret, timestamp: &str, client_id: &str) -> Hmac<Sha256> {
    let mut mac =
        Hmac::<Sha256>::new_from_slice(secret.reveal().as_bytes()).expect("HMAC takes a key of any length");
    mac.update(timestamp.as_bytes());
    mac.update(client_id.as_bytes());
    mac
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 4231, test case 2. The message may be split anywhere.
    #[test]
    fn f10_the_signature_is_hmac_sha256_of_timestamp_and_client_id() {
        let secret = Secret::from("Jefe".to_owned());
        let expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert_eq!(sign_request(&secret, "what do ya want ", "for nothing?"), expected);
        assert!(verify_request(
            &secret,
            "what do ya want ",
            "for nothing?",
            &RequestSignature::parse(expected).unwrap()
        ));
    }

    #[test]
    fn f10_any_other_signature_is_refused() {
        let secret = Secret::from("secret".to_owned());
        let good = sign_request(&secret, "1700000000", "client");
        for (case, timestamp, client, key) in [
            ("other time", "1700000001", "client", "secret"),
            ("other client", "1700000000", "clienT", "secret"),
            ("other key", "1700000000", "client", "secreT"),
        ] {
            let key = Secret::from(key.to_owned());
            assert!(
                !verify_request(&key, timestamp, client, &RequestSignature::parse(&good).unwrap()),
                "{case}"
            );
        }
    }

    #[test]
    fn f10_a_signature_is_64_lower_case_hex_digits() {
        let good = sign_request(&Secret::from("k".to_owned()), "1", "c");
        assert!(RequestSignature::parse(&good).is_some());
        for bad in [
            "",
            &good[..62],
            &good[..63],
            &format!("{good}00"),
            &good.to_uppercase(),
            &format!(" {}", &good[1..]),
            &format!("g{}", &good[1..]),
        ] {
            assert!(RequestSignature::parse(bad).is_none() || bad == good, "{bad:?}");
        }
    }
}
