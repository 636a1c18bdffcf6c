//! Cold starts: from the spawn of a function's binary to its first answer, over a Runtime API of our own.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use model::Timestamp;
use serde_json::Value;

use crate::Outcome;
use crate::binaries::Binaries;
use crate::events::Window;
use crate::ground::Ground;
use crate::runtime_api::{RuntimeApi, Step};
use crate::series::Series;
use crate::table::{Table, target};

/// How often each is spawned.
const SPAWNS: usize = 20;
/// The most a first answer may take, against the spike's.
const RATIO: f64 = 1.5;
/// The longest wait for a step of a function.
const PATIENCE: Duration = Duration::from_secs(10);

/// What a bare function took that reads one item and signs one JWT, on the machine where the target was set, in
/// milliseconds: with Ed25519, and with RS256 without jitter entropy, as we build.
const fn spike(window: Window) -> f64 {
    match window {
        Window::F => 5.0,
        Window::K => 6.0,
    }
}

/// Milliseconds from spawning to the first question for work, and to the first answer.
#[derive(Default)]
struct Starts {
    ready: Series,
    answered: Series,
}

/// Both windows in turn, beside a process that does nothing.
pub(crate) async fn measure(ground: &Ground, binaries: &Binaries, table: &mut Table) -> Outcome<()> {
    let (mut f, mut k, mut nothing) = (Starts::default(), Starts::default(), Series::default());
    for _ in 0..SPAWNS {
        nothing.push(idle()?);
        f.add(start(ground, binaries, Window::F).await?);
        k.add(start(ground, binaries, Window::K).await?);
    }
    table.part(["Cold start, spawn to first answer", "median ms", "p90 ms", "ready, ms", "target"]);
    table.row(["a process that does nothing", &ms(nothing.median()), &ms(nothing.quantile(0.9)), "", ""]);
    for (window, starts) in [(Window::F, f), (Window::K, k)] {
        let (median, most) = (starts.answered.median(), RATIO * spike(window));
        let verdict = target(&format!("≤ {most:.1} ms (1.5 × {:.1})", spike(window)), median <= most);
        let name = format!("{window:?} {}", window.function());
        let (p90, ready) = (starts.answered.quantile(0.9), starts.ready.median());
        table.row([&name, &ms(median), &ms(p90), &ms(ready), &verdict]);
    }
    Ok(())
}

fn ms(figure: f64) -> String {
    format!("{figure:.2}")
}

impl Starts {
    fn add(&mut self, (ready, answered): (f64, f64)) {
        self.ready.push(ready);
        self.answered.push(answered);
    }
}

fn idle() -> Outcome<f64> {
    let spawned = Instant::now();
    Command::new("true").env_clear().status()?;
    Ok(spawned.elapsed().as_secs_f64() * 1e3)
}

async fn start(ground: &Ground, binaries: &Binaries, window: Window) -> Outcome<(f64, f64)> {
    let mut api = RuntimeApi::serve(window.event(ground.demo(), Timestamp::now())).await?;
    let mut command = Command::new(binaries.path(window));
    command.env_clear().envs(ground.environment()?).envs([
        ("AWS_LAMBDA_RUNTIME_API", api.address.to_string().as_str()),
        ("AWS_LAMBDA_FUNCTION_NAME", window.function()),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
        ("AWS_LAMBDA_LOG_GROUP_NAME", "bench"),
        ("AWS_LAMBDA_LOG_STREAM_NAME", "bench"),
    ]);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let spawned = Instant::now();
    let mut child = command.spawn()?;
    let steps = steps(&mut api, spawned).await;
    child.kill()?;
    child.wait()?;
    steps.map_err(|error| format!("{}: {error}", window.function()).into())
}

async fn steps(api: &mut RuntimeApi, spawned: Instant) -> Outcome<(f64, f64)> {
    let mut ready = f64::NAN;
    let since = |then: Instant| then.duration_since(spawned).as_secs_f64() * 1e3;
    while let Some(step) = tokio::time::timeout(PATIENCE, api.steps.recv()).await? {
        match step {
            Step::Ready(then) => ready = since(then),
            Step::Answered(then, body) => {
                let answer: Value = serde_json::from_slice(&body)?;
                let is_token = answer.get("statusCode").and_then(Value::as_u64) == Some(200);
                return if is_token { Ok((ready, since(then))) } else { Err("refused".into()) };
            }
            Step::Failed(body) => return Err(String::from_utf8_lossy(&body).into()),
        }
    }
    Err("stopped".into())
}
