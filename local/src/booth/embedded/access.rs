//! Who may call the embedded DynamoDB: programs that know its access key, and no web page.

use std::net::{IpAddr, SocketAddr};

use aws_sdk_dynamodb::config::Credentials;
use axum::http::{HeaderMap, header, uri::Authority};
use crypto::CryptoError;
use data_encoding::BASE32_NOPAD;

/// The access key of one start. The emulator verifies no signatures, so the id is the secret: 160 random bits.
#[derive(Clone)]
pub(super) struct AccessKey {
    id: String,
    secret: String,
}

/// Why a request is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Denied {
    /// A web page sent it: it has an `Origin`, or a `Host` that is not this server.
    WebPage,
    /// It has no access key, or another one.
    UnknownKey,
}

impl AccessKey {
    pub(super) fn generate() -> Result<Self, CryptoError> {
        let text = || Ok(BASE32_NOPAD.encode(&crypto::random::<20>()?));
        Ok(Self { id: text()?, secret: text()? })
    }

    pub(super) fn credentials(&self) -> Credentials {
        Credentials::new(&self.id, &self.secret, None, None, "embedded DynamoDB")
    }

    /// Checks a request to the server that listens on `address`.
    pub(super) fn check(&self, headers: &HeaderMap, address: SocketAddr) -> Result<(), Denied> {
        if headers.contains_key(header::ORIGIN) || !names_server(headers, address) {
            return Err(Denied::WebPage);
        }
        let id = access_key_id(headers).ok_or(Denied::UnknownKey)?;
        if crypto::constant_time_eq(id, &self.id) { Ok(()) } else { Err(Denied::UnknownKey) }
    }
}

/// Whether `Host` is an address of this server. If a web page makes its own host name resolve to loopback (DNS rebinding),
/// `Host` still has that name.
fn names_server(headers: &HeaderMap, address: SocketAddr) -> bool {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let Some(authority) = host.and_then(|host| host.parse::<Authority>().ok()) else { return false };
    let name = authority.host().trim_matches(['[', ']']);
    let is_own = match name.parse::<IpAddr>() {
        Ok(ip) => ip.is_loopback() || ip == address.ip() || address.ip().is_unspecified(),
        Err(_) => name.eq_ignore_ascii_case("localhost"),
    };
    is_own && authority.port_u16().unwrap_or(80) == address.port()
}

/// The access key id in the header of a signed request: `AWS4-HMAC-SHA256 Credential=<id>/<date>/…, …` (AWS Signature
/// Version 4).
fn access_key_id(headers: &HeaderMap) -> Option<&str> {
    let parameters = headers.get(header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("AWS4-HMAC-SHA256 ")?;
    let mut parameters = parameters.split(',').map(str::trim);
    let credential = parameters.find_map(|parameter| parameter.strip_prefix("Credential="))?;
    credential.split_once('/').map(|(id, _)| id)
}

impl std::fmt::Debug for AccessKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AccessKey(redacted)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_calls_of_programs_that_know_the_key_are_allowed() {
        let key = AccessKey { id: "OURS".to_owned(), secret: "S".to_owned() };
        let signed = |id| {
            format!("AWS4-HMAC-SHA256 Credential={id}/20261126/us-east-1/dynamodb/aws4_request, Signature=0")
        };
        let (ours, other) = (signed("OURS"), signed("OTHER"));
        for (host, authorization, origin, expected) in [
            ("127.0.0.1:9002", &*ours, None, Ok(())),
            ("localhost:9002", &ours, None, Ok(())),
            ("[::1]:9002", &ours, None, Ok(())),
            ("127.0.0.1:9002", &other, None, Err(Denied::UnknownKey)),
            ("127.0.0.1:9002", "Bearer OURS", None, Err(Denied::UnknownKey)),
            ("127.0.0.1:9002", "AWS4-HMAC-SHA256 Credential=OURS", None, Err(Denied::UnknownKey)),
            ("127.0.0.1:9002", &ours, Some("http://127.0.0.1:9002"), Err(Denied::WebPage)),
            ("127.0.0.1:9002", &ours, Some("null"), Err(Denied::WebPage)),
            ("127.0.0.1", &ours, None, Err(Denied::WebPage)),
            ("127.0.0.1:9003", &ours, None, Err(Denied::WebPage)),
            ("192.0.2.1:9002", &ours, None, Err(Denied::WebPage)),
            ("attacker.example:9002", &ours, None, Err(Denied::WebPage)),
            ("localhost.attacker.example:9002", &ours, None, Err(Denied::WebPage)),
            ("", &ours, None, Err(Denied::WebPage)),
        ] {
            let mut headers = HeaderMap::from_iter([
                (header::HOST, host.parse().unwrap()),
                (header::AUTHORIZATION, authorization.parse().unwrap()),
            ]);
            headers.extend(origin.map(|origin: &str| (header::ORIGIN, origin.parse().unwrap())));
            let address = "127.0.0.1:9002".parse().unwrap();
            assert_eq!(key.check(&headers, address), expected, "{host} {authorization} {origin:?}");
        }
    }

    #[test]
    fn each_start_has_another_key() {
        let [one, other] = [(); 2].map(|()| AccessKey::generate().unwrap());
        assert_ne!(one.id, other.id);
        assert_eq!(one.id.len(), 32, "160 bits");
    }
}
