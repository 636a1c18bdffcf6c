//! The roles and their scopes (F3, K6, A8).

use model::{Level, Resource, Role, Scope};
use serde::Serialize;

use crate::{Result, Session};

/// A role.
#[derive(Debug, Clone, Serialize)]
pub struct RoleView {
    /// Its name.
    pub role: Role,
    /// The rank among the administrators, 3 for the highest; 0 for a role that administers nothing.
    pub rank: u8,
    /// Its purpose.
    pub description: &'static str,
    /// The scopes that it gives.
    pub scopes: Vec<String>,
    /// Whether its holder can grant roles.
    pub administers: bool,
}

/// Roles are for those who read or write the grants of integrations.
const READ: Scope = Scope(Resource::Integration, Level::Read);

/// All roles: first the administrators from high to low, then the others, which have no order.
///
/// # Errors
/// [`Error::PermissionDenied`](crate::Error::PermissionDenied) for a caller without `integration:r` on any entity.
pub fn roles(session: &Session<'_>) -> Result<Vec<RoleView>> {
    session.caller.may_anywhere(READ)?;
    Ok(Role::ALL.map(view).into())
}

fn view(role: Role) -> RoleView {
    let rank = role.administrator_rank();
    RoleView {
        role,
        rank,
        description: role.description(),
        scopes: role.scopes().iter().map(ToString::to_string).collect(),
        administers: rank > 0,
    }
}
