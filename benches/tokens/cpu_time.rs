//! CPU time per call, beside the raw cryptography of the same rounds.

use std::fs::File;
use std::sync::Mutex;

use api::RateLimits;
use model::SignedDuration;
use tokio::runtime::Runtime;
use tracing::Dispatch;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;

use crate::Outcome;
use crate::batches::{Subject, interleave};
use crate::calls::Call;
use crate::function::Function;
use crate::messages::Messages;
use crate::primitives::{Primitive, Primitives};
use crate::profiles::{Goal, Profile};
use crate::series::Series;
use crate::table::{Table, target};
use crate::test_booth::{LIMITS, TestBooth};

/// The bytes that the rows of raw cryptography work on: about as many as are signed in a token.
const LENGTH: usize = 512;

/// The mean CPU time of each call in microseconds, with rate limits and log lines.
pub(crate) type CpuTimes = Vec<(Call, f64)>;

/// The measurement of one call, on one thread as in Lambda.
struct Bench<'a> {
    call: Call,
    runtime: &'a Runtime,
    booth: &'a TestBooth,
    messages: &'a Messages<'a>,
    /// Without rate limits.
    unlimited: Function,
    /// With rate limits.
    limited: Function,
}

/// Measures handlers with warm caches: alone (medians), and with rate limits and all that a function adds to a handler
/// (means, because only few calls write to a bucket).
pub(crate) fn measure(booth: &TestBooth, table: &mut Table) -> Outcome<CpuTimes> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let messages = runtime.block_on(Messages::open(booth))?;
    let primitives = Primitives::new()?;
    measure_primitives(&primitives, table)?;
    let logs = lambda_logs()?;
    table.part(["CPU time per call, warm", "µs", "ratio to raw", "above raw µs", "target"]);
    let mut cpu_times = Vec::new();
    for call in Call::ALL {
        let bench = runtime.block_on(Bench::boot(call, &runtime, booth, &messages))?;
        cpu_times.push((call, bench.measure(&primitives, &logs, table)?));
    }
    Ok(cpu_times)
}

/// Measures each primitive alone.
fn measure_primitives(primitives: &Primitives, table: &mut Table) -> Outcome<()> {
    let subjects = Primitive::ALL.map(|primitive| primitives.subject(primitive, LENGTH));
    let measured = interleave(subjects.into_iter().collect::<Outcome<_>>()?)?;
    table.part([&format!("Raw cryptography, {LENGTH} bytes"), "median µs"]);
    for (primitive, series) in Primitive::ALL.iter().zip(&measured) {
        table.row([primitive.name(), &format!("{:.2}", series.median())]);
    }
    Ok(())
}

impl<'a> Bench<'a> {
    async fn boot(
        call: Call,
        runtime: &'a Runtime,
        booth: &'a TestBooth,
        messages: &'a Messages<'a>,
    ) -> Outcome<Self> {
        let start = |limits| booth.start(booth.dynamodb(), limits);
        let unlimited = call.boot(&start(RateLimits::Off)).await?;
        Ok(Self { call, runtime, booth, messages, unlimited, limited: call.boot(&start(LIMITS)).await? })
    }

    /// Adds its rows. Returns the CPU time with rate limits and log lines.
    fn measure(&self, primitives: &Primitives, logs: &Dispatch, table: &mut Table) -> Outcome<f64> {
        let length = self.runtime.block_on(self.messages.length(self.call))?;
        let mut subjects = vec![self.handler(), self.answer(logs)];
        for primitive in self.call.profile().primitives {
            subjects.push(primitives.subject(*primitive, length)?);
        }
        let measured = interleave(subjects)?;
        let [handler, answer, raw @ ..] = &*measured else { return Err("no rows".into()) };
        let raw_sum = raw.iter().cloned().reduce(|sum, one| sum.plus(&one));
        self.rows([handler, answer], raw_sum.as_ref(), table);
        Ok(answer.mean())
    }

    fn rows(&self, [handler, answer]: [&Series; 2], raw: Option<&Series>, table: &mut Table) {
        let Profile { name, primitives, goal, .. } = self.call.profile();
        if let Some(raw) = raw {
            let names: Vec<_> = primitives.iter().map(|primitive| primitive.name()).collect();
            let what = format!("{name}: raw {}", names.join(" + "));
            table.row([&what, &format!("{:.1}", raw.median()), "1.00", "", ""]);
        }
        let verdict = raw.zip(goal).map(|(raw, goal)| goal.verdict(handler, raw));
        row(
            table,
            &format!("{name}: handler, median"),
            (handler, Series::median),
            raw,
            &verdict.unwrap_or_default(),
        );
        row(table, &format!("{name}: with rate limits and log lines, mean"), (answer, Series::mean), raw, "");
    }

    fn handler(&self) -> Subject<'_> {
        Subject::new(|times| {
            let requests = self.requests(times)?;
            // Only the calls with rate limits move the clock: otherwise their process would see pauses.
            let gap = SignedDuration::ZERO;
            self.runtime.block_on(self.unlimited.time_handling(&requests, &self.booth.clock, gap))
        })
    }

    fn answer<'s>(&'s self, logs: &'s Dispatch) -> Subject<'s> {
        Subject::new(move |times| {
            let requests = self.requests(times)?;
            let _logging = tracing::dispatcher::set_default(logs);
            self.runtime.block_on(self.limited.time_answering(requests, &self.booth.clock, self.call.gap()))
        })
    }

    /// That many requests of now, built before the measurement starts.
    fn requests(&self, times: u32) -> Outcome<Vec<api::Request>> {
        self.runtime.block_on(self.messages.requests(self.call, times))
    }
}

impl Goal {
    fn verdict(self, handler: &Series, raw: &Series) -> String {
        match self {
            Self::Above(most) => target(&format!("≤ {most} µs above"), handler.minus(raw).median() <= most),
            Self::Ratio(most) => target(&format!("≤ {most} × raw"), handler.over(raw).median() <= most),
        }
    }
}

/// Adds the median or the mean of a series, and compares it with the raw cryptography.
fn row(
    table: &mut Table,
    name: &str,
    (series, average): (&Series, fn(&Series) -> f64),
    raw: Option<&Series>,
    target: &str,
) {
    let compared = |figure: fn(&Series, &Series) -> Series, digits: usize| {
        raw.map(|raw| format!("{:.digits$}", average(&figure(series, raw)))).unwrap_or_default()
    };
    let (ratio, above) = (compared(Series::over, 2), compared(Series::minus, 1));
    table.row([name, &format!("{:.1}", average(series)), &ratio, &above, target]);
}

/// Formats log lines as in Lambda and discards them.
fn lambda_logs() -> Outcome<Dispatch> {
    let null = File::options().write(true).open("/dev/null")?;
    let lines =
        tracing_subscriber::fmt::layer().with_ansi(false).with_writer(Mutex::new(null)).with_target(false);
    let filter =
        Targets::new().with_default(LevelFilter::WARN).with_target(api::LOG_TARGET, LevelFilter::INFO);
    let lines = lines.json().flatten_event(true).with_current_span(false);
    Ok(Dispatch::new(tracing_subscriber::registry().with(filter).with(LevelFilter::INFO).with(lines)))
}
