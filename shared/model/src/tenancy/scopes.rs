//! Sets of scopes, as tokens carry them (K6; RFC 6749, 3.3).

use std::fmt;

use crate::tenancy::role::Role;
use crate::tenancy::scope::Level::{Read, Write, WriteDelete};
use crate::tenancy::scope::Scope;

/// A set of scopes: for each resource the highest level, in a fixed order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scopes(Vec<Scope>);

impl Scopes {
    /// The scopes that `roles` give together.
    #[must_use]
    pub fn of(roles: impl IntoIterator<Item = Role>) -> Self {
        let mut scopes: Vec<Scope> = roles.into_iter().flat_map(Role::scopes).copied().collect();
        scopes.sort_unstable_by(|a, b| a.0.cmp(&b.0).then(b.1.cmp(&a.1)));
        scopes.dedup_by_key(|scope| scope.0);
        Self(scopes)
    }

    /// The known scopes in the `scope` claim of a token (RFC 6749, 3.3). Unknown words are ignored.
    #[must_use]
    pub fn parse(claim: &str) -> Self {
        let named = |scope: &Scope| claim.split(' ').any(|word| word == scope.to_string());
        let levels = |held: &Scope| [Read, Write, WriteDelete].map(|level| Scope(held.0, level));
        let all = Role::ALL.into_iter().flat_map(Role::scopes).flat_map(levels);
        let mut scopes: Vec<Scope> = all.filter(named).collect();
        scopes.sort_unstable();
        scopes.dedup();
        Self(scopes)
    }

    /// The scopes in the `scope` parameter of a token request (RFC 6749, 3.3). Without the parameter, all
    /// scopes. Returns `None` if a requested scope is unknown or not covered by this set.
    #[must_use]
    pub fn narrowed(&self, requested: Option<&str>) -> Option<Self> {
        let Some(requested) = requested else { return Some(self.clone()) };
        let known = Self::parse(requested);
        let words = requested.split(' ').filter(|word| !word.is_empty());
        let all_known = words.clone().all(|word| known.0.iter().any(|scope| scope.to_string() == word));
        let held = known.0.iter().all(|&scope| self.covers(scope));
        (words.count() > 0 && all_known && held).then_some(known)
    }

    /// The scopes of this set that `other` includes.
    #[must_use]
    pub fn within(&self, other: &Self) -> Self {
        Self(self.0.iter().copied().filter(|&scope| other.covers(scope)).collect())
    }

    /// Whether one of the scopes includes `scope`.
    #[must_use]
    pub fn covers(&self, scope: Scope) -> bool {
        self.0.iter().any(|held| held.covers(scope))
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, scope) in self.0.iter().enumerate() {
            let space = if at == 0 { "" } else { " " };
            write!(f, "{space}{scope}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tenancy::scope::Resource;

    #[test]
    fn a2_requested_scopes_can_only_narrow() {
        let held = Scopes::of([Role::Auditor]);
        for (requested, given) in [
            (None, Some(held.to_string())),
            (Some("entity:r"), Some("entity:r".to_owned())),
            (Some("provider:r entity:r"), Some("entity:r provider:r".to_owned())),
            (Some("entity:rw"), None),
            (Some("entity:r secure_anonymous_token:rw"), None),
            (Some("entity:r entity:x"), None),
            (Some(""), None),
            (Some(" "), None),
        ] {
            assert_eq!(held.narrowed(requested).map(|it| it.to_string()), given, "{requested:?}");
        }
    }

    #[test]
    fn k6_the_scope_claim_is_parsed_as_it_is_written() {
        let scopes = Scopes::of([Role::AccountAdmin, Role::Auditor, Role::LaunchpadUser]);
        assert_eq!(
            scopes.to_string(),
            "entity:rw integration:rwd api_key:rwd provider:rwd audit_log:r secure_anonymous_token:rw partner:rwd \
             project:rwd project_token:rw token:rw api:rwd launchpad:r"
        );
        assert!(Scopes::parse(&scopes.to_string()).covers(Scope(Resource::Provider, WriteDelete)));
        assert!(!Scopes::parse("provider:r entity:rw").covers(Scope(Resource::Provider, Write)));
        assert!(Scopes::parse("token:rwd").covers(Scope(Resource::Token, Write)));
        assert!(!Scopes::parse("provider:rwdx PROVIDER:rwd").covers(Scope(Resource::Provider, Read)));
    }
}
