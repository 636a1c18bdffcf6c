//! DynamoDB round trips, read units and write units per call, counted on the wire.

use model::SignedDuration;

use crate::Outcome;
use crate::calls::{Call, Reads};
use crate::function::Function;
use crate::ground::{CACHE, Ground, LIMITS};
use crate::messages::Messages;
use crate::proxy::{Exchange, Proxy};
use crate::table::{Table, target};
use crate::units::Units;

/// How a call finds the function and its rate limits' buckets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// The function has just started.
    Cold,
    /// It remembers all it reads, and the buckets are full again.
    Warm,
    /// It remembers all it reads, and the buckets are not full: each takes a second write.
    Busy,
    /// All it remembers is too old.
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

/// What a call in that state took.
#[derive(Debug)]
pub(crate) struct Count {
    pub(crate) call: Call,
    pub(crate) state: State,
    pub(crate) trips: usize,
    pub(crate) units: Units,
}

/// Counts for each call: starting, and then the call in every state.
pub(crate) async fn count(ground: &Ground, table: &mut Table) -> Outcome<Vec<Count>> {
    let messages = Messages::open(ground).await?;
    table.part(["DynamoDB per call, counted", "round trips", "read units", "write units", "target"]);
    let mut counts = Vec::new();
    for call in Call::ALL {
        let proxy = Proxy::serve(ground.dynamodb()).await?;
        let function = call.boot(&ground.start(proxy.address, LIMITS)).await?;
        row(table, &format!("{}: starting", call.name()), &proxy.take(), "")?;
        let counter = Counter { call, ground, messages: &messages, proxy, function };
        for (state, pause) in [
            (State::Cold, SignedDuration::ZERO),
            (State::Busy, SignedDuration::ZERO),
            (State::Warm, SignedDuration::from_mins(1)),
            (State::Aged, CACHE),
        ] {
            ground.dial.turn(pause);
            counts.push(counter.count(state, table).await?);
        }
        // The next call may share its buckets.
        ground.dial.turn(SignedDuration::from_mins(1));
    }
    Ok(counts)
}

/// One function behind a proxy of its own.
struct Counter<'a> {
    call: Call,
    ground: &'a Ground,
    messages: &'a Messages<'a>,
    proxy: Proxy,
    function: Function,
}

impl Counter<'_> {
    async fn count(&self, state: State, table: &mut Table) -> Outcome<Count> {
        let call = self.call;
        let request = self.messages.message(call).await?.request(self.ground.dial.now())?;
        let answer = self.function.handle(&request).await?;
        if !answer.contains(call.says()) {
            return Err(format!("{} answered something else", call.name()).into());
        }
        let exchanges = self.proxy.take();
        let verdict = call.reads().map(|reads| verdict(reads, state, &exchanges)).unwrap_or_default();
        let units = row(table, &format!("{}: {}", call.name(), state.name()), &exchanges, &verdict)?;
        Ok(Count { call, state, trips: exchanges.len(), units })
    }
}

/// Whether it took no more round trips to read than it may; those to write come on top.
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
    let units = exchanges.iter().map(|exchange| {
        exchange.units.ok_or_else(|| format!("{name}: nobody counts {}", exchange.operation).into())
    });
    let units: Units = units.collect::<Outcome<Vec<_>>>()?.into_iter().sum();
    let trips = exchanges.len().to_string();
    table.row([name, &trips, &units.reads.to_string(), &units.writes.to_string(), verdict]);
    Ok(units)
}
