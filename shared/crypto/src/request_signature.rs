//! The request signature of window F: HMAC-SHA256 over timestamp and client id (F10).

use data_encoding::HEXLOWER;

use crate::{Secret, mac};

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
    HEXLOWER.encode(&mac::sign(secret.reveal().as_bytes(), &[timestamp.as_bytes(), client_id.as_bytes()]))
}

/// Whether `presented` is the signature of `timestamp` and `client_id`, compared in constant time (F10).
#[must_use]
pub fn verify_request(
    secret: &Secret,
    timestamp: &str,
    client_id: &str,
    presented: &RequestSignature,
) -> bool {
    mac::verify(secret.reveal().as_bytes(), &[timestamp.as_bytes(), client_id.as_bytes()], &presented.0)
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
