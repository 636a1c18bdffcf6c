//! What a call sends to DynamoDB.

pub(crate) mod in_use;
mod item_size;
pub(crate) mod network;
pub(crate) mod proxy;
pub(crate) mod round_trips;
pub(crate) mod units;

use crate::Outcome;
use crate::traffic::network::sequential;
use crate::traffic::proxy::Exchange;
use crate::traffic::units::Units;

/// What a call sends to DynamoDB.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Traffic {
    /// The number of round trips.
    pub(crate) trips: usize,
    /// The number of round trips that the call waits for one after the other. Requests that are under way at the same time
    /// count once.
    pub(crate) sequential_trips: usize,
    pub(crate) units: Units,
}

impl Traffic {
    /// The traffic of the call `name`.
    pub(crate) fn of(name: &str, exchanges: &[Exchange]) -> Outcome<Self> {
        let units = exchanges.iter().map(|exchange| {
            exchange
                .units
                .ok_or_else(|| format!("{name}: the units of {} are unknown", exchange.operation).into())
        });
        Ok(Self {
            trips: exchanges.len(),
            sequential_trips: sequential(exchanges.iter().map(|exchange| exchange.wait).collect()),
            units: units.collect::<Outcome<Vec<_>>>()?.into_iter().sum(),
        })
    }
}
