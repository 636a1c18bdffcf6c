//! The own APIs that an integration gets tokens for (A7).

use serde::{Deserialize, Serialize};

use crate::bounded_list::all_differ;
use crate::object::Object;
use crate::{ApiId, ScopeNames};

/// Scopes of one API.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApiGrant {
    /// The API.
    pub api_id: ApiId,
    /// The scopes. A grant without scopes is for tokens with the audience alone.
    pub scopes: ScopeNames,
}

/// At most 10 grants, each for another API.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Object<ApiGrant>>", into = "Vec<ApiGrant>")]
pub struct ApiGrants(Vec<ApiGrant>);

impl ApiGrants {
    /// The grants.
    pub fn iter(&self) -> impl Iterator<Item = &ApiGrant> {
        self.0.iter()
    }

    /// The granted scopes of this API.
    #[must_use]
    pub fn scopes_of(&self, api: ApiId) -> Option<&ScopeNames> {
        self.0.iter().find(|grant| grant.api_id == api).map(|grant| &grant.scopes)
    }
}

impl TryFrom<Vec<Object<ApiGrant>>> for ApiGrants {
    type Error = &'static str;

    fn try_from(grants: Vec<Object<ApiGrant>>) -> Result<Self, &'static str> {
        let grants: Vec<_> = grants.into_iter().map(|Object(grant)| grant).collect();
        let apis: Vec<_> = grants.iter().map(|grant| grant.api_id).collect();
        if apis.len() <= 10 && all_differ(&apis) {
            Ok(Self(grants))
        } else {
            Err("must be at most 10 grants, each for another API")
        }
    }
}

impl From<ApiGrants> for Vec<ApiGrant> {
    fn from(grants: ApiGrants) -> Self {
        grants.0
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn a7_grants_are_at_most_ten_each_for_another_api() {
        let grant = |n: u32| json!({ "api_id": format!("api-0195f3a0-1111-7222-8333-44445555{n:04x}"), "scopes": ["a"] });
        let many = |count| (0..count).map(grant).collect::<Value>();
        for (grants, is_valid) in [
            (json!([]), true),
            (many(10), true),
            (many(11), false),
            (json!([grant(1), grant(1)]), false),
            (json!([{ "api_id": grant(1)["api_id"] }]), false),
            (json!([{ "api_id": grant(1)["api_id"], "scopes": null }]), false),
            (json!([[grant(1)["api_id"], []]]), false),
        ] {
            assert_eq!(serde_json::from_value::<ApiGrants>(grants.clone()).is_ok(), is_valid, "{grants}");
        }
        let grants: ApiGrants = serde_json::from_value(json!([grant(1)])).unwrap();
        let id = |n| serde_json::from_value::<ApiId>(grant(n)["api_id"].clone()).unwrap();
        assert_eq!(grants.scopes_of(id(1)).map(ToString::to_string).as_deref(), Some("a"));
        assert_eq!(grants.scopes_of(id(2)), None);
    }
}
