//! Functions without HTTP: AWS starts them by a schedule or with records of a stream.

use std::panic::AssertUnwindSafe;
use std::process::ExitCode;
use std::time::Instant;

use futures_util::FutureExt as _;
use lambda_http::lambda_runtime::{self, LambdaEvent};
use lambda_http::service_fn;
use model::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::problem::causes;
use crate::runtime::log::TARGET;
use crate::runtime::start::{BootError, Start, exit_code};

/// A function without HTTP. Lambda runs each job in its own process; `local` runs the scheduled ones by a timer. Several
/// runs of one job may happen at the same time, and AWS may send an event twice.
pub trait Job: Sized + Send + Sync + 'static {
    /// Its name: folder, package, binary and function.
    const NAME: &'static str;

    /// What AWS sends: [`Schedule`], or the records of a stream.
    type Event: DeserializeOwned + Send;

    /// Prepares it, before the first event.
    fn boot(start: &Start) -> impl Future<Output = Result<Self, BootError>> + Send;

    /// Handles one event. Begins no new work after `stop_at`. After an error AWS may send the event again.
    fn run(
        &self,
        event: Self::Event,
        stop_at: Timestamp,
    ) -> impl Future<Output = Result<JobRun, BootError>> + Send;
}

/// The event of a schedule. Its content is not used.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
pub struct Schedule {}

/// What one run did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct JobRun {
    /// How many items it wrote, deleted or copied.
    pub items: u64,
    /// How many pieces of work are older than the job's own limit and still not done.
    pub stuck: u64,
}

/// A run that failed. The log has the reason.
#[derive(Debug, thiserror::Error)]
#[error("the job failed")]
pub struct JobFailed(#[source] BootError);

/// The time between `stop_at` and the end that Lambda sets.
const RESERVE: SignedDuration = SignedDuration::from_secs(5);

/// Starts the job and handles events until Lambda ends it.
pub async fn run_job<J: Job>() -> ExitCode {
    exit_code(J::NAME, serve::<J>().await)
}

async fn serve<J: Job>() -> Result<(), BootError> {
    let job = J::boot(&Start::from_env().await?).await?;
    let job = &job;
    lambda_runtime::run(service_fn(move |event: LambdaEvent<J::Event>| async move {
        let end = i64::try_from(event.context.deadline)?;
        let stop_at = Timestamp::from_millisecond(end)? - RESERVE;
        // Boxed, because the compiler limits how deep the types of futures may be nested.
        let run = run_once(job, event.payload, stop_at, Some(&event.context.request_id)).boxed().await;
        // A stream expects an object. Without a list of failures, all records of its batch succeeded.
        run.map(|_| serde_json::json!({})).map_err(BootError::from)
    }))
    .await
}

/// Runs `job` once and writes one log line. A line of level error has the code `job_failed` or `job_stuck`.
///
/// # Errors
/// [`JobFailed`].
pub async fn run_once<J: Job>(
    job: &J,
    event: J::Event,
    stop_at: Timestamp,
    request_id: Option<&str>,
) -> Result<JobRun, JobFailed> {
    let (function, started) = (J::NAME, Instant::now());
    let caught = AssertUnwindSafe(job.run(event, stop_at).boxed()).catch_unwind().await;
    let result = caught.unwrap_or_else(|_| Err("the job panicked".into()));
    let micros = started.elapsed().as_micros() as u64;
    match result {
        Ok(run @ JobRun { items, stuck: 0 }) => {
            tracing::info!(target: TARGET, function, items, request_id, micros, "ran");
            Ok(run)
        }
        Ok(run @ JobRun { items, stuck }) => {
            let code = "job_stuck";
            tracing::error!(target: TARGET, function, code, items, stuck, request_id, micros, "failed");
            Ok(run)
        }
        Err(error) => {
            let (code, cause) = ("job_failed", causes(&*error));
            tracing::error!(target: TARGET, function, code, cause, request_id, micros, "failed");
            Err(JobFailed(error))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schedule_accepts_the_event_of_eventbridge() {
        let event =
            r#"{"version":"0","id":"1","detail-type":"Scheduled Event","source":"aws.events","detail":{}}"#;
        for text in [event, "{}"] {
            assert!(serde_json::from_str::<Schedule>(text).is_ok(), "{text}");
        }
    }
}
