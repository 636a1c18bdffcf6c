//! The price of a million calls: from the counted units, the measured CPU time and AWS's list prices.

use crate::calls::Call;
use crate::cpu_time::CpuTimes;
use crate::limits::{Routing, WITH_TARGET};
use crate::prices::{GATEWAY, GB_SECOND, INVOCATIONS, MEMORY, READ_UNITS, WRITE_UNITS};
use crate::table::{Table, target};
use crate::traffic::Traffic;
use crate::traffic::in_use::{InUse, ROUTINGS};
use crate::traffic::round_trips::{Count, State};
use crate::traffic::units::Units;

/// The assumed duration of a round trip to DynamoDB in AWS, in milliseconds. Lambda bills a function while it waits, and
/// a table on this machine cannot show how long. An error matters little: a millisecond costs a third of a cent per
/// million calls.
const ROUND_TRIP: f64 = 5.0;

/// The target for a token of windows F, K, V and X that is built or verified, in US dollars.
const MOST: f64 = 1.40;

/// What the prices are computed from.
pub(crate) struct Figures {
    pub(crate) cpu_times: CpuTimes,
    pub(crate) counts: Vec<Count>,
    pub(crate) in_use: InUse,
}

impl Figures {
    /// Adds a row for each call: the parts of the price of a caller in use, and the sums for the other cases.
    pub(crate) fn list(&self, table: &mut Table) {
        table.part([
            "US$ per million calls",
            "read units",
            "write units",
            "billed ms",
            "DynamoDB",
            "Lambda",
            "API Gateway",
            "10 calls/s",
            "over 10 processes",
            "over 100 processes",
            "a write per limit",
            "nothing cached",
            "target",
        ]);
        for (call, micros) in &self.cpu_times {
            self.row(*call, micros / 1e3, table);
        }
    }

    fn row(&self, call: Call, cpu: f64, table: &mut Table) {
        let in_use = ROUTINGS.map(|routing| Price::of(self.in_use(call, routing), cpu));
        let one = |state| Price::of(self.counted(call, state), cpu).sum();
        let [warm, ten, hundred] = &in_use;
        table.row([
            call.name(),
            &format!("{:.2}", warm.units.reads),
            &format!("{:.2}", warm.units.writes),
            &format!("{:.1}", warm.billed),
            &dollars(warm.dynamodb),
            &dollars(warm.lambda),
            &dollars(GATEWAY),
            &dollars(warm.sum()),
            &dollars(ten.sum()),
            &dollars(hundred.sum()),
            &dollars(one(State::Rare)),
            &dollars(one(State::Aged)),
            &verdict(call, warm.sum()),
        ]);
    }

    fn in_use(&self, call: Call, routing: Routing) -> &[Traffic] {
        let found = self.in_use.iter().find(|(it, with, _)| (*it, *with) == (call, routing));
        found.map_or(&[], |(_, _, traffic)| traffic)
    }

    fn counted(&self, call: Call, state: State) -> &[Traffic] {
        let found = self.counts.iter().find(|count| (count.call, count.state) == (call, state));
        found.map_or(&[], |count| std::slice::from_ref(&count.traffic))
    }
}

fn verdict(call: Call, price: f64) -> String {
    let has_target = WITH_TARGET.contains(&call);
    if has_target { target(&format!("≤ {MOST:.2}"), price <= MOST) } else { String::new() }
}

/// The price of a million calls.
struct Price {
    /// The mean of a call.
    units: Units,
    /// Milliseconds of a call, on average.
    billed: f64,
    dynamodb: f64,
    lambda: f64,
}

impl Price {
    /// The price of calls like these, which take `cpu` milliseconds of CPU time each. NaN without calls.
    fn of(calls: &[Traffic], cpu: f64) -> Self {
        let number = calls.len() as f64;
        let sum: Units = calls.iter().map(|call| call.units).sum();
        let units = Units { reads: sum.reads / number, writes: sum.writes / number };
        let billed_of = |call: &Traffic| (cpu + call.sequential_trips as f64 * ROUND_TRIP).ceil();
        let billed = calls.iter().map(billed_of).sum::<f64>() / number;
        Self {
            units,
            billed,
            dynamodb: rounded(units.reads * READ_UNITS + units.writes * WRITE_UNITS),
            lambda: rounded(INVOCATIONS + billed * 1e3 * MEMORY * GB_SECOND),
        }
    }

    fn sum(&self) -> f64 {
        self.dynamodb + self.lambda + GATEWAY
    }
}

/// Rounds as [`dollars`] does, so that the printed parts add up to the printed sum.
fn rounded(amount: f64) -> f64 {
    (amount * 1e3).round() / 1e3
}

fn dollars(amount: f64) -> String {
    format!("{amount:.3}")
}
