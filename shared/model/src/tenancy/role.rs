//! Roles, and the scopes that each role gives (F3, F5, K6).

use serde::{Deserialize, Serialize};

use crate::tenancy::scope::Level::{Read, Write, WriteDelete};
use crate::tenancy::scope::{Resource, Scope};

/// The role in a grant, which applies to the grant's entity and everything below it (F3, A8).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Administers a customer and everything below.
    CustomerAdmin,
    /// Administers organizations and everything below.
    OrganizationAdmin,
    /// Administers accounts.
    AccountAdmin,
    /// Reads everything and changes nothing.
    Auditor,
    /// Reads what is needed to help users, and no secret.
    Support,
    /// Issues tokens of window F and builds tokens of window X.
    TokenIssuer,
    /// Introspects tokens.
    Introspector,
    /// Introspects and revokes tokens.
    Revoker,
    /// Uses the launchpad that tokens give access to. It administers nothing and generates no tokens (F5).
    LaunchpadUser,
}

impl Role {
    /// Every role: first the administrators from high to low, then the others, which have no order.
    pub const ALL: [Self; 9] = [
        Self::CustomerAdmin,
        Self::OrganizationAdmin,
        Self::AccountAdmin,
        Self::Auditor,
        Self::Support,
        Self::TokenIssuer,
        Self::Introspector,
        Self::Revoker,
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
            Self::Support => "support",
            Self::TokenIssuer => "token_issuer",
            Self::Introspector => "introspector",
            Self::Revoker => "revoker",
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
            Self::Auditor => "reads configuration and audit log, introspects tokens, changes nothing",
            Self::Support => {
                "reads entities, keys without secrets, projects with their history, and the audit log"
            }
            Self::TokenIssuer => {
                "issues secure anonymous tokens, builds and verifies project tokens, nothing else"
            }
            Self::Introspector => "introspects tokens, nothing else",
            Self::Revoker => "introspects and revokes tokens, nothing else",
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
            Self::Support => SUPPORT,
            Self::TokenIssuer => TOKEN_ISSUER,
            Self::Introspector => &[Scope(Resource::Token, Read)],
            Self::Revoker => &[Scope(Resource::Token, Write)],
            Self::LaunchpadUser => &[Scope(Resource::Launchpad, Read)],
        }
    }

    /// Whether the role gives `scope`.
    #[must_use]
    pub fn allows(self, scope: Scope) -> bool {
        self.scopes().iter().any(|held| held.covers(scope))
    }

    /// The scopes of the role that its grantor must have. Only the launchpad is for its users alone.
    pub fn scopes_of_grantor(self) -> impl Iterator<Item = Scope> {
        self.scopes().iter().copied().filter(|scope| scope.0 != Resource::Launchpad)
    }

    /// The rank among the administrators: 3 for the highest, 1 for the lowest, 0 for a role that administers nothing.
    #[must_use]
    pub const fn administrator_rank(self) -> u8 {
        match self {
            Self::CustomerAdmin => 3,
            Self::OrganizationAdmin => 2,
            Self::AccountAdmin => 1,
            Self::Auditor
            | Self::Support
            | Self::TokenIssuer
            | Self::Introspector
            | Self::Revoker
            | Self::LaunchpadUser => 0,
        }
    }

    /// Whether a holder of this role may give `role` to others (A4, A8). Only administrators give roles: those of at most
    /// their own rank whose scopes they have.
    #[must_use]
    pub fn may_grant(self, role: Self) -> bool {
        let rank = self.administrator_rank();
        let is_covered = || role.scopes_of_grantor().all(|scope| self.allows(scope));
        rank > 0 && rank >= role.administrator_rank() && is_covered()
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

/// The scopes of support staff. None of them shows a secret.
const SUPPORT: &[Scope] = &[
    Scope(Resource::Entity, Read),
    Scope(Resource::Integration, Read),
    Scope(Resource::ApiKey, Read),
    Scope(Resource::AuditLog, Read),
    Scope(Resource::Project, Read),
];

/// The scopes of token issuers.
const TOKEN_ISSUER: &[Scope] =
    &[Scope(Resource::SecureAnonymousToken, Write), Scope(Resource::ProjectToken, Write)];

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
            assert!(pair[0].administrator_rank() > pair[1].administrator_rank());
        }
    }

    #[test]
    fn a8_a_narrow_role_has_these_scopes_and_no_other() {
        for (role, scopes) in [
            (Role::TokenIssuer, "secure_anonymous_token:rw project_token:rw"),
            (Role::Introspector, "token:r"),
            (Role::Revoker, "token:rw"),
            (Role::Support, "entity:r integration:r api_key:r audit_log:r project:r"),
        ] {
            assert_eq!(crate::Scopes::of([role]).to_string(), scopes, "{}", role.name());
        }
    }

    #[test]
    fn a8_administrators_grant_roles_up_to_their_rank_and_no_one_else_grants_any() {
        for (at, grantor) in Role::ALL.into_iter().enumerate() {
            for (other, role) in Role::ALL.into_iter().enumerate() {
                let expected = at < 3 && other >= at;
                assert_eq!(grantor.may_grant(role), expected, "{} {}", grantor.name(), role.name());
            }
        }
    }
}
