//! Erases what deleted projects, users and entities left (S12).
//!
//! A job is stored in the same transaction as the deletion or the request. Each run of a job is one pass: it queries the
//! items of the job and deletes them, and stores no position, because deleted items are not found again. So a run can end
//! between any two deletes, and several runs of one job do no harm. An item that points to other items is deleted after
//! them. A job is done after a complete pass that began when all earlier calls had ended.

mod index_users;
mod job;
mod of_entity;
mod of_project;
mod of_user;
mod pass;

use futures_util::FutureExt as _;
use model::{Erased, ErasureJob, SignedDuration, Timestamp};

use crate::dynamodb::key;
use crate::dynamodb::table::Table;
use crate::dynamodb::transaction::Transaction;
use crate::error::{Refusal, StoreError, WriteError};
pub use index_users::IndexedUsers;
pub use job::WaitingJobs;
pub(crate) use job::request_erasure;
use pass::{Pass, Stopped};

/// The erasures of a deployment. They need neither the data key nor a signing key.
#[derive(Debug, Clone)]
pub struct Erasure {
    table: Table,
    /// How long functions cache a project that is deleted.
    cache: SignedDuration,
}

/// What a run of a job did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// How many items it deleted.
    pub items: u64,
    /// Whether the job is done.
    pub is_done: bool,
    /// Whether nothing was deleted because the project or the entity exists. A deletion never leaves such a job.
    pub is_refused: bool,
}

impl Erasure {
    /// The erasures of `table`, whose functions cache for `cache`.
    #[must_use]
    pub fn new(table: Table, cache: SignedDuration) -> Self {
        Self { table, cache }
    }

    /// Makes one pass over `job`, or the part of it until `is_time_over`. A job that is done is removed.
    ///
    /// # Errors
    /// [`StoreError`]. What was deleted before stays deleted, and a later run goes on.
    pub async fn run(
        &self,
        job: &ErasureJob,
        now: Timestamp,
        is_time_over: &(dyn Fn() -> bool + Send + Sync),
    ) -> Result<Progress, StoreError> {
        if !self.is_deleted(&job.erased).await? {
            return Ok(Progress { items: 0, is_done: false, is_refused: true });
        }
        let pass = Pass::new(&self.table, job, is_time_over);
        // Judged by the time when the pass began: earlier calls must have ended by then.
        let is_last = job.is_settled(self.cache, now);
        let running = match &job.erased {
            Erased::Project { project_id } => pass.project(*project_id).boxed(),
            Erased::User { project_id, user_hash } => pass.user(*project_id, user_hash, is_last).boxed(),
            Erased::Entity { entity_id } => pass.entity(*entity_id).boxed(),
        };
        let ended = running.await;
        let items = pass.items();
        match ended {
            Ok(()) if is_last => {
                self.finish(job, items, now).await?;
                Ok(Progress { items, is_done: true, is_refused: false })
            }
            Ok(()) | Err(Stopped::TimeOver) => {
                self.count(job, items).await?;
                Ok(Progress { items, is_done: false, is_refused: false })
            }
            Err(Stopped::Store(error)) => Err(error),
        }
    }
    /// Whether the project or the entity of the data is deleted. A user is not an item, and may be erased at any time.
    async fn is_deleted(&self, erased: &Erased) -> Result<bool, StoreError> {
        let key = match erased {
            Erased::Project { project_id } => key::project(*project_id),
            Erased::Entity { entity_id } => key::entity(*entity_id),
            Erased::User { .. } => return Ok(true),
        };
        // A condition, because a read would return the project's sealed secrets.
        let mut transaction = Transaction::new(&self.table, "check deletion");
        transaction.require_absent(&key, Refusal::InUse)?;
        match transaction.commit().await {
            Ok(()) => Ok(true),
            Err(WriteError::Refused(_)) => Ok(false),
            Err(WriteError::Store(error)) => Err(error),
        }
    }
}
