//! Erases what deleted projects, users and entities left (S12). A schedule starts it. It has no route.

use api::{BootError, Clock, Job, JobRun, Schedule, Start};
use model::Timestamp;
use store::Erasure;

/// What this job needs: no key, no secret.
#[derive(Debug)]
pub struct App {
    erasure: Erasure,
    clock: Clock,
}

impl Job for App {
    const NAME: &'static str = "erasure";

    type Event = Schedule;

    async fn boot(start: &Start) -> Result<Self, BootError> {
        let erasure = Erasure::new(start.table.clone(), start.cache);
        Ok(Self { erasure, clock: start.clock.clone() })
    }

    /// Runs every erasure that is not done, the oldest first. Each gets an equal part of the time that is left.
    async fn run(&self, _: Schedule, stop_at: Timestamp) -> Result<JobRun, BootError> {
        let jobs = self.erasure.jobs().await?;
        let (mut run, mut first_error) = (JobRun::default(), None);
        for (left, job) in (1..=jobs.len()).rev().zip(&jobs) {
            let now = self.clock.now();
            let end = now + stop_at.duration_since(now) / i32::try_from(left)?;
            let is_time_over = || self.clock.now() >= end;
            let is_done = match self.erasure.run(job, now, &is_time_over).await {
                Ok(progress) => {
                    run.items += progress.items;
                    progress.is_done
                }
                Err(error) => {
                    first_error.get_or_insert(error);
                    false
                }
            };
            run.stuck += u64::from(!is_done && job.is_stuck(now));
        }
        first_error.map_or(Ok(run), |error| Err(error.into()))
    }
}
