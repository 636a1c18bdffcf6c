//! DynamoDB round trips, read units and write units per call, counted on the wire.

use model::SignedDuration;

use crate::Outcome;
use crate::calls::Call;
use crate::function::Function;
use crate::messages::Messages;
use crate::profiles::{Profile, Reads};
use crate::proxy::{Exchange, Proxy};
use crate::table::{Table, target};
use crate::test_booth::{CACHE, LIMITS, TestBooth};
use crate::units::Units;

/// The state of the function's cache and of the rate limits' buckets at a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// The function has just started.
    Cold,
    /// Everything is cached, and the buckets are full.
    Warm,
    /// Everything is cached, and the buckets are not full: each takes a second write.
    Busy,
    /// Everything that is cached is too old.
    Aged,
}

impl State {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Cold => "first after starting",
            Self::Warm => "warm",
            Self::Busy => "warm, in quick succession",
            Self::Aged => "cached reads too old",
        }
    }
}

/// The round trips and units of a call in one state.
#[derive(Debug)]
pub(crate) struct Count {
    pub(crate) call: Call,
    pub(crate) state: State,
    pub(crate) trips: usize,
    pub(crate) units: Units,
}

/// Counts for each call: the start of its function, and the call in every state.
pub(crate) async fn count(booth: &TestBooth, table: &mut Table) -> Outcome<Vec<Count>> {
    let messages = Messages::open(booth).await?;
    table.part(["DynamoDB per call, counted", "round trips", "read units", "write units", "target"]);
    let mut counts = Vec::new();
    for call in Call::ALL {
        let proxy = Proxy::serve(booth.dynamodb()).await?;
        let function = call.boot(&booth.start(proxy.address, LIMITS)).await?;
        row(table, &format!("{}: starting", call.name()), &proxy.take(), "")?;
        let counter = Counter { call, booth, messages: &messages, proxy, function };
        for (state, pause) in [
            (State::Cold, SignedDuration::ZERO),
            (State::Busy, SignedDuration::ZERO),
            (State::Warm, SignedDuration::from_mins(1)),
            (State::Aged, CACHE),
        ] {
            booth.clock.advance(pause);
            counts.push(counter.count(state, table).await?);
        }
        // The next call may use the same buckets.
        booth.clock.advance(SignedDuration::from_mins(1));
    }
    Ok(counts)
}

/// One function behind a proxy of its own.
struct Counter<'a> {
    call: Call,
    booth: &'a TestBooth,
    messages: &'a Messages<'a>,
    proxy: Proxy,
    function: Function,
}

impl Counter<'_> {
    async fn count(&self, state: State, table: &mut Table) -> Outcome<Count> {
        let Profile { name, reads, answer, .. } = self.call.profile();
        let request = self.messages.message(self.call).await?.request(self.booth.clock.now())?;
        let body = self.function.handle(&request).await?;
        if !answer.is_in(&body) {
            return Err(format!("{name}: unexpected response").into());
        }
        let exchanges = self.proxy.take();
        let verdict = reads.map(|reads| verdict(reads, state, &exchanges)).unwrap_or_default();
        let units = row(table, &format!("{name}: {}", state.name()), &exchanges, &verdict)?;
        Ok(Count { call: self.call, state, trips: exchanges.len(), units })
    }
}

/// Whether the call had no more round trips that read than its target. Writes do not count.
fn verdict(reads: Reads, state: State, exchanges: &[Exchange]) -> String {
    let most = match state {
        State::Cold | State::Aged => reads.cold,
        State::Warm | State::Busy => reads.warm,
    };
    let is_read = |exchange: &&Exchange| exchange.units.is_some_and(|units| units.writes == 0.0);
    let text = if most == 0 { "none to read".to_owned() } else { format!("≤ {most} to read") };
    target(&text, exchanges.iter().filter(is_read).count() <= most)
}

fn row(table: &mut Table, name: &str, exchanges: &[Exchange], verdict: &str) -> Outcome<Units> {
    let units = units_of(name, exchanges)?;
    let trips = exchanges.len().to_string();
    table.row([name, &trips, &units.reads.to_string(), &units.writes.to_string(), verdict]);
    Ok(units)
}

/// The sum of their units.
pub(crate) fn units_of(name: &str, exchanges: &[Exchange]) -> Outcome<Units> {
    let units = exchanges.iter().map(|exchange| {
        exchange
            .units
            .ok_or_else(|| format!("{name}: the units of {} are unknown", exchange.operation).into())
    });
    Ok(units.collect::<Outcome<Vec<_>>>()?.into_iter().sum())
}
