//! `cargo bench -p benches`: prints tables of what a call costs. CPU time beside the raw cryptography of the same run,
//! what rate limits add, DynamoDB round trips, read and write units, US dollars per million calls, binary sizes, cold
//! starts.
//!
//! F, K, V, X and S are the windows, A2 is OAuth. A missed target is marked and does not fail the run: on a shared
//! machine, times are only approximate.

mod administration;
mod aes_cbc;
mod authorizer;
mod batches;
mod binaries;
mod calls;
mod costs;
mod cpu_time;
mod events;
mod function;
mod limits;
mod messages;
mod prices;
mod primitives;
mod profiles;
mod resources;
mod series;
mod start;
mod table;
mod test_booth;
mod test_clock;
mod traffic;

use std::process::ExitCode;

use binaries::Binaries;
use start::{cold_start, remote_start};
use table::Table;
use test_booth::TestBooth;
use traffic::{in_use, round_trips};

/// An error ends the run.
type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

fn main() -> ExitCode {
    if std::env::args().nth(1).as_deref() == Some(limits::SERVE) {
        return serve();
    }
    if !std::env::args().any(|argument| argument == "--bench") {
        eprintln!("nothing measured: run this with `cargo bench -p benches`");
        return ExitCode::SUCCESS;
    }
    let measured = match std::env::args().any(|argument| argument == AUTHORIZER) {
        true => measure_authorizer(),
        false => measure(),
    };
    match measured {
        Ok(table) => {
            println!("{table}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("the benchmark failed: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The argument that measures only the authorizer: `cargo bench -p benches --bench tokens -- authorizer`.
const AUTHORIZER: &str = "authorizer";

fn measure_authorizer() -> Outcome<Table> {
    let binary = Binaries::build_one(AUTHORIZER)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let mut table = Table::default();
    authorizer::measure(&runtime.block_on(TestBooth::open())?, &binary, &mut table)?;
    Ok(table)
}

/// Runs the command `tokenbooth serve`, for a benchmark of it.
#[tokio::main]
async fn serve() -> ExitCode {
    tokenbooth::commands::run().await
}

fn measure() -> Outcome<Table> {
    let binaries = Binaries::build()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let booth = || runtime.block_on(TestBooth::open());
    let mut table = Table::default();
    binaries.sizes(&mut table)?;
    // First: to start a process takes some milliseconds more once this one has used a lot of memory.
    runtime.block_on(cold_start::measure(&booth()?, &binaries, &mut table))?;
    runtime.block_on(remote_start::measure(&booth()?, &binaries, &mut table))?;
    let cpu_times = cpu_time::measure(&booth()?, &mut table)?;
    limits::measure_cpu(&booth()?, &mut table)?;
    runtime.block_on(limits::count_writes(&booth()?, &mut table))?;
    runtime.block_on(limits::measure_throughput(&mut table))?;
    let counts = runtime.block_on(round_trips::count(&booth()?, &mut table))?;
    runtime.block_on(administration::count(&booth()?, &mut table))?;
    authorizer::measure(&booth()?, &Binaries::build_one(AUTHORIZER)?, &mut table)?;
    let in_use = runtime.block_on(in_use::count())?;
    costs::Figures { cpu_times, counts, in_use }.list(&mut table);
    Ok(table)
}
