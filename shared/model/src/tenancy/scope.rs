//! Scopes: a resource and a level of access (K6).

use std::fmt;

/// The resource of a scope.
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
    /// Own APIs, and granting their scopes (A7).
    Api,
    /// The launchpad of launchpad users.
    Launchpad,
}

/// The level of access. Each level includes the ones before: `:r` ⊂ `:rw` ⊂ `:rwd` (K6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Level {
    /// `:r`
    Read,
    /// `:rw`
    Write,
    /// `:rwd`
    WriteDelete,
}

/// A resource and a level, written as `api_key:rw` (K6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Scope(pub Resource, pub Level);

impl Scope {
    /// Whether this scope includes `other`.
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
            Resource::Api => "api",
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

#[cfg(test)]
mod tests {
    use super::Level::{Read, Write, WriteDelete};
    use super::*;

    #[test]
    fn k6_a_level_includes_the_lower_ones() {
        let at = |level| Scope(Resource::ApiKey, level);
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
        assert!(!Scope(Resource::Entity, WriteDelete).covers(at(Read)));
    }
}
