//! The users of a project, and the erasure of what is stored for one of them (S12).

use model::{AuditAction, Entity, Level, Moment, ProjectId, Resource, Scope, Target, UserId};
use serde::Serialize;
use serde_json::json;
use store::{Page, Subject};

use crate::projects::find_project;
use crate::{Listing, ProjectPath, Result, Session};

const READ: Scope = Scope(Resource::Project, Level::Read);
const DELETE: Scope = Scope(Resource::Project, Level::WriteDelete);

/// A user of a project.
#[derive(Debug, Clone, Serialize)]
pub struct UserView {
    /// The id, as the project's app sends it.
    pub user: String,
    /// When the first device of the user was attached.
    pub created_at: Moment,
    /// When a device of the user was last attached, or up to 24 hours earlier.
    pub updated_at: Moment,
}

/// An erasure that the caller may request.
#[derive(Debug)]
pub struct UserErasure {
    owner: Entity,
    project_id: ProjectId,
    user_hash: String,
}

/// A requested erasure.
#[derive(Debug, Clone, Serialize)]
pub struct ErasureView {
    /// The project.
    pub project_id: ProjectId,
    /// The keyed hash of the user's id, which stands for the user in the audit log.
    pub user_hash: String,
    /// Its state: `pending`, or `done` if nothing is stored.
    pub status: &'static str,
    /// When it was requested. What later calls store is kept.
    pub requested_at: Moment,
}

/// One page of the users of a project. The order is that of the hashes of their ids.
///
/// # Errors
/// [`Error`](crate::Error).
pub async fn list_users(
    session: &Session<'_>,
    path: ProjectPath,
    listing: &Listing,
) -> Result<Page<UserView>> {
    let (_, project) = find_project(session, path, READ).await?;
    let (cursor, limit) = (listing.cursor.as_ref(), listing.limit);
    let page = session.registry.users(project.id, (cursor, limit), session.now).await?;
    Ok(page.map(view))
}

/// The erasure of the devices and the history of a user, also of one that is not listed, if the caller may request it.
///
/// # Errors
/// [`Error`](crate::Error).
pub async fn user_erasure(session: &Session<'_>, path: ProjectPath, user: &UserId) -> Result<UserErasure> {
    let (owner, project) = find_project(session, path, DELETE).await?;
    let user_hash = session.registry.user_hash(project.id, user);
    Ok(UserErasure { owner, project_id: project.id, user_hash })
}

impl UserErasure {
    /// The project of the user.
    #[must_use]
    pub const fn project_id(&self) -> ProjectId {
        self.project_id
    }

    /// Requests the erasure, unless nothing is stored for the user: then it changes and records nothing. The audit log gets
    /// the hash of the user's id.
    ///
    /// # Errors
    /// [`Error`](crate::Error).
    pub async fn request(self, session: &Session<'_>) -> Result<ErasureView> {
        let Self { owner, project_id, user_hash } = self;
        let is_stored = session.registry.is_user_stored(project_id, &user_hash).await?;
        if is_stored {
            let changes = json!({ "project_id": project_id });
            let change = session.change(AuditAction::Erase, Target::User(user_hash.clone()), &owner, changes);
            session.registry.erase_user(project_id, user_hash.clone(), &change).await?;
        }
        let status = if is_stored { "pending" } else { "done" };
        Ok(ErasureView { project_id, user_hash, status, requested_at: session.now.into() })
    }
}

fn view(subject: Subject) -> UserView {
    let Subject { id, created_at, updated_at, .. } = subject;
    UserView { user: id, created_at: created_at.into(), updated_at: updated_at.into() }
}
