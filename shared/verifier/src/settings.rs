//! What a verifier expects of every token.

use crypto::{Algorithm, TokenType};

/// What every token must have: one issuer, one audience, one algorithm, and one of these types.
#[derive(Debug, Clone)]
pub struct Settings {
    pub(crate) issuer: String,
    pub(crate) audience: String,
    pub(crate) algorithm: Algorithm,
    pub(crate) types: Vec<TokenType>,
}

/// Which setting is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// The issuer is no URL, has a query or a fragment, or is neither HTTPS nor on this machine.
    #[error("the issuer must be an https URL, or an http URL on this machine, without query and fragment")]
    Issuer,
    /// The audience is empty, too long, or has a space or a control character.
    #[error("the audience must have 1 to 512 characters without spaces")]
    Audience,
}

/// The maximum length of an issuer and of an audience in bytes.
const MAX_BYTES: usize = 512;

impl Settings {
    /// Expects OAuth access tokens (`at+jwt`, RFC 9068) of `issuer` for `audience`, signed with `algorithm`.
    ///
    /// `issuer` is the deployment's public URL without a slash at the end. `audience` is the identifier of the API, and
    /// `algorithm` the one that the API has in its settings.
    ///
    /// # Errors
    /// [`SettingsError`].
    pub fn new(issuer: &str, audience: &str, algorithm: Algorithm) -> Result<Self, SettingsError> {
        if !is_issuer(issuer) {
            return Err(SettingsError::Issuer);
        }
        if audience.is_empty() || !is_plain(audience) {
            return Err(SettingsError::Audience);
        }
        let (issuer, audience) = (issuer.to_owned(), audience.to_owned());
        Ok(Self { issuer, audience, algorithm, types: vec![TokenType::AccessToken] })
    }

    /// Also accepts the tokens that providers issue to anonymous users for this audience (`JWT`, F18).
    #[must_use]
    pub fn with_anonymous_tokens(mut self) -> Self {
        self.types.push(TokenType::Jwt);
        self
    }

    /// The URL of the public keys (A1).
    #[must_use]
    pub fn jwks_url(&self) -> String {
        format!("{}/.well-known/jwks.json", self.issuer)
    }
}

fn is_plain(text: &str) -> bool {
    text.len() <= MAX_BYTES && !text.contains(|c: char| c.is_whitespace() || c.is_control())
}

fn is_issuer(text: &str) -> bool {
    // Names below `localhost` are loopback addresses (RFC 6761, 6.3).
    let is_on_this_machine = |rest: &str| {
        let authority = rest.split('/').next().unwrap_or_default();
        let host = authority.rsplit_once(':').map_or(authority, |(host, port)| {
            if port.bytes().all(|byte| byte.is_ascii_digit()) { host } else { authority }
        });
        ["127.0.0.1", "localhost", "[::1]"].contains(&host) || host.ends_with(".localhost")
    };
    let is_url = match text.split_once("://") {
        Some(("https", rest)) => !rest.is_empty() && !rest.starts_with('/'),
        Some(("http", rest)) => is_on_this_machine(rest),
        _ => false,
    };
    is_url && is_plain(text) && !text.ends_with('/') && !text.contains(['?', '#', '@', '\\'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a3_settings_name_an_issuer_over_tls_and_an_audience() {
        let long = format!("https://{}", "a".repeat(MAX_BYTES));
        for (issuer, audience, expected) in [
            ("https://booth.example", "https://api.example", Ok(())),
            ("https://booth.example/path", "urn:api", Ok(())),
            ("http://127.0.0.1:8787", "a", Ok(())),
            ("http://localhost", "a", Ok(())),
            ("http://[::1]:8787", "a", Ok(())),
            ("http://abc.localhost:4566", "a", Ok(())),
            ("http://evil-localhost", "a", Err(SettingsError::Issuer)),
            ("http://127.0.0.1:x.evil.example", "a", Err(SettingsError::Issuer)),
            ("http://127.0.0.1.evil.example", "a", Err(SettingsError::Issuer)),
            ("http://[::1].evil.example", "a", Err(SettingsError::Issuer)),
            ("http://127.0.0.1@evil.example", "a", Err(SettingsError::Issuer)),
            ("http://booth.example", "a", Err(SettingsError::Issuer)),
            ("https://booth.example/", "a", Err(SettingsError::Issuer)),
            ("https://", "a", Err(SettingsError::Issuer)),
            ("https:///x", "a", Err(SettingsError::Issuer)),
            ("https://booth.example?x", "a", Err(SettingsError::Issuer)),
            ("https://booth.example#x", "a", Err(SettingsError::Issuer)),
            ("https://booth .example", "a", Err(SettingsError::Issuer)),
            (&long, "a", Err(SettingsError::Issuer)),
            ("booth.example", "a", Err(SettingsError::Issuer)),
            ("", "a", Err(SettingsError::Issuer)),
            ("https://booth.example", "", Err(SettingsError::Audience)),
            ("https://booth.example", "a b", Err(SettingsError::Audience)),
            ("https://booth.example", "a\u{7}", Err(SettingsError::Audience)),
            ("https://booth.example", &long, Err(SettingsError::Audience)),
        ] {
            let found = Settings::new(issuer, audience, Algorithm::RS256).map(drop);
            assert_eq!(found, expected, "{issuer} {audience}");
        }
    }
}
