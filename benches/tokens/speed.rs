//! CPU time per call, beside the bare cryptography of the same rounds.

use std::fs::File;
use std::sync::Mutex;

use api::RateLimits;
use lambda_http::Request;
use tokio::runtime::Runtime;
use tracing::Dispatch;

use crate::Outcome;
use crate::calls::{Call, Goal};
use crate::cpu::{Subject, interleave};
use crate::function::Function;
use crate::ground::{Ground, LIMITS};
use crate::messages::Messages;
use crate::primitives::{Primitive, Primitives};
use crate::series::Series;
use crate::table::{Table, target};

/// The length of the text that the primitives' own rows are measured on: about what is signed in a token.
const LENGTH: usize = 512;

/// The CPU time of each call's answer, rate limits and log lines included, in microseconds.
pub(crate) type Costs = Vec<(Call, f64)>;

/// What is measured of one call, on one thread as in Lambda.
struct Bench<'a> {
    call: Call,
    runtime: &'a Runtime,
    ground: &'a Ground,
    messages: &'a Messages<'a>,
    /// Without rate limits.
    alone: Function,
    /// With them.
    limited: Function,
}

/// Handlers with warm caches: alone, with rate limits, and with all that surrounds them when a function answers.
pub(crate) fn measure(ground: &Ground, table: &mut Table) -> Outcome<Costs> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let messages = runtime.block_on(Messages::open(ground))?;
    let primitives = Primitives::new()?;
    bare(&primitives, table)?;
    let logs = logs_as_in_lambda()?;
    table.part(["CPU time per call, warm", "median µs", "ratio to raw", "above raw µs", "target"]);
    let mut costs = Vec::new();
    for call in Call::ALL {
        let bench = runtime.block_on(Bench::boot(call, &runtime, ground, &messages))?;
        costs.push((call, bench.measure(&primitives, &logs, table)?));
    }
    Ok(costs)
}

/// Each primitive by itself.
fn bare(primitives: &Primitives, table: &mut Table) -> Outcome<()> {
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
        ground: &'a Ground,
        messages: &'a Messages<'a>,
    ) -> Outcome<Self> {
        let start = |limits| ground.start(ground.dynamodb(), limits);
        let alone = call.boot(&start(RateLimits::Off)).await?;
        Ok(Self { call, runtime, ground, messages, alone, limited: call.boot(&start(LIMITS)).await? })
    }

    /// Its rows; the CPU time of an answer.
    fn measure(&self, primitives: &Primitives, logs: &Dispatch, table: &mut Table) -> Outcome<f64> {
        let length = self.runtime.block_on(self.messages.signed_length(self.call))?;
        let mut subjects =
            vec![self.handling(&self.alone), self.handling(&self.limited), self.answering(logs)];
        for primitive in self.call.primitives() {
            subjects.push(primitives.subject(*primitive, length)?);
        }
        let measured = interleave(subjects)?;
        let [handler, limited, answer, raw @ ..] = &*measured else { return Err("no rows".into()) };
        let raw = raw.iter().cloned().reduce(|sum, one| sum.plus(&one));
        self.rows([handler, limited, answer], raw.as_ref(), table);
        Ok(answer.median())
    }

    fn rows(&self, [handler, limited, answer]: [&Series; 3], raw: Option<&Series>, table: &mut Table) {
        let name = self.call.name();
        if let Some(raw) = raw {
            let names: Vec<_> = self.call.primitives().iter().map(|primitive| primitive.name()).collect();
            let what = format!("{name}: raw {}", names.join(" + "));
            table.row([&what, &format!("{:.1}", raw.median()), "1.00", "", ""]);
        }
        let verdict = raw.zip(self.call.goal()).map(|(raw, goal)| goal.judged(handler, raw));
        row(table, &format!("{name}: handler"), handler, raw, &verdict.unwrap_or_default());
        row(table, &format!("{name}: with rate limits"), limited, raw, "");
        row(table, &format!("{name}: with log lines too"), answer, raw, "");
    }

    fn handling<'s>(&'s self, function: &'s Function) -> Subject<'s> {
        Subject::new(move |times| {
            let requests = self.requests(times)?;
            self.runtime.block_on(function.time_handling(&requests, &self.ground.dial))
        })
    }

    fn answering<'s>(&'s self, logs: &'s Dispatch) -> Subject<'s> {
        Subject::new(move |times| {
            let requests = self.requests(times)?;
            let _logging = tracing::dispatcher::set_default(logs);
            self.runtime.block_on(self.limited.time_answering(requests, &self.ground.dial))
        })
    }

    /// So many requests as of now, made before the clock runs.
    fn requests(&self, times: u32) -> Outcome<Vec<Request>> {
        self.runtime.block_on(async {
            let mut requests = Vec::new();
            for _ in 0..times {
                requests.push(self.messages.message(self.call).await?.request(self.ground.dial.now())?);
            }
            Ok(requests)
        })
    }
}

impl Goal {
    fn judged(self, handler: &Series, raw: &Series) -> String {
        match self {
            Self::Above(most) => target(&format!("≤ {most} µs above"), handler.minus(raw).median() <= most),
            Self::Ratio(most) => target(&format!("≤ {most} × raw"), handler.over(raw).median() <= most),
        }
    }
}

fn row(table: &mut Table, name: &str, mine: &Series, raw: Option<&Series>, target: &str) {
    let beside = |figure: fn(&Series, &Series) -> Series, digits: usize| {
        raw.map(|raw| format!("{:.digits$}", figure(mine, raw).median())).unwrap_or_default()
    };
    let (ratio, above) = (beside(Series::over, 2), beside(Series::minus, 1));
    table.row([name, &format!("{:.1}", mine.median()), &ratio, &above, target]);
}

/// Where the functions' log lines go: through all that Lambda's do, and then to nobody.
fn logs_as_in_lambda() -> Outcome<Dispatch> {
    let nowhere = File::options().write(true).open("/dev/null")?;
    let lines = tracing_subscriber::fmt()
        .with_ansi(false)
        .with_writer(Mutex::new(nowhere))
        .with_env_filter(
            "warn,api=info,access_token=info,anonymous_token=info,oauth_token=info,secure_anonymous_token=info",
        )
        .with_target(false);
    Ok(Dispatch::new(lines.json().flatten_event(true).with_current_span(false).finish()))
}
