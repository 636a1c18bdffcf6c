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

/// A booted function with a request, on a thread of its own as in Lambda.
struct Warm<'a, E> {
    runtime: &'a Runtime,
    endpoint: E,
    request: Request,
}

/// Handlers with warm caches: alone, and then with all that surrounds them when a function answers.
pub(crate) fn measure(ground: &Ground, table: &mut Table) -> Outcome<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let f = Warm::<secure_anonymous_token::App>::boot(&runtime, ground, Window::F)?;
    let k = Warm::<access_token::App>::boot(&runtime, ground, Window::K)?;
    let raw = Primitives::new()?;
    let (for_f, for_k) = (signed_part(&f.token("/")?), signed_part(&k.token("/token")?));
    let proof = b"180000000001234567890123456789012345";
    let tag = raw.hmac(proof);
    let primitives = || {
        let hmac = Subject::of(|| Ok(raw.hmac_verify(proof, &tag)?));
        let ed25519 = Subject::of(|| Ok(raw.ed25519_sign(&for_f)));
        (hmac, ed25519, Subject::of(|| Ok(raw.rsa_sign(&for_k)?)))
    };

    let (hmac, ed25519, rsa) = primitives();
    let p256 = Subject::of(|| Ok(raw.p256_sign(&for_f)?));
    let [hmac, ed25519, p256, rsa, f_alone, k_alone] =
        interleave([hmac, ed25519, p256, rsa, f.handling(), k.handling()])?;
    table.part(["CPU time per token, warm", "median µs", "ratio to raw", "above raw µs", "target"]);
    for (name, series) in [
        ("raw HMAC-SHA256 verify", &hmac),
        ("raw Ed25519 sign", &ed25519),
        ("raw ECDSA P-256 sign", &p256),
        ("raw RSA-2048 PKCS#1 sign", &rsa),
    ] {
        table.row([name, &format!("{:.2}", series.median()), "1.00", "", ""]);
    }
    let raw_f = hmac.plus(&ed25519);
    let above = f_alone.minus(&raw_f).median();
    row(
        table,
        "F handler / raw HMAC + Ed25519",
        &f_alone,
        &raw_f,
        &target("≤ 60 µs above", above <= F_ABOVE),
    );
    let ratio = k_alone.over(&rsa).median();
    row(table, "K handler / raw RSA", &k_alone, &rsa, &target("≤ 1.3 × raw", ratio <= K_RATIO));

    log_as_in_lambda()?;
    let (hmac, ed25519, rsa) = primitives();
    let [hmac, ed25519, rsa, f_whole, k_whole] =
        interleave([hmac, ed25519, rsa, f.answering(), k.answering()])?;
    row(table, "F answer with log lines / the same", &f_whole, &hmac.plus(&ed25519), "");
    row(table, "K answer with log lines / the same", &k_whole, &rsa, "");
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

    /// A token of it, which stands at `pointer` in the answer.
    fn token(&self, pointer: &str) -> Outcome<String> {
        let reply = self.runtime.block_on(self.endpoint.handle(&self.request));
        let reply = reply.map_err(|problem| format!("{}: {}", E::NAME, problem.detail()))?;
        let answer: Value = serde_json::from_slice(reply.body().as_ref())?;
        let token = if pointer == "/" { Some(&answer) } else { answer.pointer(pointer) };
        Ok(token.and_then(Value::as_str).ok_or("an answer without a token")?.to_owned())
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

/// What the signature of `token` signs.
fn signed_part(token: &str) -> Vec<u8> {
    token.rsplit_once('.').map(|(signed, _)| signed.as_bytes().to_vec()).unwrap_or_default()
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
