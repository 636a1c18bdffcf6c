//! A row of the table: 16 processes that share one bucket.

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use aws_sdk_dynamodb::config::Credentials;
use model::{RateLimit, SignedDuration, Timestamp};
use tokenbooth::{Embedded, TABLE};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

use crate::Outcome;
use crate::meter::{bound, excess};
use crate::process::{ARGUMENT, Job, Report};
use crate::table::{Table, target};

const PROCESSES: i64 = 16;
/// How long the processes have to start.
const START: SignedDuration = SignedDuration::from_secs(3);

/// One measurement.
#[derive(Debug)]
pub(crate) struct Row {
    /// The number of requests per minute.
    pub(crate) requests: u32,
    /// How wrong the clocks are, at most. They are spread evenly.
    pub(crate) clock_error: SignedDuration,
    pub(crate) duration: Duration,
}

/// What happened in all processes.
#[derive(Debug, Default)]
struct Total {
    report: Report,
    /// The true times of the requests that passed, in milliseconds since 1970.
    passed: Vec<i64>,
}

/// Starts the part of the table with these rows.
pub(crate) fn start_table(table: &mut Table) {
    table.part([
        "16 processes × 8 threads, one bucket",
        "clocks wrong by, ms",
        "seconds",
        "requests",
        "passed",
        "bound",
        "writes",
        "writes per request",
        "failed",
        "worst window: tokens over the bound",
    ]);
}

impl Row {
    /// Adds the row to the table. Returns whether the bound holds.
    pub(crate) fn measure(&self, runtime: &Runtime, table: &mut Table) -> Outcome<bool> {
        let embedded = runtime.block_on(embedded())?;
        let address = format!("http://{}", embedded.address());
        let mut total = self.run_processes(&address, &embedded.credentials())?;
        runtime.block_on(embedded.stop());
        let (limit, slack) = (self.limit(), 2 * i64::try_from(self.clock_error.as_micros())?);
        let excess = excess(limit, slack, &mut total.passed);
        let is_met = !total.passed.is_empty() && excess <= 0.0;
        let Report { requests, writes, failed, .. } = total.report;
        table.row([
            &format!("{} in 60 s", self.requests),
            &self.clock_error.as_millis().to_string(),
            &self.duration.as_secs().to_string(),
            &requests.to_string(),
            &total.passed.len().to_string(),
            &bound(limit, slack, &total.passed).to_string(),
            &writes.to_string(),
            &format!("{:.4}", writes as f64 / requests.max(1) as f64),
            &failed.to_string(),
            &target(&format!("{excess:.3}, at most 0"), is_met),
        ]);
        Ok(is_met)
    }

    fn limit(&self) -> RateLimit {
        RateLimit::per_minute(self.requests)
    }

    fn run_processes(&self, dynamodb: &str, key: &Credentials) -> Outcome<Total> {
        let begin = Timestamp::now() + START;
        let children: Vec<_> = (0..PROCESSES)
            .map(|number| {
                let job = self.job(dynamodb, number, begin.as_millisecond());
                Ok((job.clock_error, start_process(&job, key)?))
            })
            .collect::<Outcome<_>>()?;
        let mut total = Total::default();
        for (clock_error, child) in children {
            total.add(clock_error, child)?;
        }
        Ok(total)
    }

    fn job(&self, dynamodb: &str, number: i64, begin: i64) -> Job {
        let spread = i64::try_from(self.clock_error.as_millis()).unwrap_or_default();
        Job {
            dynamodb: dynamodb.to_owned(),
            bucket: "shared".to_owned(),
            limit: self.limit(),
            clock_error: 2 * spread * number / (PROCESSES - 1) - spread,
            begin,
            end: begin + i64::try_from(self.duration.as_millis()).unwrap_or_default(),
        }
    }
}

impl Total {
    fn add(&mut self, clock_error: i64, child: Child) -> Outcome<()> {
        let output = child.wait_with_output()?;
        if !output.status.success() {
            return Err(format!("a process ended with {}", output.status).into());
        }
        let report: Report = serde_json::from_slice(&output.stdout)?;
        self.report.requests += report.requests;
        self.report.failed += report.failed;
        self.report.writes += report.writes;
        self.passed.extend(report.passed.iter().map(|reading| reading - clock_error));
        Ok(())
    }
}

fn start_process(job: &Job, key: &Credentials) -> Outcome<Child> {
    let mut command = Command::new(std::env::current_exe()?);
    command.args([ARGUMENT, &serde_json::to_string(job)?]);
    command
        .env("AWS_ACCESS_KEY_ID", key.access_key_id())
        .env("AWS_SECRET_ACCESS_KEY", key.secret_access_key());
    Ok(command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?)
}

/// An embedded DynamoDB with an empty table.
async fn embedded() -> Outcome<Embedded> {
    let embedded = Embedded::serve(TcpListener::bind("127.0.0.1:0").await?, None)?;
    store::Table::new(embedded.client(), TABLE).create_if_absent().await?;
    Ok(embedded)
}
