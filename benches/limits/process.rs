//! One of the processes: sends requests to the bucket, and prints what happened as JSON.

use std::cell::Cell;
use std::sync::Arc;
use std::time::Duration;

use api::{
    BucketKind, BucketRequest, Clock, Code, Edge, Limiter, OnFailure, PlainSignatures, RateLimits, Start,
};
use aws_sdk_dynamodb::config::Credentials;
use futures_util::future::try_join_all;
use model::{AuditAddressDays, RateLimit, SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use store::{DataKeyFile, DataKeySource, Table};
use tokenbooth::TABLE;

use crate::Outcome;
use crate::write_count::WriteCount;

/// The first argument of such a process. The second one is its [`Job`] as JSON.
pub(crate) const ARGUMENT: &str = "process";

const THREADS: usize = 8;
/// The pause of a thread after a refusal. Without it, the processes would use all CPU time that the embedded DynamoDB needs.
const PAUSE: Duration = Duration::from_millis(5);

/// What a process does.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Job {
    /// The URL of DynamoDB.
    pub(crate) dynamodb: String,
    /// The id of the bucket.
    pub(crate) bucket: String,
    pub(crate) limit: RateLimit,
    /// So many milliseconds the process's clock is ahead of the true time.
    pub(crate) clock_error: i64,
    /// The true times at which it begins and ends, in milliseconds since 1970.
    pub(crate) begin: i64,
    pub(crate) end: i64,
}

/// What happened in a process.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Report {
    pub(crate) requests: u64,
    /// The requests that were refused because DynamoDB failed.
    pub(crate) failed: u64,
    pub(crate) writes: u64,
    /// What the process's clock showed when it decided about the requests that passed, in milliseconds since 1970.
    pub(crate) passed: Vec<i64>,
}

tokio::task_local! {
    /// What the clock showed last in the current request: when its limit decided about it.
    static READING: Cell<Option<i64>>;
}

/// Does the job in the arguments.
pub(crate) fn run(arguments: &[String]) -> Outcome<()> {
    let job: Job = serde_json::from_str(arguments.first().ok_or("no job")?)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(THREADS).enable_all().build()?;
    let report = runtime.block_on(send_requests(job))?;
    println!("{}", serde_json::to_string(&report)?);
    Ok(())
}

async fn send_requests(job: Job) -> Outcome<Report> {
    let writes = WriteCount::default();
    let limiter = limiter(&job, &writes);
    tokio::time::sleep(Duration::from_millis((job.begin - true_time()).try_into().unwrap_or_default())).await;
    let job = Arc::new(job);
    let threads = (0..THREADS).map(|_| tokio::spawn(send_from_thread(limiter.clone(), job.clone())));
    let mut all = Report::default();
    for report in try_join_all(threads).await? {
        all.requests += report.requests;
        all.failed += report.failed;
        all.passed.extend(report.passed);
    }
    Ok(Report { writes: writes.total(), ..all })
}

async fn send_from_thread(limiter: Arc<Limiter>, job: Arc<Job>) -> Report {
    let mut report = Report::default();
    while true_time() < job.end {
        report.requests += 1;
        let request = BucketRequest::new("limits", BucketKind::Key, &job.bucket, job.limit);
        let request = async { (limiter.take([request]).await, READING.with(Cell::get)) };
        match READING.scope(Cell::new(None), request).await {
            (Ok(_), reading) => report.passed.extend(reading),
            (Err(problem), _) => {
                report.failed += u64::from(problem.code() != Code::QuotaExceeded);
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
    report
}

fn limiter(job: &Job, writes: &WriteCount) -> Arc<Limiter> {
    let credentials = Credentials::new(
        variable("AWS_ACCESS_KEY_ID"),
        variable("AWS_SECRET_ACCESS_KEY"),
        None,
        None,
        "parent",
    );
    let client = api::emulator_client(&job.dynamodb, credentials);
    let config = client.config().to_builder().interceptor(writes.clone()).build();
    let start = Start {
        table: Table::new(aws_sdk_dynamodb::Client::from_conf(config), TABLE),
        data_key: DataKeySource::File(DataKeyFile::at("unused")),
        cache: SignedDuration::ZERO,
        rate_limits: RateLimits::On(OnFailure::Closed),
        admin_plain_signatures: PlainSignatures::Refused,
        audit_address_days: AuditAddressDays::default(),
        clock: clock(job.clock_error),
        edge: Edge::default(),
    };
    Arc::new(start.limiter())
}

fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_default()
}

/// A clock that remembers what it showed last in a request.
fn clock(error: i64) -> Clock {
    Clock::new(move || {
        let reading = true_time() + error;
        // Outside a request, nobody asks for the reading.
        let _ = READING.try_with(|last| last.set(Some(reading)));
        Timestamp::from_millisecond(reading).unwrap_or_default()
    })
}

/// In milliseconds since 1970.
fn true_time() -> i64 {
    Timestamp::now().as_millisecond()
}
