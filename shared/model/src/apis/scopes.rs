//! The scopes that an API defines (A7; RFC 6749, 3.3).

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Description;
use crate::bounded_list::{all_differ, bounded_list};
use crate::object::Object;
use crate::text::bounded_text;

bounded_text!(
    /// The name of a scope: a `scope-token` (RFC 6749, 3.3), at most 64 characters. It has no spaces, quotes, backslashes and
    /// control characters.
    ApiScopeName,
    |text| (1..=64).contains(&text.len())
        && text.bytes().all(|byte| matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e)),
    "must be 1 to 64 visible ASCII characters, without spaces, \" and \\"
);

/// A scope of an API.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApiScope {
    /// The name in tokens.
    pub name: ApiScopeName,
    /// What a holder of the scope may do.
    #[serde(default, deserialize_with = "crate::present", skip_serializing_if = "Option::is_none")]
    pub description: Option<Description>,
}

/// The scopes of an API: at most 50, no name twice.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Object<ApiScope>>", into = "Vec<ApiScope>")]
pub struct ApiScopes(Vec<ApiScope>);

impl ApiScopes {
    /// The scopes.
    pub fn iter(&self) -> impl Iterator<Item = &ApiScope> {
        self.0.iter()
    }

    /// Whether the API has a scope of this name.
    #[must_use]
    pub fn contains(&self, name: &ApiScopeName) -> bool {
        self.0.iter().any(|scope| scope.name == *name)
    }

    /// The names of all scopes.
    #[must_use]
    pub fn names(&self) -> ScopeNames {
        ScopeNames(self.0.iter().map(|scope| scope.name.clone()).collect())
    }
}

impl TryFrom<Vec<Object<ApiScope>>> for ApiScopes {
    type Error = &'static str;

    fn try_from(scopes: Vec<Object<ApiScope>>) -> Result<Self, &'static str> {
        let scopes: Vec<_> = scopes.into_iter().map(|Object(scope)| scope).collect();
        let names: Vec<_> = scopes.iter().map(|scope| &scope.name).collect();
        let is_valid = names.len() <= 50 && all_differ(&names);
        if is_valid { Ok(Self(scopes)) } else { Err("must be at most 50 scopes, no name twice") }
    }
}

impl From<ApiScopes> for Vec<ApiScope> {
    fn from(scopes: ApiScopes) -> Self {
        scopes.0
    }
}

bounded_list!(
    /// Names of an API's scopes: at most 50, none twice, in the order given.
    #[derive(PartialEq, Eq)]
    ScopeNames, ApiScopeName, 50, all_differ,
    "must be at most 50 scopes, none twice"
);

impl ScopeNames {
    /// The names in the `scope` claim of a token or the `scope` parameter of a request, which spaces separate (RFC 6749,
    /// 3.3). Returns `None` if a name is malformed, or if there are more than 50.
    #[must_use]
    pub fn parse(scope: &str) -> Option<Self> {
        let words: BTreeSet<&str> = scope.split(' ').filter(|word| !word.is_empty()).collect();
        let names =
            words.into_iter().map(|word| word.to_owned().try_into().ok()).collect::<Option<Vec<_>>>()?;
        names.try_into().ok()
    }

    /// The scopes in the `scope` parameter of a token request; without the parameter, all of `self`. Returns `None` if one is
    /// not in `self`, or if the parameter names none.
    #[must_use]
    pub fn narrowed(&self, requested: Option<&str>) -> Option<Self> {
        let Some(requested) = requested else { return Some(self.clone()) };
        Self::parse(requested).filter(|asked| !asked.is_empty() && self.covers(asked))
    }

    /// Whether every one of `others` is in this list.
    #[must_use]
    pub fn covers(&self, others: &Self) -> bool {
        others.iter().all(|other| self.contains(other))
    }

    /// The names of this list that `others` has as well.
    #[must_use]
    pub fn within(&self, others: &Self) -> Self {
        Self(self.0.iter().filter(|name| others.contains(name)).cloned().collect())
    }
}

impl fmt::Display for ScopeNames {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, name) in self.iter().enumerate() {
            let space = if at == 0 { "" } else { " " };
            write!(f, "{space}{}", name.as_str())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn names(text: &str) -> ScopeNames {
        ScopeNames::parse(text).unwrap()
    }

    #[test]
    fn a7_a_scope_name_is_a_scope_token_of_rfc_6749() {
        for good in ["a", "orders:read", "https://api.example/orders.read", "!#[]~", &"a".repeat(64)] {
            assert!(ApiScopeName::try_from(good.to_owned()).is_ok(), "{good:?}");
        }
        for bad in ["", " ", "a b", "a\"b", "a\\b", "a\tb", "a\u{0}", "a\u{7f}", "\u{e9}", &"a".repeat(65)] {
            assert!(ApiScopeName::try_from(bad.to_owned()).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a7_the_scopes_of_an_api_have_names_that_differ_and_descriptions() {
        let read = |json: Value| serde_json::from_value::<ApiScopes>(json).is_ok();
        let many = |count: usize| (0..count).map(|n| json!({ "name": format!("s{n}") })).collect::<Value>();
        for (json, is_valid) in [
            (json!([]), true),
            (json!([{ "name": "a" }, { "name": "b", "description": "B" }]), true),
            (many(50), true),
            (many(51), false),
            (json!([{ "name": "a" }, { "name": "a" }]), false),
            (json!([{ "name": "a", "description": null }]), false),
            (json!([{ "name": "a", "description": "" }]), false),
            (json!([{ "name": "a", "x": 1 }]), false),
            (json!([{ "description": "B" }]), false),
            (json!([["a", "B"]]), false),
            (json!(["a"]), false),
        ] {
            assert_eq!(read(json.clone()), is_valid, "{json}");
        }
    }

    #[test]
    fn a7_asked_scopes_can_only_narrow() {
        let granted = names("orders:read orders:write");
        for (asked, expected) in [
            (None, Some("orders:read orders:write")),
            (Some("orders:read"), Some("orders:read")),
            (Some(" orders:read  orders:read "), Some("orders:read")),
            (Some("orders:delete"), None),
            (Some("orders:read orders:delete"), None),
            (Some("ORDERS:READ"), None),
            (Some(""), None),
            (Some(" "), None),
            (Some("\""), None),
        ] {
            let narrowed = granted.narrowed(asked).map(|it| it.to_string());
            assert_eq!(narrowed.as_deref(), expected, "{asked:?}");
        }
        assert_eq!(ScopeNames::default().narrowed(None).map(|it| it.to_string()).as_deref(), Some(""));
    }
}
