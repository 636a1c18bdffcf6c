//! The CPU time that rate limits add to a call, for one caller and one process at 10 calls a second.

use api::RateLimits;
use model::SignedDuration;
use tokio::runtime::Runtime;

use crate::Outcome;
use crate::batches::{Subject, interleave_batches};
use crate::calls::Call;
use crate::function::Function;
use crate::messages::Messages;
use crate::series::Series;
use crate::table::{Table, target};
use crate::test_booth::{LIMITS, TestBooth};

/// The calls that have a target for what rate limits cost.
pub(crate) const WITH_TARGET: [Call; 7] = [
    Call::SecureAnonymous,
    Call::AccessToken,
    Call::AnonymousToken,
    Call::BuildGcm,
    Call::BuildCbc,
    Call::VerifyGcm,
    Call::VerifyCbc,
];

/// Calls per batch, and batches. Together they take some hundred leases, so that the mean has their writes.
const BATCH: u32 = 64;
const ROUNDS: usize = 150;

/// The target, in microseconds.
const MOST: f64 = 15.0;

/// Measures each call with rate limits and without, in turn.
pub(crate) fn measure(booth: &TestBooth, table: &mut Table) -> Outcome<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let messages = runtime.block_on(Messages::open(booth))?;
    table.part([
        "Rate limits: CPU time at 10 calls/s, one process",
        "RateLimit-Policy",
        "handler, mean µs",
        "with limits, mean µs",
        "above, mean µs",
        "target",
    ]);
    for call in WITH_TARGET {
        let bench = runtime.block_on(Bench::boot(call, booth, &runtime, &messages))?;
        let policy = runtime.block_on(bench.policy())?;
        let [handler, limited] = bench.measure()?;
        let above = limited.minus(&handler).mean();
        table.row([
            call.name(),
            &policy,
            &format!("{:.1}", handler.mean()),
            &format!("{:.1}", limited.mean()),
            &format!("{above:.1}"),
            &target(&format!("≤ {MOST} µs"), above <= MOST),
        ]);
    }
    Ok(())
}

struct Bench<'a> {
    call: Call,
    booth: &'a TestBooth,
    runtime: &'a Runtime,
    messages: &'a Messages<'a>,
    limited: Function,
    unlimited: Function,
}

impl<'a> Bench<'a> {
    async fn boot(
        call: Call,
        booth: &'a TestBooth,
        runtime: &'a Runtime,
        messages: &'a Messages<'a>,
    ) -> Outcome<Self> {
        let start = |limits| booth.start(booth.dynamodb(), limits);
        let (limited, unlimited) =
            (call.boot(&start(LIMITS)).await?, call.boot(&start(RateLimits::Off)).await?);
        Ok(Self { call, booth, runtime, messages, limited, unlimited })
    }

    async fn policy(&self) -> Outcome<String> {
        let message = self.messages.message(self.call).await?;
        self.limited.policy(&message.request(self.booth.clock.now())?).await
    }

    /// The microseconds per call without rate limits and with them.
    fn measure(&self) -> Outcome<[Series; 2]> {
        // Only the calls with rate limits move the clock: otherwise their process would see pauses.
        let subjects = || {
            vec![
                self.subject(&self.unlimited, SignedDuration::ZERO),
                self.subject(&self.limited, self.call.gap()),
            ]
        };
        interleave_batches(subjects(), &[BATCH; 2], 2)?; // fills caches and takes the first leases
        let measured = interleave_batches(subjects(), &[BATCH; 2], ROUNDS)?;
        <[Series; 2]>::try_from(measured).map_err(|_| "no measurements".into())
    }

    fn subject<'s>(&'s self, function: &'s Function, gap: SignedDuration) -> Subject<'s> {
        Subject::new(move |times| {
            let requests = self.runtime.block_on(self.messages.requests(self.call, times))?;
            self.runtime.block_on(function.time_handling(&requests, &self.booth.clock, gap))
        })
    }
}
