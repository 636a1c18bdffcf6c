//! The data about an anonymous user in a request (F12, F13).

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Email, EmailDomain, Metadata, PersonName};

/// The optional parameters of a token request (F12).
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
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
}

impl Profile {
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
