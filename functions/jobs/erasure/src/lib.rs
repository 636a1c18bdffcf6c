//! Erases what deleted projects, users and entities left (S12). A schedule starts it. It has no route.

use api::{BootError, Clock, Job, JobRun, Schedule, Start};
use model::{SignedDuration, Timestamp};
use store::Erasure;

/// The least time that an erasure gets, unless the run ends: enough to find that nothing is left to erase.
const LEAST_SHARE: SignedDuration = SignedDuration::from_secs(2);

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

    /// Runs the erasures that are next. Each gets an equal part of the time that is left. Those that get none wait for a later
    /// run.
    async fn run(&self, _: Schedule, stop_at: Timestamp) -> Result<JobRun, BootError> {
        let begin = self.clock.now();
        let waiting = self.erasure.jobs(begin).await?;
        let (mut run, mut first_error) = (JobRun { items: 0, stuck: waiting.stuck }, None);
        for (left, job) in (1..=waiting.next.len()).rev().zip(&waiting.next) {
            let now = self.clock.now();
            if now >= stop_at {
                break;
            }
            let share = stop_at.duration_since(now) / i32::try_from(left)?;
            let end = stop_at.min(now + share.max(LEAST_SHARE));
            let is_time_over = || self.clock.now() >= end;
            match self.erasure.run(job, now, &is_time_over).await {
                Ok(progress) => {
                    run.items += progress.items;
                    run.stuck -= u64::from(progress.is_done && job.is_stuck(begin));
                    run.stuck += u64::from(progress.is_refused && !job.is_stuck(begin));
                }
                Err(error) => {
                    first_error.get_or_insert(error);
                }
            }
        }
        first_error.map_or(Ok(run), |error| Err(error.into()))
    }
}
