//! What rate limits cost: CPU time, writes, throughput.

mod arrivals;
mod cpu;
mod exact_bucket;
mod random;
mod routing;
mod server;
mod throughput;
mod writes;

pub(crate) use arrivals::{Arrival, Arrivals};
pub(crate) use cpu::{WITH_TARGET, measure as measure_cpu};
pub(crate) use routing::Routing;
pub(crate) use server::SERVE;
pub(crate) use throughput::measure as measure_throughput;
pub(crate) use writes::count as count_writes;
