//! The issuer URL of a deployment.

use std::str::FromStr;

use axum::http::Uri;
use axum::http::uri::{Authority, Scheme};

/// An absolute `http` or `https` URL without user name, query, fragment and final slash (RFC 8414, section 2). Scheme and
/// host are in lower case. The path contains only slashes and unreserved characters (RFC 3986, section 2.3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssuerUrl(String);

/// The text is not an [`IssuerUrl`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "must be an http or https URL without user name, query and fragment, for example https://tokens.example.com"
)]
pub struct InvalidIssuerUrl;

impl IssuerUrl {
    /// The URL, without a slash at its end.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for IssuerUrl {
    type Err = InvalidIssuerUrl;

    fn from_str(text: &str) -> Result<Self, InvalidIssuerUrl> {
        let uri: Uri = text.parse().map_err(|_| InvalidIssuerUrl)?;
        let is_web = uri.scheme().is_some_and(|scheme| [Scheme::HTTP, Scheme::HTTPS].contains(scheme));
        let authority =
            uri.authority().filter(|authority| is_host_and_port(authority)).ok_or(InvalidIssuerUrl)?;
        // `Uri` drops a fragment without an error.
        if !is_web || text.contains(['?', '#']) || !uri.path().chars().all(is_path_character) {
            return Err(InvalidIssuerUrl);
        }
        let scheme_and_host = format!("{}://{authority}", uri.scheme_str().unwrap_or_default());
        Ok(Self(scheme_and_host.to_ascii_lowercase() + uri.path().trim_end_matches('/')))
    }
}

fn is_host_and_port(authority: &Authority) -> bool {
    let is_host_character = |it: char| it.is_ascii_alphanumeric() || "-.:[]".contains(it);
    let port = authority.as_str().strip_prefix(authority.host());
    let is_port = |text: &str| text.is_empty() || (text.starts_with(':') && authority.port_u16().is_some());
    authority.host().starts_with(|it: char| it.is_ascii_alphanumeric() || it == '[')
        && authority.host().chars().all(is_host_character)
        && port.is_some_and(is_port)
}

fn is_path_character(it: char) -> bool {
    it.is_ascii_alphanumeric() || "/-._~".contains(it)
}

impl std::fmt::Display for IssuerUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_absolute_web_url_is_an_issuer_without_its_final_slash() {
        for (text, issuer) in [
            ("https://tokens.example.com", "https://tokens.example.com"),
            ("https://tokens.example.com/", "https://tokens.example.com"),
            ("https://tokens.example.com/booth//", "https://tokens.example.com/booth"),
            ("http://127.0.0.1:9000", "http://127.0.0.1:9000"),
            ("http://[::1]:9000/", "http://[::1]:9000"),
            ("HTTPS://Tokens.Example.COM/Booth", "https://tokens.example.com/Booth"),
        ] {
            assert_eq!(text.parse::<IssuerUrl>().unwrap().as_str(), issuer);
        }
    }

    #[test]
    fn any_other_text_is_refused() {
        for text in [
            "",
            "/",
            "tokens.example.com",
            "tokens.example.com:443",
            "//tokens.example.com",
            "https:",
            "https://",
            "https:///booth",
            "https://:443",
            "ftp://tokens.example.com",
            "https://user@tokens.example.com",
            "https://tokens.example.com?a=b",
            "https://tokens.example.com?",
            "https://tokens.example.com#top",
            "https://tokens.example.com/a b",
            " https://tokens.example.com",
            "https://tokens.example.com:",
            "https://tokens.example.com:99999",
            "https://.",
            "https://tokens.example.com/\"",
            "https://tokens.example.com/%2e",
            "https://tokens.example.com/$(id)",
        ] {
            assert_eq!(text.parse::<IssuerUrl>(), Err(InvalidIssuerUrl), "{text:?}");
        }
    }
}
