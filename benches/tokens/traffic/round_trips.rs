//! DynamoDB round trips, read units and write units per call, counted on the wire.

use model::SignedDuration;

use crate::Outcome;
use crate::calls::Call;
use crate::function::Function;
use crate::messages::Messages;
use crate::profiles::{Profile, Reads};
use crate::table::{Table, target};
use crate::test_booth::{CACHE, LIMITS, TestBooth};
use crate::traffic::Traffic;
use crate::traffic::proxy::{Exchange, Proxy};

/// What the function has cached, and which tokens of rate limits it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// The function has just started.
    Cold,
    /// The second call. Everything is cached, and the function takes its first leases.
    Leasing,
    /// Everything is cached, and the function holds tokens.
    Leased,
    /// Everything is cached, and the function holds no tokens. It saw the buckets a few seconds ago.
    NothingLeased,
    /// Everything is cached. The function saw the buckets so long ago that it leases nothing.
    Rare,
    /// Everything that is cached is too old, and the function leases nothing.
    Aged,
}

impl State {
    /// Each state with the time that passes before it.
    const ALL: [(Self, SignedDuration); 6] = [
        (Self::Cold, SignedDuration::ZERO),
        (Self::Leasing, SignedDuration::ZERO),
        (Self::Leased, SignedDuration::ZERO),
        (Self::NothingLeased, SignedDuration::from_secs(10)),
        (Self::Rare, SignedDuration::from_mins(1)),
        (Self::Aged, CACHE),
    ];

    const fn name(self) -> &'static str {
        match self {
            Self::Cold => "first after starting",
            Self::Leasing => "warm, takes leases",
            Self::Leased => "warm, holds leases",
            Self::NothingLeased => "warm, after 10 s without a call",
            Self::Rare => "warm, after 60 s without a call",
            Self::Aged => "cached reads too old",
        }
    }
}

/// The traffic of a call in one state.
#[derive(Debug)]
pub(crate) struct Count {
    pub(crate) call: Call,
    pub(crate) state: State,
    pub(crate) traffic: Traffic,
}

/// Counts for each call: the start of its function, and the call in every state.
pub(crate) async fn count(booth: &TestBooth, table: &mut Table) -> Outcome<Vec<Count>> {
    let messages = Messages::open(booth).await?;
    table.part([
        "DynamoDB per call, counted",
        "round trips",
        "one after the other",
        "read units",
        "write units",
        "target",
    ]);
    let mut counts = Vec::new();
    for call in Call::ALL {
        let proxy = Proxy::serve(booth.dynamodb()).await?;
        let function = call.boot(&booth.start(proxy.address, LIMITS)).await?;
        row(table, &format!("{}: starting", call.name()), &proxy.take(), "")?;
        let counter = Counter { call, booth, messages: &messages, proxy, function };
        for (state, pause) in State::ALL {
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
        let Profile { name, answer, .. } = self.call.profile();
        let request = self.messages.message(self.call).await?.request(self.booth.clock.now())?;
        let body = self.function.handle(&request).await?;
        if !answer.is_in(&body) {
            return Err(format!("{name}: unexpected response").into());
        }
        let exchanges = self.proxy.take();
        let verdict = verdict(self.call, state, &exchanges)?;
        let traffic = row(table, &format!("{name}: {}", state.name()), &exchanges, &verdict)?;
        Ok(Count { call: self.call, state, traffic })
    }
}

/// Whether the call met its targets.
fn verdict(call: Call, state: State, exchanges: &[Exchange]) -> Outcome<String> {
    let waits = Traffic::of(call.name(), exchanges)?.sequential_trips;
    Ok(if (call, state) == (Call::SecureAnonymous, State::NothingLeased) {
        target("≤ 1 one after the other", waits <= 1)
    } else {
        call.profile().reads.map(|reads| verdict_of_reads(reads, state, exchanges)).unwrap_or_default()
    })
}

/// Whether the call had no more round trips that read than its target. Writes do not count.
fn verdict_of_reads(reads: Reads, state: State, exchanges: &[Exchange]) -> String {
    let most = match state {
        State::Cold | State::Aged => reads.cold,
        State::Leasing | State::Leased | State::NothingLeased | State::Rare => reads.warm,
    };
    let is_read = |exchange: &&Exchange| exchange.units.is_some_and(|units| units.writes == 0.0);
    let text = if most == 0 { "none to read".to_owned() } else { format!("≤ {most} to read") };
    target(&text, exchanges.iter().filter(is_read).count() <= most)
}

fn row(table: &mut Table, name: &str, exchanges: &[Exchange], verdict: &str) -> Outcome<Traffic> {
    let traffic = Traffic::of(name, exchanges)?;
    let Traffic { trips, sequential_trips, units } = traffic;
    let counts = [trips.to_string(), sequential_trips.to_string()];
    let [trips, sequential_trips] = &counts;
    table.row([name, trips, sequential_trips, &units.reads.to_string(), &units.writes.to_string(), verdict]);
    Ok(traffic)
}
