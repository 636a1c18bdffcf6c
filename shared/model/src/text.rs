//! Texts with limits. A value of one of these types satisfies its rule.

use serde::{Deserialize, Serialize};

/// Defines a text type with a rule, and the message for texts that break the rule.
macro_rules! bounded_text {
    ($(#[$doc:meta])* $name:ident, $rule:expr, $message:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = &'static str;
            fn try_from(text: String) -> Result<Self, &'static str> {
                let rule: fn(&str) -> bool = $rule;
                if rule(&text) { Ok(Self(text)) } else { Err($message) }
            }
        }

        impl From<$name> for String {
            fn from(text: $name) -> Self {
                text.0
            }
        }
    };
}
pub(crate) use bounded_text;

bounded_text!(
    /// A first or last name (F12).
    PersonName,
    |text| is_line(text, 100),
    "must be 1 to 100 characters, without control characters, not blank"
);
bounded_text!(
    /// An e-mail address (F12): one `@`, a local part without quotes, and a domain as in [`EmailDomain`]; at
    /// most 254 characters.
    Email,
    |text| text.len() <= 254
        && text.split_once('@').is_some_and(|(local, domain)| is_local_part(local) && is_domain(domain)),
    "must be an e-mail address of at most 254 characters"
);
bounded_text!(
    /// The domain of generated e-mail addresses (F13): at least two host name labels, at most 253 characters.
    EmailDomain,
    |text| text.len() <= 253 && is_domain(text),
    "must be a domain name of at most 253 characters"
);

bounded_text!(
    /// The name of a site in requests (V1). It needs no escaping in a URL's query.
    SiteName,
    |text| (1..=64).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte)),
    "must be 1 to 64 characters of A-Z a-z 0-9 . _ -"
);
bounded_text!(
    /// A field of a security or user token, or a project's security context (X1, X2).
    FieldText,
    |text| is_line(text, 256),
    "must be 1 to 256 characters, without control characters, not blank"
);
bounded_text!(
    /// The longer field `ExtData` of a user token (X2).
    LongText,
    |text| is_line(text, 2048),
    "must be 1 to 2048 characters, without control characters, not blank"
);

bounded_text!(
    /// A project's id for one of its users (S5). U+FFFD is refused: gateways put it in place of bytes that
    /// are not UTF-8.
    UserId,
    |text| is_line_or_empty(text, 256) && !text.is_empty() && !text.contains(char::REPLACEMENT_CHARACTER),
    "must be 1 to 256 characters, without control characters and U+FFFD"
);
bounded_text!(
    /// The caller's own name of an anonymous user (F18).
    Subject,
    |text| is_line_or_empty(text, 64) && !text.is_empty() && !text.contains(char::REPLACEMENT_CHARACTER),
    "must be 1 to 64 characters, without control characters and U+FFFD"
);
bounded_text!(
    /// The user or event of a signed token. It may be empty (S3).
    TokenUser,
    |text| is_line_or_empty(text, 256) && !is_dot_segment(text),
    "must be at most 256 characters, without control characters, not . or .."
);
bounded_text!(
    /// The id of a user's device, chosen by the project's app or generated (S5).
    DeviceId,
    is_plain_id,
    "must be 1 to 128 characters of A-Z a-z 0-9 . _ -"
);
bounded_text!(
    /// The identity that was recognised for a device (S6).
    Identity,
    is_plain_id,
    "must be 1 to 128 characters of A-Z a-z 0-9 . _ -"
);
bounded_text!(
    /// A text that a device reports about itself (S5).
    InfoText,
    |text| is_line_or_empty(text, 64),
    "must be at most 64 characters, without control characters"
);

impl UserId {
    /// Whether the id is `.` or `..`. These are refused for new devices, because a URL's path cannot contain them
    /// (RFC 3986, 5.2.4). Earlier versions stored them.
    #[must_use]
    pub fn is_dot_segment(&self) -> bool {
        is_dot_segment(&self.0)
    }
}

pub(crate) fn is_line(text: &str, max: usize) -> bool {
    text.chars().count() <= max && !text.trim().is_empty() && !text.chars().any(char::is_control)
}

fn is_line_or_empty(text: &str, max: usize) -> bool {
    text.chars().count() <= max && !text.chars().any(char::is_control)
}

fn is_dot_segment(text: &str) -> bool {
    matches!(text, "." | "..")
}

fn is_plain_id(text: &str) -> bool {
    (1..=128).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
}

fn is_local_part(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".!#$%&'*+/=?^_`{|}~-".contains(&byte))
}

fn is_domain(text: &str) -> bool {
    let labels = || text.split('.');
    labels().count() >= 2 && labels().all(is_label)
}

fn is_label(text: &str) -> bool {
    (1..=63).contains(&text.len())
        && !text.starts_with('-')
        && !text.ends_with('-')
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s5_ids_of_users_and_devices_have_limits() {
        for good in ["u", " ", "a/b#c@d", "e\u{301}", &"\u{e9}".repeat(256)] {
            assert!(UserId::try_from(good.to_owned()).is_ok(), "{good:?}");
        }
        for bad in ["", "a\nb", "\u{0}", &"a".repeat(257)] {
            assert!(UserId::try_from(bad.to_owned()).is_err(), "{bad:?}");
        }
        assert!(TokenUser::try_from(String::new()).is_ok(), "S3 lets a token be for nobody");
        for dots in [".", ".."] {
            assert!(TokenUser::try_from(dots.to_owned()).is_err(), "{dots}");
            assert!(UserId::try_from(dots.to_owned()).unwrap().is_dot_segment(), "{dots}");
        }
        assert!(DeviceId::try_from("A.b_c-9".repeat(18)).is_ok());
        for bad in ["", "a/b", "a#b", "a b", "\u{e9}", &"a".repeat(129)] {
            assert!(DeviceId::try_from(bad.to_owned()).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn f12_malformed_email_addresses_are_refused() {
        for good in ["a@b.co", "first.last+tag@sub.example.com"] {
            assert!(Email::try_from(good.to_owned()).is_ok(), "{good:?}");
        }
        let long = format!("{}@{}.com", "a".repeat(64), "b".repeat(190));
        for bad in
            ["", "a", "@b.co", "a@", "a@b", "a@b..co", "a@-b.co", "a b@c.de", "a@b@c.de", "a@b.co\n", &long]
        {
            assert!(Email::try_from(bad.to_owned()).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn f13_malformed_email_domains_are_refused() {
        for good in ["example.com", "a.b", "xn--bcher-kva.example"] {
            assert!(EmailDomain::try_from(good.to_owned()).is_ok(), "{good:?}");
        }
        for bad in
            ["", "localhost", ".com", "a..b", "a b.com", "ex@ample.com", &format!("{}.com", "a".repeat(64))]
        {
            assert!(EmailDomain::try_from(bad.to_owned()).is_err(), "{bad:?}");
        }
    }
}
