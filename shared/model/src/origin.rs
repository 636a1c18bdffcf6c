//! Web origins, and those whose pages may call an endpoint (A9).

use serde::{Deserialize, Serialize};
use url::Url;

use crate::bounded_list::{all_differ, bounded_list};
use crate::text::bounded_text;

/// `https://`, a host name of 253 characters, and a port.
const MAX_LENGTH: usize = 8 + 253 + 6;

bounded_text!(
    /// The origin of a web page, as browsers send it in `Origin` (RFC 6454, 6.2; WHATWG HTML, 7.1.1): scheme `http` or
    /// `https`, host in lower case and ASCII, and the port if it is not the scheme's default. `null` is no origin here:
    /// pages from different sources send it.
    Origin,
    |text| text.len() <= MAX_LENGTH && is_serialized(text),
    "must be an origin such as https://app.example.com: http or https, a host in lower case, no default port, no path"
);

bounded_list!(
    /// The origins whose pages may call (A9). Empty by default: no page may.
    #[derive(PartialEq, Eq)]
    AllowedOrigins,
    Origin,
    20,
    all_differ,
    "must be at most 20 different origins"
);

/// Whether `text` is exactly what a browser sends for a page of this origin. URLs allow more characters in a host, for
/// example `*`, but no host name in DNS has them.
fn is_serialized(text: &str) -> bool {
    let is_allowed =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-._:/[]".contains(&byte);
    let is_web = |url: &Url| matches!(url.scheme(), "http" | "https");
    text.bytes().all(is_allowed)
        && Url::parse(text).ok().filter(is_web).is_some_and(|url| url.origin().ascii_serialization() == text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    fn is_origin(text: &str) -> bool {
        Origin::try_from(text.to_owned()).is_ok()
    }

    #[test]
    fn a9_an_origin_is_written_as_browsers_send_it() {
        let longest = format!("https://{}a.example:65535", "a.".repeat(122));
        assert_eq!(longest.len(), MAX_LENGTH);
        for good in [
            "https://app.example.com",
            "http://localhost:3000",
            "http://127.0.0.1:8080",
            "http://[::1]:8080",
            "https://xn--bcher-kva.example",
            "https://a_b.example.com",
            "https://example.com:80",
            "http://example.com:443",
            &longest,
        ] {
            assert!(is_origin(good), "{good}");
        }
    }

    #[test]
    fn a9_what_no_browser_sends_is_no_origin() {
        let too_long = format!("https://{}a.example:65535", "a".repeat(245));
        for (bad, why) in [
            ("", "empty"),
            ("null", "an opaque origin"),
            ("*", "every origin"),
            ("https://*.example.com", "a wildcard"),
            ("app.example.com", "no scheme"),
            ("//app.example.com", "no scheme"),
            ("https://", "no host"),
            ("https:app.example.com", "no slashes"),
            ("https:///app.example.com", "three slashes"),
            ("https://app.example.com/", "a path"),
            ("https://app.example.com/a", "a path"),
            ("https://app.example.com?a", "a query"),
            ("https://app.example.com#a", "a fragment"),
            ("https://user@app.example.com", "user information"),
            ("https://app.example.com:443", "the default port"),
            ("http://app.example.com:80", "the default port"),
            ("https://app.example.com:", "an empty port"),
            ("https://app.example.com:08443", "a port with a leading zero"),
            ("https://app.example.com:65536", "no such port"),
            ("https://App.example.com", "upper case"),
            ("HTTPS://app.example.com", "upper case"),
            ("https://b\u{fc}cher.example", "not ASCII"),
            ("https://app.example.com\n", "a line break"),
            (" https://app.example.com", "a space"),
            ("https://a.example https://b.example", "two origins"),
            ("https://a.example,https://b.example", "two origins"),
            ("http://127.1", "an address in short form"),
            ("http://0x7f.0.0.1", "an address in hexadecimal"),
            ("http://[0:0:0:0:0:0:0:1]", "an address in long form"),
            ("http://[::1", "half an address"),
            ("ftp://app.example.com", "another scheme"),
            ("file://", "another scheme"),
            ("chrome-extension://abcdef", "another scheme"),
            (too_long.as_str(), "too long"),
        ] {
            assert!(!is_origin(bad), "{why}: {bad:?}");
        }
    }

    #[test]
    fn a9_allowed_origins_are_at_most_20_and_none_twice() {
        let list = |value: Value| serde_json::from_value::<AllowedOrigins>(value).map(|it| it.len()).ok();
        let origins = |count: u32| (0..count).map(|it| json!(format!("https://{it}.example"))).collect();
        assert_eq!(AllowedOrigins::default().len(), 0);
        assert_eq!((list(json!([])), list(origins(20)), list(origins(21))), (Some(0), Some(20), None));
        for bad in [
            json!(["https://a.example", "https://a.example"]),
            json!(["https://a.example/"]),
            json!(["null"]),
            json!([null]),
            json!("https://a.example"),
            json!(null),
        ] {
            assert_eq!(list(bad.clone()), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn a9_any_url_has_one_origin(
            text in "https?://(([a-z0-9_-]{1,12}\\.){0,3}[a-z0-9-]{1,6}|\\[[0-9a-f:]{2,20}\\])(:[0-9]{1,5})?(/[a-z]{0,3})?"
        ) {
            if let Ok(url) = Url::parse(&text) {
                let origin = url.origin().ascii_serialization();
                prop_assert!(is_origin(&origin), "{origin}");
                prop_assert_eq!(is_origin(&text), origin == text);
            }
        }

        #[test]
        fn a9_an_origin_is_nothing_but_scheme_host_and_port(text in "https?://[ -~]{1,20}") {
            if is_origin(&text) {
                let url = Url::parse(&text).unwrap();
                let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
                prop_assert_eq!(&text, &format!("{}://{}{port}", url.scheme(), url.host_str().unwrap()));
                prop_assert!(!text.contains(['*', '@', '?', '#', ',', ' ']));
            }
        }
    }
}
