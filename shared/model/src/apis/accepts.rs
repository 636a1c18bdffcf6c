//! Which tokens of other windows an API accepts, and which claims its authorizer passes on (A3).

use serde::{Deserialize, Serialize};

use crate::bounded_list::{all_differ, bounded_list};
use crate::text::bounded_text;
use crate::{ProjectId, ProviderId, SiteId};

/// The tokens that an API accepts beside those with its audience. By default there are none.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Accepts {
    /// Tokens of these providers (F).
    pub providers: AcceptedProviders,
    /// Tokens of these sites (V).
    pub sites: AcceptedSites,
    /// Signed tokens of these projects (S).
    pub projects: AcceptedProjects,
    /// The access tokens of API keys of the same customer, whose audience is the booth (K, OAuth).
    pub booth_tokens: bool,
}

bounded_list!(
    /// At most 20 providers, none twice.
    #[derive(PartialEq, Eq)]
    AcceptedProviders, ProviderId, 20, all_differ,
    "must be at most 20 providers, none twice"
);
bounded_list!(
    /// At most 20 sites, none twice.
    #[derive(PartialEq, Eq)]
    AcceptedSites, SiteId, 20, all_differ,
    "must be at most 20 sites, none twice"
);
bounded_list!(
    /// At most 20 projects, none twice.
    #[derive(PartialEq, Eq)]
    AcceptedProjects, ProjectId, 20, all_differ,
    "must be at most 20 projects, none twice"
);
bounded_list!(
    /// The names of at most 10 claims that the authorizer passes to the API, none twice.
    #[derive(PartialEq, Eq)]
    ContextClaims, ClaimName, 10, all_differ,
    "must be at most 10 names of claims, none twice"
);

bounded_text!(
    /// The name of a claim: 1 to 64 letters, digits, `.`, `_` and `-`.
    ClaimName,
    |text| (1..=64).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte)),
    "must be 1 to 64 characters of A-Z a-z 0-9 . _ -"
);

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn a3_an_api_accepts_no_other_tokens_by_default_and_lists_have_limits() {
        let default = json!({ "providers": [], "sites": [], "projects": [], "booth_tokens": false });
        assert_eq!(serde_json::to_value(Accepts::default()).unwrap(), default);
        let id = |n: u32| format!("secure-anon-0195f3a0-1111-7222-8333-44445555{n:04x}");
        let many = |count| json!({ "providers": (0..count).map(id).collect::<Vec<_>>() });
        for (accepts, is_valid) in [
            (json!({}), true),
            (many(20), true),
            (many(21), false),
            (json!({ "providers": [id(1), id(1)] }), false),
            (json!({ "sites": [id(1)] }), false),
            (json!({ "sites": null }), false),
            (json!({ "booth_tokens": "yes" }), false),
            (json!({ "other": true }), false),
        ] {
            assert_eq!(serde_json::from_value::<Accepts>(accepts.clone()).is_ok(), is_valid, "{accepts}");
        }
    }

    #[test]
    fn a3_at_most_ten_claims_are_passed_on() {
        let read = |names: Value| serde_json::from_value::<ContextClaims>(names).is_ok();
        let many = |count| (0..count).map(|n| json!(format!("c{n}"))).collect::<Value>();
        for (names, is_valid) in [
            (many(10), true),
            (many(11), false),
            (json!(["a", "a"]), false),
            (json!([""]), false),
            (json!(["a b"]), false),
            (json!(["a".repeat(65)]), false),
        ] {
            assert_eq!(read(names.clone()), is_valid, "{names}");
        }
    }
}
