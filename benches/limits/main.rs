//! `cargo bench -p benches --bench limits`: real processes share one rate limit, and never exceed it (A14).
//!
//! 16 processes with 8 threads each send requests to one bucket of an embedded DynamoDB, without a break, for 60 seconds
//! per row. Each request's clock reading is compared with the bound, and the run fails if it is exceeded. A shorter run:
//! `cargo bench -p benches --bench limits -- 10`, in seconds per row. The result does not depend on how fast the code is, so
//! `--profile dev` saves an optimised build.

mod meter;
mod process;
mod row;
#[path = "../tokens/table.rs"]
mod table;
mod write_count;

use std::process::ExitCode;
use std::time::Duration;

use model::SignedDuration;
use row::Row;
use table::Table;

/// An error ends the run.
type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

const DEFAULT_SECONDS: u64 = 60;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let result = match arguments.split_first() {
        Some((name, job)) if name == process::ARGUMENT => process::run(job).map(|()| true),
        _ if arguments.iter().any(|argument| argument == "--bench") => measure(seconds_per_row(&arguments)),
        _ => {
            eprintln!("nothing measured: run this with `cargo bench -p benches --bench limits`");
            Ok(true)
        }
    };
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("the benchmark failed: {error}");
            ExitCode::FAILURE
        }
    }
}

fn seconds_per_row(arguments: &[String]) -> Duration {
    let given = arguments.iter().find_map(|argument| argument.parse().ok());
    Duration::from_secs(given.unwrap_or(DEFAULT_SECONDS))
}

/// Prints the table. Returns whether the bound holds in each row.
fn measure(duration: Duration) -> Outcome<bool> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let mut table = Table::default();
    row::start_table(&mut table);
    let mut is_bound_met = true;
    for (requests, clock_error) in [(6_000, 0), (20, 0), (6_000, 500), (20, 500)] {
        let row = Row { requests, clock_error: SignedDuration::from_millis(clock_error), duration };
        is_bound_met &= row.measure(&runtime, &mut table)?;
    }
    println!("{table}");
    Ok(is_bound_met)
}
