//! `cargo bench -p benches`: what a call costs, in tables. CPU time beside the bare cryptography of the same run,
//! DynamoDB round trips, read and write units, US dollars per million, binary sizes, cold starts.
//!
//! F, K and V are the windows, A2 is OAuth's endpoints. A target that is missed is marked, and nothing fails: times on a
//! shared machine are sizes, not promises.

mod binaries;
mod calls;
mod cbc;
mod cold_start;
mod costs;
mod cpu;
mod dial;
mod events;
mod function;
mod ground;
mod item_size;
mod messages;
mod prices;
mod primitives;
mod proxy;
mod round_trips;
mod runtime_api;
mod series;
mod speed;
mod table;
mod units;

use std::process::ExitCode;

use binaries::Binaries;
use ground::Ground;
use table::Table;

/// What can fail here ends the run.
type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

fn main() -> ExitCode {
    if !std::env::args().any(|argument| argument == "--bench") {
        eprintln!("nothing measured: run this with `cargo bench -p benches`");
        return ExitCode::SUCCESS;
    }
    match measure() {
        Ok(table) => {
            println!("{table}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("the benchmark broke off: {error}");
            ExitCode::FAILURE
        }
    }
}

fn measure() -> Outcome<Table> {
    let binaries = Binaries::build()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let ground = || runtime.block_on(Ground::open());
    let mut table = Table::default();
    let speeds = speed::measure(&ground()?, &mut table)?;
    let counts = runtime.block_on(round_trips::count(&ground()?, &mut table))?;
    costs::list(&counts, &speeds, &mut table);
    binaries.sizes(&mut table)?;
    runtime.block_on(cold_start::measure(&ground()?, &binaries, &mut table))?;
    Ok(table)
}
