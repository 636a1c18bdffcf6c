//! The jobs: created with a deletion or a request, counted, and removed when they are done.

use std::ops::ControlFlow;

use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::AttributeValue;
use model::{EntityId, Erased, ErasureJob, ProjectId, Timestamp, UserId};

use crate::change::Change;
use crate::dynamodb::key;
use crate::dynamodb::table::{from_item, number};
use crate::dynamodb::transaction::Transaction;
use crate::erasure::Erasure;
use crate::error::{Refusal, StoreError, WriteError};
use crate::registry::Registry;

/// How many jobs one run may begin. The others wait for their turn in a later run.
const MAX_JOBS: usize = 1000;

/// The jobs that are not done.
#[derive(Debug)]
pub struct WaitingJobs {
    /// Those that are next, in the order of their turns.
    pub next: Vec<ErasureJob>,
    /// How many of all of them should have been done long ago.
    pub stuck: u64,
}

/// Adds the job to the transaction of `change`, which deletes or requests what is `erased`. `notified` is the entity that gets
/// a notice when the job is done.
pub(crate) fn request_erasure(
    transaction: &mut Transaction<'_>,
    (erased, notified): (Erased, Option<EntityId>),
    change: &Change,
) -> Result<(), StoreError> {
    let key = key::erasure_job(&erased);
    let (actor, requested_at) = (change.audit.actor.clone(), change.audit.at.into());
    let mut owners: Vec<EntityId> = change.audit.entities().collect();
    owners.reverse();
    if let Erased::Entity { entity_id } = &erased {
        owners.retain(|owner| owner != entity_id);
    }
    transaction.put(&key, &ErasureJob { erased, entity_id: notified, owners, actor, requested_at, items: 0 })
}

impl Registry {
    /// Requests the erasure of a user of `project`. A repeated request also covers what was stored since the first one.
    ///
    /// # Errors
    /// [`Refusal::Gone`](crate::Refusal::Gone) (the project), or [`StoreError`].
    pub async fn erase_user(
        &self,
        project: ProjectId,
        user_hash: String,
        change: &Change,
    ) -> Result<(), WriteError> {
        let mut transaction = self.begin("request erasure", change)?;
        transaction.require_exists(&key::project(project))?;
        let erased = Erased::User { project_id: project, user_hash };
        request_erasure(&mut transaction, (erased, Some(change.audit.entity_id)), change)?;
        transaction.commit().await
    }

    /// The keyed hash of a user's id, which stands for the user in keys and permanent records.
    #[must_use]
    pub fn user_hash(&self, project: ProjectId, user: &UserId) -> String {
        self.devices().hash(project, user.as_str())
    }
}

impl Erasure {
    /// Reads all jobs that are not done. Keeps only those that are next, so that it needs little memory for any number.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn jobs(&self, now: Timestamp) -> Result<WaitingJobs, StoreError> {
        const STEP: &str = "read erasure jobs";
        let (mut next, mut stuck) = (Vec::new(), 0);
        let add = |item| {
            let job: ErasureJob = from_item(item, STEP)?;
            stuck += u64::from(job.is_stuck(now));
            next.push(job);
            if next.len() == 2 * MAX_JOBS {
                next = first_turns(std::mem::take(&mut next));
            }
            Ok(ControlFlow::Continue(()))
        };
        self.table.for_each(&key::erasure_jobs(), STEP, add).await?;
        Ok(WaitingJobs { next: first_turns(next), stuck })
    }

    /// Removes a job that is done, unless the same was requested again, and leaves a notice.
    pub(super) async fn finish(
        &self,
        job: &ErasureJob,
        items: u64,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut transaction = Transaction::new(&self.table, "finish erasure");
        transaction.delete_matching(&key::erasure_job(&job.erased), requested_at(job))?;
        if let Some(notice) = job.notice(items, now) {
            transaction.create(&key::notice(notice.entity_id, notice.id), &notice, Refusal::Stale)?;
        }
        match transaction.commit().await {
            // Another run has finished the job, or the same was requested again.
            Ok(()) | Err(WriteError::Refused(_)) => Ok(()),
            Err(WriteError::Store(error)) => Err(error),
        }
    }

    /// Adds to the number of deleted items of a job, unless another run has finished it.
    pub(super) async fn count(&self, job: &ErasureJob, items: u64) -> Result<(), StoreError> {
        const STEP: &str = "count erased items";
        if items == 0 {
            return Ok(());
        }
        let (name, value) = requested_at(job);
        let update = self
            .table
            .client
            .update_item()
            .table_name(&self.table.name)
            .set_key(Some(key::erasure_job(&job.erased).attributes()))
            .update_expression("ADD #items :items")
            .condition_expression("#requested_at = :requested_at")
            .expression_attribute_names("#items", "items")
            .expression_attribute_names("#requested_at", name)
            .expression_attribute_values(":items", number(items))
            .expression_attribute_values(":requested_at", value);
        match update.send().await {
            Ok(_) => Ok(()),
            Err(error) => match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(_)) => Ok(()),
                _ => Err(StoreError::failed(STEP)(error)),
            },
        }
    }
}

fn first_turns(jobs: Vec<ErasureJob>) -> Vec<ErasureJob> {
    let mut jobs = ErasureJob::take_turns(jobs);
    jobs.truncate(MAX_JOBS);
    jobs
}

/// The attribute by which a later request for the same data differs.
fn requested_at(job: &ErasureJob) -> (&'static str, AttributeValue) {
    ("requested_at", AttributeValue::S(job.requested_at.to_string()))
}
