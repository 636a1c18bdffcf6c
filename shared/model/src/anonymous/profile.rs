//! The data about an anonymous user in a request (F12, F13, F18).

use serde::Deserialize;
use uuid::Uuid;

use crate::{Email, EmailDomain, Metadata, PersonName, Subject};

/// A token in a request, to be renewed (F18). `Debug` hides it, because it proves its user.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct RenewedToken(String);

impl RenewedToken {
    /// The text of the token.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for RenewedToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RenewedToken(…)")
    }
}

/// The optional parameters of a token request (F12, F18).
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// First name.
    #[serde(default, deserialize_with = "crate::present")]
    pub first_name: Option<PersonName>,
    /// Last name.
    #[serde(default, deserialize_with = "crate::present")]
    pub last_name: Option<PersonName>,
    /// E-mail address. It takes precedence over `email_domain` (F13).
    #[serde(default, deserialize_with = "crate::present")]
    pub email: Option<Email>,
    /// Domain of a generated e-mail address (F13).
    #[serde(default, deserialize_with = "crate::present")]
    pub email_domain: Option<EmailDomain>,
    /// A JSON object that is copied into the token.
    #[serde(default, deserialize_with = "crate::present")]
    pub metadata: Option<Metadata>,
    /// The caller's own name of the user, if the provider allows it (F18).
    #[serde(default, deserialize_with = "crate::present")]
    pub subject: Option<Subject>,
    /// The token of the user who gets a new one, in place of a new user (F18).
    #[serde(default, deserialize_with = "crate::present")]
    pub renew: Option<RenewedToken>,
}

impl Profile {
    /// Whether the request has other parameters than `renew`. A renewal takes them from the token.
    #[must_use]
    pub fn describes_a_user(&self) -> bool {
        Self { renew: None, ..self.clone() } != Self::default()
    }

    /// The e-mail address in the token: the given one, or a random one at the given domain, or a random one
    /// at `anonymous.invalid` (F13).
    pub(crate) fn email_address(&self) -> String {
        if let Some(email) = &self.email {
            return email.as_str().to_owned();
        }
        let domain = self.email_domain.as_ref().map_or("anonymous.invalid", EmailDomain::as_str);
        format!("{}@{domain}", Uuid::new_v4().simple())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn profile(json: &str) -> Profile {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn f13_the_address_comes_before_the_domain_before_the_default() {
        let both = profile(r#"{"email":"a@b.co","email_domain":"c.de"}"#);
        assert_eq!(both.email_address(), "a@b.co");
        let domain = profile(r#"{"email_domain":"c.de"}"#);
        assert!(
            domain.email_address().ends_with("@c.de") && domain.email_address() != domain.email_address()
        );
        assert!(profile("{}").email_address().ends_with("@anonymous.invalid"));
    }
}
