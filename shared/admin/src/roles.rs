//! The roles and their scopes (F3, K6).

use model::{Level, Resource, Role, Scope};
use serde::Serialize;

use crate::{Result, Session};

/// A role.
#[derive(Debug, Clone, Serialize)]
pub struct RoleView {
    /// Its name.
    pub role: Role,
    /// 1 for the lowest role; a higher role has a higher rank.
    pub rank: usize,
    /// Its purpose.
    pub description: &'static str,
    /// The scopes that it gives.
    pub scopes: Vec<String>,
    /// Whether its holder can grant roles.
    pub administers: bool,
}

/// Roles are for those who read or write the grants of integrations.
const READ: Scope = Scope(Resource::Integration, Level::Read);

/// All roles, the highest first.
///
/// # Errors
/// [`Error::PermissionDenied`](crate::Error::PermissionDenied) for a caller without `integration:r` on any entity.
pub fn roles(session: &Session<'_>) -> Result<Vec<RoleView>> {
    session.caller.may_anywhere(READ)?;
    let ranks = (1..=Role::ALL.len()).rev();
    Ok(ranks.zip(Role::ALL).map(|(rank, role)| view(rank, role)).collect())
}

fn view(rank: usize, role: Role) -> RoleView {
    RoleView {
        role,
        rank,
        description: role.description(),
        scopes: role.scopes().iter().map(ToString::to_string).collect(),
        administers: role > Role::Auditor,
    }
}
