//! The identifier of an API: the audience of its tokens (A7; RFC 8707, 2).

use percent_encoding::percent_decode_str;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::text::bounded_text;

bounded_text!(
    /// An absolute URI without fragment (RFC 3986, 4.3), at most 255 characters, in its normalized spelling (RFC 3986, 6.2.2):
    /// scheme and host in lower case, without the default port, dot segments and needless percent-encoding. A user name is
    /// refused.
    ApiIdentifier,
    is_identifier,
    "must be an absolute URI in its normalized spelling, without fragment and user name, at most 255 characters"
);

/// The maximum length. A claim's partition key contains the identifier.
const MAX_BYTES: usize = 255;

impl ApiIdentifier {
    /// What makes the identifier unique: without regard to case and to slashes at the end. Some verifiers compare
    /// audiences like this, so two APIs must not differ only in it.
    #[must_use]
    pub fn folded(&self) -> String {
        self.0.to_ascii_lowercase().trim_end_matches('/').to_owned()
    }

    /// Whether the identifier is at or below `base`, an `http` or `https` URL. The schemes are not compared: an identifier
    /// with `http` is below the same host with `https`. If `base` is no such URL, the answer is yes.
    #[must_use]
    pub fn is_at_or_below(&self, base: &str) -> bool {
        let (Ok(own), Ok(base)) = (Url::parse(&self.0), Url::parse(base)) else { return true };
        let path = |url: &Url| url.path().to_ascii_lowercase().trim_end_matches('/').to_owned();
        let is_same_host = own.host_str().map(fold_host) == base.host_str().map(fold_host);
        let is_same_port = port(&own) == port(&base);
        let is_below = path(&own)
            .strip_prefix(&path(&base))
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        is_same_host && is_same_port && is_below
    }
}

/// A host name in lower case, without the dot at the end that makes it absolute.
fn fold_host(host: &str) -> String {
    host.trim_end_matches('.').to_ascii_lowercase()
}

/// The port, or `None` if it is the default one of the scheme.
fn port(url: &Url) -> Option<u16> {
    url.port().filter(|port| ![80, 443].contains(port))
}

fn is_identifier(text: &str) -> bool {
    let Ok(url) = Url::parse(text) else { return false };
    // The parser adds the slash of an empty path.
    let is_normalized = url.as_str() == text || url.as_str().strip_suffix('/') == Some(text);
    let has_nothing_secret = url.username().is_empty() && url.password().is_none() && !text.contains('@');
    let names_something = url.has_host() || !url.path().trim_matches('/').is_empty();
    let is_lower_case = url.host_str().is_none_or(|host| host == fold_host(host));
    text.len() <= MAX_BYTES
        && text.bytes().all(is_uri_byte)
        && url.fragment().is_none()
        && is_normalized
        && has_nothing_secret
        && names_something
        && is_lower_case
        && has_needed_escapes_only(text)
}

/// Whether a URI without fragment may contain the byte (RFC 3986, appendix A).
fn is_uri_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~:/?[]!$&'()*+,;=%".contains(&byte)
}

/// Whether each `%` begins an escape in upper case of a character that needs one (RFC 3986, 6.2.2.1 and 6.2.2.2).
fn has_needed_escapes_only(text: &str) -> bool {
    text.split('%').skip(1).all(|rest| {
        let Some(digits) = rest.get(..2) else { return false };
        let is_hex = digits.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'A'..=b'F'));
        let decoded = percent_decode_str(&format!("%{digits}")).next();
        let is_needed = |byte: u8| !byte.is_ascii_alphanumeric() && !b"-._~".contains(&byte);
        is_hex && decoded.is_some_and(is_needed)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn identifier(text: &str) -> Result<ApiIdentifier, &'static str> {
        text.to_owned().try_into()
    }

    #[test]
    fn a7_an_identifier_is_an_absolute_uri_without_fragment() {
        let longest = format!("https://api.example/{}", "a".repeat(235));
        for good in [
            "https://api.example.com",
            "https://api.example.com/",
            "https://api.example.com/orders/v1",
            "https://api.example.com:8443/orders",
            "http://127.0.0.1:9000",
            "http://[::1]:9000/x",
            "urn:example:orders",
            "api://orders",
            "https://api.example.com/%C3%A9",
            "https://api.example.com/?version=1",
            &longest,
        ] {
            assert_eq!(identifier(good).map(String::from).as_deref(), Ok(good));
        }
        let long = format!("{longest}a");
        for bad in [
            "",
            "orders",
            "/orders",
            "//api.example.com",
            "api.example.com/orders",
            "https://",
            "https:/api.example.com",
            "https:api.example.com",
            "urn:",
            "https://api.example.com/#x",
            "https://api.example.com#",
            "https://user@api.example.com",
            "https://user:word@api.example.com",
            "https://api.example.com/a b",
            " https://api.example.com",
            "https://api.example.com\n",
            "https://api.example.com/\u{e9}",
            "https://b\u{fc}cher.example",
            "https://api.example.com/\"",
            "https://api.example.com/{x}",
            "https://api.example.com\\x",
            "HTTPS://api.example.com",
            "https://API.example.com",
            "api://Orders",
            "https://api.example.com.",
            "https://api.example.com:443",
            "https://api.example.com/a/../b",
            "https://api.example.com/%2e%2e/b",
            "https://api.example.com/%",
            "https://api.example.com/%4",
            "https://api.example.com/%41",
            "https://api.example.com/%c3%a9",
            "https://0x7f000001",
            &long,
        ] {
            assert!(identifier(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a7_the_identifier_of_the_booth_and_what_is_below_it_is_recognised() {
        for (text, base, expected) in [
            ("https://booth.example", "https://booth.example", true),
            ("https://booth.example/", "https://booth.example", true),
            ("http://booth.example", "https://booth.example", true),
            ("https://booth.example/orders", "https://booth.example", true),
            ("https://booth.example/?x", "https://booth.example", true),
            ("https://booth.example:8443", "https://booth.example", false),
            ("https://other.example", "https://booth.example", false),
            ("https://booth.example.com", "https://booth.example", false),
            ("https://x.booth.example", "https://booth.example", false),
            ("urn:booth.example", "https://booth.example", false),
            ("api://booth.example", "https://booth.example", true),
            ("https://booth.example/stage", "https://booth.example/stage", true),
            ("https://booth.example/STAGE/x", "https://booth.example/stage", true),
            ("https://booth.example/stages", "https://booth.example/stage", false),
            ("https://booth.example", "https://booth.example/stage", false),
            ("http://127.0.0.1:9000", "http://127.0.0.1:8080", false),
            ("http://127.0.0.1:8080/x", "http://127.0.0.1:8080", true),
            ("https://api.example", "no URL", true),
        ] {
            assert_eq!(identifier(text).unwrap().is_at_or_below(base), expected, "{text} {base}");
        }
    }

    #[test]
    fn a7_identifiers_that_differ_in_case_or_slashes_are_one_claim() {
        let folded = |text| identifier(text).unwrap().folded();
        assert_eq!(folded("https://api.example/"), folded("https://api.example"));
        assert_eq!(folded("https://api.example/A"), folded("https://api.example/a/"));
        assert_ne!(folded("https://api.example/a"), folded("https://api.example/b"));
    }

    proptest! {
        #[test]
        fn a7_what_is_parsed_is_printable_and_at_or_below_itself(text in "(https?|urn|api):/{0,2}[ -~]{0,40}") {
            if let Ok(parsed) = identifier(&text) {
                prop_assert!(!text.contains(['#', ' ', '@', '\\', '"']));
                prop_assert!(Url::parse(&text).is_ok());
                prop_assert!(!text.starts_with("http") || parsed.is_at_or_below(&text));
            }
        }
    }
}
