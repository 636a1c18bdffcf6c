//! Cold starts: from the start of a function's process to its first response, with a Runtime API of this benchmark.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::Outcome;
use crate::binaries::Binaries;
use crate::calls::Call;
use crate::messages::Messages;
use crate::series::Series;
use crate::start::runtime_api::{RuntimeApi, Step};
use crate::table::{Table, target};
use crate::test_booth::TestBooth;

/// How many times each function is started.
pub(crate) const SPAWNS: usize = 20;
/// The target: so many times the time of the reference function.
const RATIO: f64 = 1.5;
/// The first response before rate limits had leases, in milliseconds, on the same machine as the reference.
const fn before_leases(call: Call) -> Option<f64> {
    match call {
        Call::SecureAnonymous => Some(7.44),
        Call::AccessToken => Some(7.34),
        Call::AnonymousToken => Some(7.12),
        Call::VerifyGcm => Some(7.05),
        _ => None,
    }
}

/// A start is no worse than before if its median is at most so many times as long: two runs differ by so much.
const NO_WORSE: f64 = 1.05;

/// How long to wait for a step of a function.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The first response of a minimal function that reads one item and signs one JWT, in milliseconds, on the machine where
/// the target was set: with Ed25519, and with RS256 without jitter entropy, as in our build. Attaching a device does
/// more, so it has no target.
const fn reference(call: Call) -> Option<f64> {
    match call {
        Call::AccessToken | Call::ClientToken => Some(6.0),
        Call::Attach => None,
        _ => Some(5.0),
    }
}

/// Milliseconds from the start of the process to its first poll for an invocation, and to its first response.
#[derive(Default)]
pub(crate) struct Starts {
    pub(crate) ready: Series,
    pub(crate) answered: Series,
}

/// Starts one function of each window in turn, and a process that does nothing.
pub(crate) async fn measure(booth: &TestBooth, binaries: &Binaries, table: &mut Table) -> Outcome<()> {
    let messages = Messages::open(booth).await?;
    let mut nothing = Series::default();
    let mut measured: Vec<_> = binaries.all().map(|(call, path)| (call, path, Starts::default())).collect();
    for _ in 0..SPAWNS {
        nothing.push(idle()?);
        for (call, path, starts) in &mut measured {
            let event = messages.message(*call).await?.event(booth.clock.now());
            starts.add(start(booth, (call.function(), path), event).await?);
        }
    }
    table.part([
        "Cold start, spawn to first answer",
        "median ms",
        "p90 ms",
        "ready, ms",
        "target",
        "before leases",
    ]);
    table.row(["a process that does nothing", &ms(nothing.median()), &ms(nothing.quantile(0.9)), "", "", ""]);
    for (call, _, starts) in measured {
        let median = starts.answered.median();
        let verdict = reference(call).map(|reference| verdict_of(median, reference)).unwrap_or_default();
        let name = format!("{}: {}", call.name(), call.function());
        let (p90, ready) = (starts.answered.quantile(0.9), starts.ready.median());
        let before = before_leases(call).map(|before| no_worse(median, before)).unwrap_or_default();
        table.row([&name, &ms(median), &ms(p90), &ms(ready), &verdict, &before]);
    }
    Ok(())
}

fn verdict_of(median: f64, reference: f64) -> String {
    let most = RATIO * reference;
    target(&format!("≤ {most:.1} ms ({RATIO} × {reference:.1})"), median <= most)
}

fn no_worse(median: f64, before: f64) -> String {
    target(&format!("no worse than {before:.2} ms, within 5 %"), median <= NO_WORSE * before)
}

fn ms(figure: f64) -> String {
    format!("{figure:.2}")
}

impl Starts {
    pub(crate) fn add(&mut self, (ready, answered): (f64, f64)) {
        self.ready.push(ready);
        self.answered.push(answered);
    }
}

fn idle() -> Outcome<f64> {
    let spawned = Instant::now();
    Command::new("true").env_clear().status()?;
    Ok(spawned.elapsed().as_secs_f64() * 1e3)
}

/// Starts a function's process, which gets one event. Returns the milliseconds to its first poll and to its answer.
pub(crate) async fn start(
    booth: &TestBooth,
    (function, path): (&str, &Path),
    event: String,
) -> Outcome<(f64, f64)> {
    let mut api = RuntimeApi::serve(event).await?;
    let spawned = Instant::now();
    let mut child = spawn((function, path), &api, booth.environment()?)?;
    let times = wait_for_response(&mut api, spawned).await;
    child.kill()?;
    child.wait()?;
    times.map_err(|error| format!("{function}: {error}").into())
}

/// Starts a function's process as Lambda does, with its own settings in `environment`.
pub(crate) fn spawn(
    (function, path): (&str, &Path),
    api: &RuntimeApi,
    environment: Vec<(String, String)>,
) -> Outcome<Child> {
    let mut command = Command::new(path);
    command.env_clear().envs(environment).envs([
        ("AWS_LAMBDA_RUNTIME_API", api.address.to_string().as_str()),
        ("AWS_LAMBDA_FUNCTION_NAME", function),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
        ("AWS_LAMBDA_LOG_GROUP_NAME", "bench"),
        ("AWS_LAMBDA_LOG_STREAM_NAME", "bench"),
    ]);
    Ok(command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?)
}

async fn wait_for_response(api: &mut RuntimeApi, spawned: Instant) -> Outcome<(f64, f64)> {
    let mut ready = f64::NAN;
    let since = |then: Instant| then.duration_since(spawned).as_secs_f64() * 1e3;
    while let Some(step) = tokio::time::timeout(TIMEOUT, api.steps.recv()).await? {
        match step {
            Step::Ready(then) => ready = since(then),
            Step::Answered(then, body) => {
                let answer: Value = serde_json::from_slice(&body)?;
                let is_success = answer.get("statusCode").and_then(Value::as_u64) == Some(200);
                let is_authorized = answer.get("isAuthorized").and_then(Value::as_bool) == Some(true);
                return if is_success || is_authorized {
                    Ok((ready, since(then)))
                } else {
                    Err("the response is not a success".into())
                };
            }
            Step::Failed(body) => return Err(String::from_utf8_lossy(&body).into()),
        }
    }
    Err("stopped".into())
}
