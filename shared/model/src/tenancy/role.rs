//! Roles, and the scopes each stands for (F3, F5, K6).

use std::fmt;

use serde::{Deserialize, Serialize};

use Level::{Read, Write, WriteDelete};
use Resource as On;

/// What a grant makes its holder, on the grant's entity and below (F3). Ordered: a later one ranks higher.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// A user of what the tokens open; administers nothing and generates no tokens (F5).
    LaunchpadUser,
    /// Reads, changes nothing.
    Auditor,
    /// Administers accounts.
    AccountAdmin,
    /// Administers organizations and what is below.
    OrganizationAdmin,
    /// Administers a customer and all below.
    CustomerAdmin,
}

impl Role {
    /// Every role, the highest first.
    pub const ALL: [Self; 5] = [
        Self::CustomerAdmin,
        Self::OrganizationAdmin,
        Self::AccountAdmin,
        Self::Auditor,
        Self::LaunchpadUser,
    ];

    /// Its name in grants and claims.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::CustomerAdmin => "customer_admin",
            Self::OrganizationAdmin => "organization_admin",
            Self::AccountAdmin => "account_admin",
            Self::Auditor => "auditor",
            Self::LaunchpadUser => "launchpad_user",
        }
    }

    /// What it is for, in a sentence.
    #[must_use]
    pub const fn description(self) -> &'static str {
        match self {
            Self::CustomerAdmin => "administers a customer and everything below it",
            Self::OrganizationAdmin => "administers an organization and everything below it",
            Self::AccountAdmin => "administers an account; cannot delete it",
            Self::Auditor => "reads configuration and audit log, changes nothing",
            Self::LaunchpadUser => "uses what a token opens; cannot generate tokens or administer",
        }
    }

    /// The scopes it stands for (K6).
    #[must_use]
    pub const fn scopes(self) -> &'static [Scope] {
        const ADMIN: &[Scope] = &[
            Scope(On::Entity, WriteDelete),
            Scope(On::Integration, WriteDelete),
            Scope(On::ApiKey, WriteDelete),
            Scope(On::Provider, WriteDelete),
            Scope(On::AuditLog, Read),
            Scope(On::SecureAnonymousToken, Write),
            Scope(On::Partner, WriteDelete),
            Scope(On::Project, WriteDelete),
            Scope(On::ProjectToken, Write),
            Scope(On::Token, Write),
        ];
        match self {
            Self::CustomerAdmin | Self::OrganizationAdmin => ADMIN,
            Self::AccountAdmin => &[
                Scope(On::Entity, Write),
                Scope(On::Integration, WriteDelete),
                Scope(On::ApiKey, WriteDelete),
                Scope(On::Provider, WriteDelete),
                Scope(On::AuditLog, Read),
                Scope(On::SecureAnonymousToken, Write),
                Scope(On::Partner, WriteDelete),
                Scope(On::Project, WriteDelete),
                Scope(On::ProjectToken, Write),
                Scope(On::Token, Write),
            ],
            Self::Auditor => &[
                Scope(On::Entity, Read),
                Scope(On::Integration, Read),
                Scope(On::ApiKey, Read),
                Scope(On::Provider, Read),
                Scope(On::AuditLog, Read),
                Scope(On::Partner, Read),
                Scope(On::Project, Read),
                Scope(On::Token, Read),
            ],
            Self::LaunchpadUser => &[Scope(On::Launchpad, Read)],
        }
    }

    /// Whether it allows `scope`.
    #[must_use]
    pub fn allows(self, scope: Scope) -> bool {
        self.scopes().iter().any(|held| held.covers(scope))
    }
}

/// What a scope is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Resource {
    /// Customers, organizations, accounts.
    Entity,
    /// API integrations.
    Integration,
    /// API keys.
    ApiKey,
    /// Secure anonymous token providers.
    Provider,
    /// The audit log.
    AuditLog,
    /// Generating secure anonymous tokens (F9).
    SecureAnonymousToken,
    /// Partners, their keys and their sites (V1, V2).
    Partner,
    /// Projects, their secrets and their settings (X1, S2).
    Project,
    /// Building and verifying a project's encrypted tokens (X6).
    ProjectToken,
    /// Introspecting and revoking tokens (A2).
    Token,
    /// What a launchpad user uses.
    Launchpad,
}

/// The nested levels `:r` ⊂ `:rw` ⊂ `:rwd` (K6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Level {
    /// `:r`
    Read,
    /// `:rw`
    Write,
    /// `:rwd`
    WriteDelete,
}

/// A resource and a level, written `api_key:rw` (K6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Scope(pub Resource, pub Level);

impl Scope {
    /// Whether holding this one is holding `other`.
    #[must_use]
    pub fn covers(self, other: Self) -> bool {
        self.0 == other.0 && self.1 >= other.1
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let resource = match self.0 {
            Resource::Entity => "entity",
            Resource::Integration => "integration",
            Resource::ApiKey => "api_key",
            Resource::Provider => "provider",
            Resource::AuditLog => "audit_log",
            Resource::SecureAnonymousToken => "secure_anonymous_token",
            Resource::Partner => "partner",
            Resource::Project => "project",
            Resource::ProjectToken => "project_token",
            Resource::Token => "token",
            Resource::Launchpad => "launchpad",
        };
        let level = match self.1 {
            Level::Read => "r",
            Level::Write => "rw",
            Level::WriteDelete => "rwd",
        };
        write!(f, "{resource}:{level}")
    }
}

/// The scopes of several roles together: per resource the highest level, in a fixed order.
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

    /// Those named in the `scope` claim of a token (RFC 6749, 3.3) that we know.
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

    /// Those of `asked`, the `scope` parameter of a token request, if each is known and covered by one of these; all of
    /// these if nothing is asked (RFC 6749, 3.3).
    #[must_use]
    pub fn narrowed(&self, asked: Option<&str>) -> Option<Self> {
        let Some(asked) = asked else { return Some(self.clone()) };
        let known = Self::parse(asked);
        let words = asked.split(' ').filter(|word| !word.is_empty());
        let all_known = words.clone().all(|word| known.0.iter().any(|scope| scope.to_string() == word));
        let held = known.0.iter().all(|&scope| self.covers(scope));
        (words.count() > 0 && all_known && held).then_some(known)
    }

    /// Whether one of them covers `scope`.
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

    #[test]
    fn k6_levels_are_nested() {
        let at = |level| Scope(On::ApiKey, level);
        for (held, wanted, covers) in [
            (Read, Read, true),
            (Read, Write, false),
            (Write, Read, true),
            (Write, WriteDelete, false),
            (WriteDelete, Read, true),
            (WriteDelete, Write, true),
        ] {
            assert_eq!(at(held).covers(at(wanted)), covers, "{held:?} {wanted:?}");
        }
        assert!(!Scope(On::Entity, WriteDelete).covers(at(Read)));
    }

    #[test]
    fn f5_a_launchpad_user_holds_nothing_an_administrator_holds() {
        for scope in Role::CustomerAdmin.scopes() {
            assert!(!Role::LaunchpadUser.allows(Scope(scope.0, Read)), "{scope}");
        }
    }

    #[test]
    fn f3_an_auditor_only_reads() {
        for scope in Role::Auditor.scopes() {
            assert_eq!(scope.1, Read, "{scope}");
        }
        assert!(!Role::Auditor.allows(Scope(On::SecureAnonymousToken, Read)));
    }

    #[test]
    fn a_higher_administrator_holds_all_a_lower_one_holds() {
        for pair in Role::ALL[..4].windows(2) {
            for &scope in pair[1].scopes() {
                assert!(pair[0].allows(scope), "{:?} {scope}", pair[0]);
            }
            assert!(pair[0] > pair[1]);
        }
    }

    #[test]
    fn a2_scopes_narrow_and_never_widen() {
        let held = Scopes::of([Role::Auditor]);
        for (asked, given) in [
            (None, Some(held.to_string())),
            (Some("entity:r"), Some("entity:r".to_owned())),
            (Some("provider:r entity:r"), Some("entity:r provider:r".to_owned())),
            (Some("entity:rw"), None),
            (Some("entity:r secure_anonymous_token:rw"), None),
            (Some("entity:r entity:x"), None),
            (Some(""), None),
            (Some(" "), None),
        ] {
            assert_eq!(held.narrowed(asked).map(|it| it.to_string()), given, "{asked:?}");
        }
    }

    #[test]
    fn k6_the_scope_claim_reads_back() {
        let scopes = Scopes::of([Role::AccountAdmin, Role::Auditor, Role::LaunchpadUser]);
        assert_eq!(
            scopes.to_string(),
            "entity:rw integration:rwd api_key:rwd provider:rwd audit_log:r secure_anonymous_token:rw partner:rwd \
             project:rwd project_token:rw token:rw launchpad:r"
        );
        assert!(Scopes::parse(&scopes.to_string()).covers(Scope(On::Provider, WriteDelete)));
        assert!(!Scopes::parse("provider:r entity:rw").covers(Scope(On::Provider, Write)));
        assert!(Scopes::parse("token:rwd").covers(Scope(On::Token, Write)));
        assert!(!Scopes::parse("provider:rwdx PROVIDER:rwd").covers(Scope(On::Provider, Read)));
    }
}
