//! CPU time per token, beside the bare cryptography of the same rounds.

use std::fs::File;
use std::sync::Mutex;

use api::{Clock, Endpoint};
use lambda_http::Request;
use serde_json::Value;
use tokio::runtime::Runtime;

use crate::Outcome;
use crate::cpu::{self, Subject, interleave};
use crate::events::Window;
use crate::ground::Ground;
use crate::primitives::Primitives;
use crate::series::Series;
use crate::table::{Table, target};

/// The most that F may cost above its HMAC and its signature, in microseconds.
const F_ABOVE: f64 = 60.0;
/// The most that K may cost in signatures.
const K_RATIO: f64 = 1.3;

type F = secure_anonymous_token::App;
type K = access_token::App;

/// A booted function with a request, on a thread of its own as in Lambda.
struct Warm<'a, E> {
    runtime: &'a Runtime,
    endpoint: E,
    request: Request,
}

/// Handlers with warm caches: alone, and then with all that surrounds them when a function answers.
pub(crate) fn measure(ground: &Ground, table: &mut Table) -> Outcome<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let f = Warm::boot(&runtime, ground, Window::F)?;
    let k = Warm::boot(&runtime, ground, Window::K)?;
    let raw = Primitives::new(&f.token("")?, &k.token("/token")?)?;
    table.part(["CPU time per token, warm", "median µs", "ratio to raw", "above raw µs", "target"]);
    alone(&f, &k, &raw, table)?;
    log_as_in_lambda()?;
    answering(&f, &k, &raw, table)
}

fn alone(f: &Warm<'_, F>, k: &Warm<'_, K>, raw: &Primitives, table: &mut Table) -> Outcome<()> {
    let subjects = [raw.hmac(), raw.ed25519(), raw.p256(), raw.rsa(), f.handling(), k.handling()];
    let [hmac, ed25519, p256, rsa, f, k] = interleave(subjects)?;
    for (name, series) in [
        ("raw HMAC-SHA256 verify", &hmac),
        ("raw Ed25519 sign", &ed25519),
        ("raw ECDSA P-256 sign", &p256),
        ("raw RSA-2048 PKCS#1 sign", &rsa),
    ] {
        table.row([name, &format!("{:.2}", series.median()), "1.00", "", ""]);
    }
    let raw_f = hmac.plus(&ed25519);
    let is_met = f.minus(&raw_f).median() <= F_ABOVE;
    row(table, "F handler / raw HMAC + Ed25519", &f, &raw_f, &target("≤ 60 µs above", is_met));
    let is_met = k.over(&rsa).median() <= K_RATIO;
    row(table, "K handler / raw RSA", &k, &rsa, &target("≤ 1.3 × raw", is_met));
    Ok(())
}

fn answering(f: &Warm<'_, F>, k: &Warm<'_, K>, raw: &Primitives, table: &mut Table) -> Outcome<()> {
    let subjects = [raw.hmac(), raw.ed25519(), raw.rsa(), f.answering(), k.answering()];
    let [hmac, ed25519, rsa, f, k] = interleave(subjects)?;
    row(table, "F answer with log lines / the same", &f, &hmac.plus(&ed25519), "");
    row(table, "K answer with log lines / the same", &k, &rsa, "");
    Ok(())
}

fn row(table: &mut Table, name: &str, mine: &Series, raw: &Series, target: &str) {
    let (ratio, above) = (mine.over(raw).median(), mine.minus(raw).median());
    table.row([
        name,
        &format!("{:.1}", mine.median()),
        &format!("{ratio:.2}"),
        &format!("{above:.1}"),
        target,
    ]);
}

impl<'a, E: Endpoint> Warm<'a, E> {
    fn boot(runtime: &'a Runtime, ground: &Ground, window: Window) -> Outcome<Self> {
        let clock = Clock::system();
        let request = window.request(ground.demo(), clock.now())?;
        let start = ground.start(ground.dynamodb(), clock);
        Ok(Self { runtime, endpoint: runtime.block_on(E::boot(&start))?, request })
    }

    /// A token of it, which stands at that JSON pointer of its answer.
    fn token(&self, pointer: &str) -> Outcome<String> {
        let reply = self.runtime.block_on(self.endpoint.handle(&self.request));
        let reply = reply.map_err(|problem| format!("{}: {}", E::NAME, problem.detail()))?;
        let answer: Value = serde_json::from_slice(reply.body().as_ref())?;
        Ok(answer.pointer(pointer).and_then(Value::as_str).ok_or("an answer without a token")?.to_owned())
    }

    /// `Endpoint::handle` alone.
    fn handling(&self) -> Subject<'_> {
        Subject::new(|times| {
            self.runtime.block_on(async {
                let started = cpu::now();
                for _ in 0..times {
                    let reply = self.endpoint.handle(&self.request).await;
                    std::hint::black_box(reply.map_err(|problem| problem.detail().to_owned())?);
                }
                Ok(cpu::now().saturating_sub(started))
            })
        })
    }

    /// `api::answer`: with limits, common headers and log lines around the handler.
    fn answering(&self) -> Subject<'_> {
        Subject::new(|times| {
            let requests: Vec<_> = (0..times).map(|_| self.request.clone()).collect();
            self.runtime.block_on(async {
                let started = cpu::now();
                for request in requests {
                    let response = api::answer(&self.endpoint, request).await;
                    if std::hint::black_box(response).status() != 200 {
                        return Err(format!("{} refused", E::NAME).into());
                    }
                }
                Ok(cpu::now().saturating_sub(started))
            })
        })
    }
}

/// The functions' log lines, from here on, to where nobody reads them.
fn log_as_in_lambda() -> Outcome<()> {
    let nowhere = File::options().write(true).open("/dev/null")?;
    tracing_subscriber::fmt()
        .with_ansi(false)
        .with_writer(Mutex::new(nowhere))
        .with_env_filter("warn,api=info,access_token=info,secure_anonymous_token=info")
        .with_target(false)
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .try_init()
}
