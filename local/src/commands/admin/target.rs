//! The URLs of a call: the booth's `/v1/token`, and a resource of its Admin API.

use std::net::IpAddr;

use reqwest::Url;

use crate::issuer::IssuerUrl;

/// Where a call goes.
#[derive(Debug)]
pub(crate) struct Target {
    /// The URL where a key is redeemed for a token.
    pub(crate) sign_in: Url,
    /// The URL of the resource.
    pub(crate) resource: Url,
}

/// Why the URL or the path is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum InvalidTarget {
    #[error("--url must be an http or https URL without user name, query and fragment")]
    Url,
    #[error("--url must begin with https, because the key and the token would be sent in clear text")]
    ClearText,
    #[error("the path must be one below /admin/v1, for example entities or /admin/v1/audit-log?limit=10")]
    Path,
}

impl Target {
    /// The target at `path` of the booth `url`. Only a booth on this machine may have an http URL.
    pub(crate) fn new(url: &str, path: &str) -> Result<Self, InvalidTarget> {
        let booth: IssuerUrl = url.parse().map_err(|_| InvalidTarget::Url)?;
        let below = |path: &str| Url::parse(&format!("{booth}{path}")).map_err(|_| InvalidTarget::Path);
        let (sign_in, root) = (below("/v1/token")?, below("/admin/v1/")?);
        if sign_in.scheme() != "https" && !is_loopback(&sign_in) {
            return Err(InvalidTarget::ClearText);
        }
        let relative = path.strip_prefix("/admin/v1/").unwrap_or(path.trim_start_matches('/'));
        let resource = below(&format!("/admin/v1/{relative}"))?;
        // The parser has resolved `..` by now, also in its encoded forms.
        let is_below = resource.path().starts_with(root.path()) && resource.path() != root.path();
        if !is_below || path.contains(['#', '\\']) || path.contains("://") {
            return Err(InvalidTarget::Path);
        }
        Ok(Self { sign_in, resource })
    }

    /// Whether the booth runs on this machine.
    pub(crate) fn is_local(&self) -> bool {
        is_loopback(&self.sign_in)
    }
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resource(path: &str) -> Result<String, InvalidTarget> {
        Target::new("https://tokens.example.com/booth", path).map(|target| target.resource.to_string())
    }

    #[test]
    fn a_path_is_read_with_and_without_the_api_s_root() {
        let entities = "https://tokens.example.com/booth/admin/v1/entities";
        for path in ["entities", "/entities", "/admin/v1/entities"] {
            assert_eq!(resource(path).unwrap(), entities, "{path}");
        }
        let page = resource("audit-log?limit=5&cursor=a.b").unwrap();
        assert_eq!(page, "https://tokens.example.com/booth/admin/v1/audit-log?limit=5&cursor=a.b");
    }

    #[test]
    fn a_path_never_leaves_the_admin_api() {
        for path in
            ["", "/", "..", "../../v1/token", "%2e%2e/x", "entities#a", "https://evil.example/x", "a\\b"]
        {
            assert_eq!(resource(path), Err(InvalidTarget::Path), "{path:?}");
        }
        for path in ["//evil.example/x", "@evil.example"] {
            assert!(resource(path).unwrap().starts_with("https://tokens.example.com/"), "{path}");
        }
    }

    #[test]
    fn a_key_is_sent_in_clear_text_on_this_machine_only() {
        for (url, expected) in [
            ("http://127.0.0.1:9000", None),
            ("http://localhost:9000", None),
            ("http://[::1]:9000", None),
            ("https://tokens.example.com", None),
            ("http://tokens.example.com", Some(InvalidTarget::ClearText)),
            ("http://127.0.0.1.example.com", Some(InvalidTarget::ClearText)),
            ("tokens.example.com", Some(InvalidTarget::Url)),
            ("https://user@tokens.example.com", Some(InvalidTarget::Url)),
        ] {
            assert_eq!(Target::new(url, "entities").err(), expected, "{url}");
        }
    }
}
