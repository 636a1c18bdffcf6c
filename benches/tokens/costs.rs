//! The price of a million calls: from the counted units, the measured CPU time and AWS's list prices.

use crate::cpu_time::CpuTimes;
use crate::prices::{GATEWAY, GB_SECOND, INVOCATIONS, MEMORY, READ_UNITS, WRITE_UNITS};
use crate::round_trips::{Count, State};
use crate::table::Table;
use crate::units::Units;

/// The assumed duration of a round trip to DynamoDB in AWS, in milliseconds. Lambda bills a function while it waits, and
/// a table on this machine cannot show how long. An error matters little: a millisecond costs a third of a cent per
/// million calls.
const ROUND_TRIP: f64 = 5.0;

/// Adds a row for each call: the parts of the price of a warm call, and the sums for the other states.
pub(crate) fn list(counts: &[Count], cpu_times: &CpuTimes, table: &mut Table) {
    table.part([
        "US$ per million calls",
        "read units",
        "write units",
        "billed ms",
        "DynamoDB",
        "Lambda",
        "API Gateway",
        "warm",
        "in quick succession",
        "nothing cached",
    ]);
    for (call, micros) in cpu_times {
        let price = |state| {
            let count = counts.iter().find(|count| count.call == *call && count.state == state)?;
            Some(Price::of(count, micros / 1e3))
        };
        let (Some(warm), Some(busy), Some(aged)) =
            (price(State::Warm), price(State::Busy), price(State::Aged))
        else {
            continue;
        };
        table.row([
            call.name(),
            &warm.units.reads.to_string(),
            &warm.units.writes.to_string(),
            &warm.billed.to_string(),
            &dollars(warm.dynamodb),
            &dollars(warm.lambda),
            &dollars(GATEWAY),
            &dollars(warm.sum()),
            &dollars(busy.sum()),
            &dollars(aged.sum()),
        ]);
    }
}

/// The price of a million calls in one state.
struct Price {
    units: Units,
    /// Milliseconds of one call.
    billed: f64,
    dynamodb: f64,
    lambda: f64,
}

impl Price {
    /// The price of calls that take `cpu` milliseconds of CPU time.
    fn of(&Count { trips, units, .. }: &Count, cpu: f64) -> Self {
        let billed = (cpu + trips as f64 * ROUND_TRIP).ceil();
        Self {
            units,
            billed,
            dynamodb: units.reads * READ_UNITS + units.writes * WRITE_UNITS,
            lambda: INVOCATIONS + billed * 1e3 * MEMORY * GB_SECOND,
        }
    }

    fn sum(&self) -> f64 {
        self.dynamodb + self.lambda + GATEWAY
    }
}

fn dollars(amount: f64) -> String {
    format!("{amount:.3}")
}
