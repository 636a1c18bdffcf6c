//! What a million calls cost: the units counted, the CPU time measured, and AWS's list prices.

use crate::prices::{GATEWAY, GB_SECOND, INVOCATIONS, MEMORY, READ_UNITS, WRITE_UNITS};
use crate::round_trips::{Count, State};
use crate::speed::Costs;
use crate::table::Table;

/// What a round trip to DynamoDB is taken to last, in milliseconds: Lambda bills a function for waiting too, and a table
/// on this machine says nothing about AWS. A wrong guess does little: a millisecond costs a third of a cent per million.
const ROUND_TRIP: f64 = 5.0;

/// A row for each call in each state, but the first call after starting: that one is all there is to a start.
pub(crate) fn list(counts: &[Count], speeds: &Costs, table: &mut Table) {
    table.part([
        "US$ per million calls",
        "read units",
        "write units",
        "DynamoDB",
        "billed ms",
        "Lambda",
        "API Gateway",
        "in all",
    ]);
    for Count { call, state, trips, units } in counts.iter().filter(|count| count.state != State::Cold) {
        let cpu = speeds.iter().find(|(it, _)| it == call).map_or(f64::NAN, |(_, micros)| micros / 1e3);
        let billed = (cpu + *trips as f64 * ROUND_TRIP).ceil();
        let dynamodb = units.reads * READ_UNITS + units.writes * WRITE_UNITS;
        let lambda = INVOCATIONS + billed * 1e3 * MEMORY * GB_SECOND;
        table.row([
            &format!("{}: {}", call.name(), state.name()),
            &units.reads.to_string(),
            &units.writes.to_string(),
            &dollars(dynamodb),
            &billed.to_string(),
            &dollars(lambda),
            &dollars(GATEWAY),
            &dollars(dynamodb + lambda + GATEWAY),
        ]);
    }
}

fn dollars(amount: f64) -> String {
    format!("{amount:.3}")
}
