//! Roles, and the scopes that each role gives (F3, F5, K6).

use serde::{Deserialize, Serialize};

use crate::tenancy::scope::Level::{Read, Write, WriteDelete};
use crate::tenancy::scope::{Resource as On, Scope};

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

#[cfg(test)]
mod tests {
    use super::*;

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
}
