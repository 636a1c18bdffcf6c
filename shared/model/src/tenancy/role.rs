//! Roles, and the scopes that each role gives (F3, F5, K6).

use serde::{Deserialize, Serialize};

use crate::tenancy::scope::Level::{Read, Write, WriteDelete};
use crate::tenancy::scope::{Resource, Scope};

/// The role in a grant, which applies to the grant's entity and everything below it (F3). Roles are ordered
/// from low to high.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Uses the launchpad that tokens give access to. It administers nothing and generates no tokens (F5).
    LaunchpadUser,
    /// Reads everything and changes nothing.
    Auditor,
    /// Administers accounts.
    AccountAdmin,
    /// Administers organizations and everything below.
    OrganizationAdmin,
    /// Administers a customer and everything below.
    CustomerAdmin,
}

impl Role {
    /// Every role, from high to low.
    pub const ALL: [Self; 5] = [
        Self::CustomerAdmin,
        Self::OrganizationAdmin,
        Self::AccountAdmin,
        Self::Auditor,
        Self::LaunchpadUser,
    ];

    /// The name in grants and claims.
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

    /// The purpose of the role, for the list of roles.
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

    /// The scopes that the role gives (K6).
    #[must_use]
    pub const fn scopes(self) -> &'static [Scope] {
        match self {
            Self::CustomerAdmin | Self::OrganizationAdmin => ADMIN,
            Self::AccountAdmin => ACCOUNT_ADMIN,
            Self::Auditor => AUDITOR,
            Self::LaunchpadUser => &[Scope(Resource::Launchpad, Read)],
        }
    }

    /// Whether the role gives `scope`.
    #[must_use]
    pub fn allows(self, scope: Scope) -> bool {
        self.scopes().iter().any(|held| held.covers(scope))
    }
}

/// The scopes of customer and organization administrators.
const ADMIN: &[Scope] = &[
    Scope(Resource::Entity, WriteDelete),
    Scope(Resource::Integration, WriteDelete),
    Scope(Resource::ApiKey, WriteDelete),
    Scope(Resource::Provider, WriteDelete),
    Scope(Resource::AuditLog, Read),
    Scope(Resource::SecureAnonymousToken, Write),
    Scope(Resource::Partner, WriteDelete),
    Scope(Resource::Project, WriteDelete),
    Scope(Resource::ProjectToken, Write),
    Scope(Resource::Token, Write),
    Scope(Resource::Api, WriteDelete),
];

/// The scopes of account administrators, who cannot delete entities.
const ACCOUNT_ADMIN: &[Scope] = &[
    Scope(Resource::Entity, Write),
    Scope(Resource::Integration, WriteDelete),
    Scope(Resource::ApiKey, WriteDelete),
    Scope(Resource::Provider, WriteDelete),
    Scope(Resource::AuditLog, Read),
    Scope(Resource::SecureAnonymousToken, Write),
    Scope(Resource::Partner, WriteDelete),
    Scope(Resource::Project, WriteDelete),
    Scope(Resource::ProjectToken, Write),
    Scope(Resource::Token, Write),
    Scope(Resource::Api, WriteDelete),
];

/// The scopes of auditors.
const AUDITOR: &[Scope] = &[
    Scope(Resource::Entity, Read),
    Scope(Resource::Integration, Read),
    Scope(Resource::ApiKey, Read),
    Scope(Resource::Provider, Read),
    Scope(Resource::AuditLog, Read),
    Scope(Resource::Partner, Read),
    Scope(Resource::Project, Read),
    Scope(Resource::Token, Read),
    Scope(Resource::Api, Read),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f5_a_launchpad_user_has_no_scope_of_an_administrator() {
        for scope in Role::CustomerAdmin.scopes() {
            assert!(!Role::LaunchpadUser.allows(Scope(scope.0, Read)), "{scope}");
        }
    }

    #[test]
    fn f3_an_auditor_has_only_read_scopes() {
        for scope in Role::Auditor.scopes() {
            assert_eq!(scope.1, Read, "{scope}");
        }
        assert!(!Role::Auditor.allows(Scope(Resource::SecureAnonymousToken, Read)));
    }

    #[test]
    fn a_higher_administrator_has_all_scopes_of_a_lower_one() {
        for pair in Role::ALL[..4].windows(2) {
            for &scope in pair[1].scopes() {
                assert!(pair[0].allows(scope), "{:?} {scope}", pair[0]);
            }
            assert!(pair[0] > pair[1]);
        }
    }
}
