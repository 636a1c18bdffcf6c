//! Writes to the buckets of rate limits, counted on the wire, and the calls that leases refuse too early.

use api::{BucketKind, BucketRequest, Code, Limiter};
use model::RateLimit;

use crate::Outcome;
use crate::limits::arrivals::{Arrival, Arrivals};
use crate::limits::exact_bucket::ExactBucket;
use crate::limits::routing::Routing;
use crate::limits::routing::Routing::{AtRandom, OneProcess, WarmFirst};
use crate::table::{Table, target};
use crate::test_booth::{LIMITS, TestBooth};
use crate::traffic::proxy::Proxy;

/// Calls to one bucket.
struct Scenario {
    limit: RateLimit,
    calls_per_second: f64,
    /// For how long, on the test clock.
    seconds: f64,
    routing: Routing,
    /// The target for the writes per call.
    most_writes: Option<f64>,
}

/// Limits per minute, calls per second, seconds, processes, and the target for the writes per call.
const SCENARIOS: [Scenario; 14] = [
    scenario(1200, 10.0, 600.0, OneProcess, Some(0.05)),
    scenario(1200, 10.0, 600.0, WarmFirst { others: 500.0 }, None),
    scenario(1200, 10.0, 600.0, AtRandom(10), Some(0.15)),
    scenario(1200, 10.0, 600.0, AtRandom(100), None),
    scenario(600, 5.0, 600.0, OneProcess, None),
    scenario(600, 5.0, 600.0, AtRandom(10), None),
    scenario(600, 5.0, 600.0, AtRandom(100), None),
    scenario(600, 9.0, 600.0, OneProcess, None),
    scenario(600, 9.0, 600.0, AtRandom(10), None),
    scenario(600, 9.0, 600.0, AtRandom(100), None),
    scenario(600, 1000.0, 60.0, AtRandom(10), Some(0.15)),
    scenario(600, 100.0, 60.0, AtRandom(10), Some(0.2)),
    scenario(20, 0.2, 600.0, OneProcess, None),
    scenario(20, 0.2, 600.0, AtRandom(10), None),
];

const fn scenario(
    per_minute: u32,
    calls_per_second: f64,
    seconds: f64,
    routing: Routing,
    most_writes: Option<f64>,
) -> Scenario {
    Scenario { limit: RateLimit::per_minute(per_minute), calls_per_second, seconds, routing, most_writes }
}

/// Counts the writes of each scenario, with the `api::Limiter` of each process.
pub(crate) async fn count(booth: &TestBooth, table: &mut Table) -> Outcome<()> {
    table.part([
        "Rate limits: writes to one bucket",
        "calls",
        "writes per call",
        "target",
        "accepted, %",
        "less than an exact bucket, %",
        "target",
    ]);
    let proxy = Proxy::without_delay(booth.dynamodb()).await?;
    for scenario in &SCENARIOS {
        scenario.run(booth, &proxy).await?.add_row(scenario, table);
    }
    Ok(())
}

/// The counts of a scenario.
#[derive(Default)]
struct Counts {
    writes: u32,
    accepted: u32,
    /// How many calls a bucket without leases accepts.
    exact: u32,
}

impl Scenario {
    fn name(&self) -> String {
        let Self { limit, calls_per_second, routing, .. } = self;
        format!("{} in {} s, {calls_per_second}/s, {routing}", limit.requests(), limit.seconds())
    }

    /// The number of calls.
    fn calls(&self) -> u32 {
        (self.calls_per_second * self.seconds) as u32
    }

    async fn run(&self, booth: &TestBooth, proxy: &Proxy) -> Outcome<Counts> {
        let start = booth.start(proxy.address, LIMITS);
        let mut arrivals = Arrivals::new(self.calls_per_second, self.routing);
        let mut exact = ExactBucket::new(self.limit);
        let mut limiters: Vec<Limiter> = Vec::new();
        let mut counts = Counts::default();
        for _ in 0..self.calls() {
            let Arrival { gap, process } = arrivals.next();
            booth.clock.advance(gap);
            limiters.resize_with(limiters.len().max(process + 1), || start.limiter());
            let limiter = limiters.get(process).ok_or("a process without a limiter")?;
            counts.accepted += u32::from(self.is_accepted(limiter).await?);
            counts.exact += u32::from(exact.take(start.clock.now()));
            counts.writes += u32::try_from(proxy.take().len())?;
        }
        Ok(counts)
    }

    async fn is_accepted(&self, limiter: &Limiter) -> Outcome<bool> {
        let request = BucketRequest::new("benchmark", BucketKind::Key, self.name(), self.limit);
        match limiter.take([request]).await {
            Ok(_) => Ok(true),
            Err(problem) if problem.code() == Code::QuotaExceeded => Ok(false),
            Err(problem) => Err(problem.detail().to_owned().into()),
        }
    }

    /// The target for the calls that leases refuse too early, in percent: more above 80 % of the limit.
    fn most_lost(&self) -> f64 {
        let refilled = f64::from(self.limit.requests()) / f64::from(self.limit.seconds());
        if self.calls_per_second <= 0.8 * refilled { 2.0 } else { 7.0 }
    }
}

impl Counts {
    fn add_row(&self, scenario: &Scenario, table: &mut Table) {
        let of = |count: u32, all: u32| f64::from(count) / f64::from(all);
        let writes = of(self.writes, scenario.calls());
        let verdict = scenario.most_writes.map(|most| target(&format!("≤ {most}"), writes <= most));
        let lost = 100.0 * (1.0 - of(self.accepted, self.exact));
        let most_lost = scenario.most_lost();
        table.row([
            &scenario.name(),
            &scenario.calls().to_string(),
            &format!("{writes:.3}"),
            &verdict.unwrap_or_default(),
            &format!("{:.1}", 100.0 * of(self.accepted, scenario.calls())),
            &format!("{lost:.2}"),
            &target(&format!("≤ {most_lost} %"), lost <= most_lost),
        ]);
    }
}
