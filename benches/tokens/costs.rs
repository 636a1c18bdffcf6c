//! What a million calls cost: the units counted, the CPU time measured, and AWS's list prices.

use crate::prices::{GATEWAY, GB_SECOND, INVOCATIONS, MEMORY, READ_UNITS, WRITE_UNITS};
use crate::round_trips::{Count, State};
use crate::speed::Costs;
use crate::table::Table;
use crate::units::Units;

/// What a round trip to DynamoDB is taken to last, in milliseconds: Lambda bills a function for waiting too, and a table
/// on this machine says nothing about AWS. A wrong guess does little: a millisecond costs a third of a cent per million.
const ROUND_TRIP: f64 = 5.0;

/// A row for each call: what makes up the price of a warm one, and the sums for the others.
pub(crate) fn list(counts: &[Count], speeds: &Costs, table: &mut Table) {
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
    for (call, micros) in speeds {
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

/// What a million calls in one state cost.
struct Price {
    units: Units,
    /// Milliseconds of one call.
    billed: f64,
    dynamodb: f64,
    lambda: f64,
}

impl Price {
    /// Of calls that take so many milliseconds of CPU time.
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
