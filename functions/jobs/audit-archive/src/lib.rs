//! Archives the permanent audit records in a bucket with Object Lock (A13). The table's stream starts it. It has no route.

mod archive;
mod stream;

use api::{BootError, Clock, Job, JobRun, Start};
use model::Timestamp;

pub use archive::{Archive, ArchiveError};
pub use stream::StreamEvent;

use stream::{AuditFault, Finding};

/// What this job needs: a bucket, and neither the table nor a key.
#[derive(Debug)]
pub struct App {
    archive: Archive,
    clock: Clock,
}

impl App {
    /// The job that writes to `archive`.
    #[must_use]
    pub const fn new(archive: Archive, clock: Clock) -> Self {
        Self { archive, clock }
    }
}

impl Job for App {
    const NAME: &'static str = "audit-archive";

    type Event = StreamEvent;

    async fn boot(start: &Start) -> Result<Self, BootError> {
        Ok(Self::new(Archive::from_env().await?, start.clock.clone()))
    }

    /// Writes each record of the batch that is not in the archive yet. After an error Lambda sends the batch again, until it
    /// succeeds, so no record is skipped.
    async fn run(&self, event: StreamEvent, stop_at: Timestamp) -> Result<JobRun, BootError> {
        let mut run = JobRun::default();
        for change in event.changes {
            if self.clock.now() >= stop_at {
                return Err("there was not enough time for the whole batch".into());
            }
            let (record, fault) = match change.examine() {
                Finding::Record { record, fault } => (Some(record), fault),
                Finding::Fault(fault) => (None, Some(fault)),
                Finding::Nothing => (None, None),
            };
            if let Some(fault) = fault {
                log_broken_chain(&fault);
            }
            if let Some(record) = record {
                run.items += u64::from(self.archive.write(&record).await?);
            }
        }
        Ok(run)
    }
}

/// An alarm counts these lines. `tokenbooth audit verify` then names the first wrong record.
fn log_broken_chain(fault: &AuditFault) {
    let audit_entity = fault.entity.map(tracing::field::display);
    let audit_record = fault.record.map(tracing::field::display);
    let cause = fault.cause.to_string();
    tracing::error!(target: api::LOG_TARGET, function = App::NAME, code = "audit_chain_broken", audit_entity, audit_record, cause, "failed");
}
