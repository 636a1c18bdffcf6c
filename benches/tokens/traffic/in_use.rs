//! What a call sends to DynamoDB while one caller keeps calling, counted with the functions as they are deployed.

use model::SignedDuration;

use crate::Outcome;
use crate::calls::Call;
use crate::function::Function;
use crate::limits::{Arrival, Arrivals, Routing};
use crate::messages::Messages;
use crate::test_booth::TestBooth;
use crate::traffic::Traffic;
use crate::traffic::proxy::Proxy;

/// How the calls are distributed over processes.
pub(crate) const ROUTINGS: [Routing; 3] =
    [Routing::WarmFirst { others: 0.0 }, Routing::AtRandom(10), Routing::AtRandom(100)];

/// The calls that are counted, and those before them. At 10 calls a second they are 60 s and 30 s.
const COUNTED: usize = 600;
const WARM_UP: usize = 300;

/// The traffic of each counted call.
pub(crate) type InUse = Vec<(Call, Routing, Vec<Traffic>)>;

/// Counts every call with each routing. The three routings have a booth each, and run at the same time.
pub(crate) async fn count() -> Outcome<InUse> {
    let [warm, ten, hundred] = ROUTINGS;
    let (warm, ten, hundred) = tokio::try_join!(count_with(warm), count_with(ten), count_with(hundred))?;
    Ok([warm, ten, hundred].concat())
}

async fn count_with(routing: Routing) -> Outcome<InUse> {
    let booth = TestBooth::open().await?;
    let messages = Messages::open(&booth).await?;
    let mut counted = Vec::new();
    for call in Call::ALL {
        let proxy = Proxy::serve(booth.dynamodb()).await?;
        let run = Run { call, booth: &booth, messages: &messages, proxy, functions: Vec::new() };
        counted.push((call, routing, run.count(routing).await?));
        // The next call may use the same buckets.
        booth.clock.advance(SignedDuration::from_mins(1));
    }
    Ok(counted)
}

/// The calls of one kind, and the processes that answer them.
struct Run<'a> {
    call: Call,
    booth: &'a TestBooth,
    messages: &'a Messages<'a>,
    proxy: Proxy,
    functions: Vec<Function>,
}

impl Run<'_> {
    async fn count(mut self, routing: Routing) -> Outcome<Vec<Traffic>> {
        let mut arrivals = Arrivals::new(1.0 / self.call.gap().as_secs_f64(), routing);
        let mut counted = Vec::new();
        for number in 0..WARM_UP + COUNTED {
            let Arrival { gap, process } = arrivals.next();
            self.booth.clock.advance(gap);
            let traffic = self.send_to(process).await?;
            if number >= WARM_UP {
                counted.push(traffic);
            }
        }
        Ok(counted)
    }

    /// Sends a call to that process, and starts the process first if it is new.
    async fn send_to(&mut self, process: usize) -> Outcome<Traffic> {
        while self.functions.len() <= process {
            let start = self.booth.start_as_deployed(self.proxy.address);
            self.functions.push(self.call.boot(&start).await?);
        }
        let function = self.functions.get(process).ok_or("a process without a function")?;
        let request = self.messages.message(self.call).await?.request(self.booth.clock.now())?;
        drop(self.proxy.take());
        let body =
            function.handle(&request).await.map_err(|error| format!("{}: {error}", self.call.name()))?;
        if !self.call.profile().answer.is_in(&body) {
            return Err(format!("{}: unexpected response", self.call.name()).into());
        }
        Traffic::of(self.call.name(), &self.proxy.take())
    }
}
