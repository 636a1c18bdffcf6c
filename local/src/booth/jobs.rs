//! The jobs of the deployment that a schedule starts, booted in this process.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use api::{BootError, Clock, Job, JobFailed, JobRun, Schedule, Start};
use futures_util::future::BoxFuture;
use model::{SignedDuration, Timestamp};

/// A booted job.
type Runner = Arc<dyn Fn(Timestamp) -> BoxFuture<'static, Result<JobRun, JobFailed>> + Send + Sync>;

/// How long the jobs of one interval may take.
const RUN: SignedDuration = SignedDuration::from_secs(60);

/// The booted jobs by name.
pub struct Jobs(BTreeMap<&'static str, Runner>);

impl Jobs {
    /// Boots every scheduled job, in the order of `template.yaml`. `UPDATE=1 cargo test -p tokenbooth-tests generated`
    /// writes this list.
    ///
    /// # Errors
    /// The error of the first job that does not boot.
    pub async fn boot(start: &Start) -> Result<Self, BootError> {
        let mut jobs = BTreeMap::new();
        jobs.extend([boot::<erasure::App>(start).await?]);
        Ok(Self(jobs))
    }

    /// Runs every job once in each `interval`, or never. A run that fails is logged; the next one goes on.
    pub(crate) async fn run_every(&self, interval: Option<Duration>, clock: &Clock) -> Infallible {
        let Some(interval) = interval else { return std::future::pending().await };
        loop {
            tokio::time::sleep(interval).await;
            // The log has the reason of a failure.
            let _: Result<JobRun, JobFailed> = self.run(clock.now() + RUN).await;
        }
    }

    /// Runs every job once, one after the other. A job that fails is logged and does not stop the others. Returns what
    /// all of them did.
    ///
    /// # Errors
    /// The first [`JobFailed`], after all jobs have run.
    pub async fn run(&self, stop_at: Timestamp) -> Result<JobRun, JobFailed> {
        let mut result = Ok(JobRun::default());
        for job in self.0.values() {
            let run = job(stop_at).await;
            result = result.and_then(|all: JobRun| {
                let JobRun { items, stuck } = run?;
                Ok(JobRun { items: all.items + items, stuck: all.stuck + stuck })
            });
        }
        result
    }
}

async fn boot<J: Job<Event = Schedule>>(start: &Start) -> Result<(&'static str, Runner), BootError> {
    let job = Arc::new(J::boot(start).await?);
    let runner: Runner = Arc::new(move |stop_at| {
        let shared = Arc::clone(&job);
        Box::pin(async move { api::run_once(&*shared, Schedule::default(), stop_at, None).await })
    });
    Ok((J::NAME, runner))
}

impl std::fmt::Debug for Jobs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}
