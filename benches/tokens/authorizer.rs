//! The Lambda authorizer: size, cold start, CPU time per call beside the bare verification, and DynamoDB round trips.

use std::path::Path;

use api::{Body, RateLimits, Responder as _, respond_once};
use authorizer::App;
use serde_json::{Value, json};
use tokenbooth::Functions;
use tokio::runtime::Runtime;

use crate::Outcome;
use crate::batches::{Subject, cpu_time_now, interleave};
use crate::events::Message;
use crate::primitives::{Primitive, Primitives};
use crate::series::Series;
use crate::start::cold_start::{self, SPAWNS, Starts};
use crate::table::{Table, target};
use crate::test_booth::{LIMITS, TestBooth};
use crate::traffic::Traffic;
use crate::traffic::proxy::Proxy;

/// A call of the demo tenant's API with a token for it.
struct GuardedCall {
    token: String,
    event: Value,
}

/// Adds all rows of the authorizer.
pub(crate) fn measure(booth: &TestBooth, binary: &Path, table: &mut Table) -> Outcome<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let call = runtime.block_on(GuardedCall::new(booth))?;
    table.part(["Authorizer", "figure", "unit", "target"]);
    let megabytes = std::fs::metadata(binary)?.len() as f64 / 1e6;
    row(table, "release binary", megabytes, "MB", &target("≤ 10 MB", megabytes <= 10.0));
    runtime.block_on(call.start(booth, binary, table))?;
    call.time(booth, &runtime, table)?;
    runtime.block_on(call.count(booth, table))
}

fn row(table: &mut Table, name: &str, figure: f64, unit: &str, target: &str) {
    table.row([name, &format!("{figure:.2}"), unit, target]);
}

impl GuardedCall {
    async fn new(booth: &TestBooth) -> Outcome<Self> {
        let demo = booth.demo();
        let identifier = demo.api.identifier.as_str();
        let functions = Functions::boot(&booth.start(booth.dynamodb(), RateLimits::Off)).await;
        let functions = functions.map_err(|error| error.to_string())?;
        let form = format!("grant_type=client_credentials&resource={identifier}&scope=orders:read");
        let message = Message::post("/oauth2/token", form).with_headers([
            ("content-type", "application/x-www-form-urlencoded".to_owned()),
            ("authorization", format!("Basic {}", demo.api_key.encoded_key)),
        ]);
        let issue = functions.find("oauth-token").ok_or("there is no function oauth-token")?;
        let Body::Text(text) = issue(message.request(booth.clock.now())?).await.into_body() else {
            return Err("an empty response".into());
        };
        let answer: Value = serde_json::from_str(&text)?;
        let token = answer.pointer("/access_token").and_then(Value::as_str).ok_or(text)?.to_owned();
        let message = Message::get("/orders").with_headers([("authorization", format!("Bearer {token}"))]);
        let mut event: Value = serde_json::from_str(&message.event(booth.clock.now()))?;
        let fields = event.as_object_mut().ok_or("an event is an object")?;
        fields.extend([
            ("type".to_owned(), json!("REQUEST")),
            ("stageVariables".to_owned(), json!({ "tokenbooth_audience": identifier })),
        ]);
        Ok(Self { token, event })
    }

    /// Invokes the authorizer, which must admit the call.
    async fn admit(&self, app: &App) -> Outcome<()> {
        let answer = respond_once(app, self.event.clone(), None).await.map_err(|error| error.message)?;
        let is_authorized = serde_json::to_value(answer)?.pointer("/isAuthorized") == Some(&json!(true));
        if is_authorized { Ok(()) } else { Err("the authorizer refuses the call".into()) }
    }

    async fn start(&self, booth: &TestBooth, binary: &Path, table: &mut Table) -> Outcome<()> {
        let mut starts = Starts::default();
        for _ in 0..SPAWNS {
            starts.add(cold_start::start(booth, (App::NAME, binary), self.event.to_string()).await?);
        }
        row(table, "cold start: spawn to ready, median", starts.ready.median(), "ms", "");
        row(table, "cold start: spawn to first answer, median", starts.answered.median(), "ms", "");
        row(table, "cold start: spawn to first answer, p90", starts.answered.quantile(0.9), "ms", "");
        Ok(())
    }

    fn time(&self, booth: &TestBooth, runtime: &Runtime, table: &mut Table) -> Outcome<()> {
        let app = runtime.block_on(App::boot(&booth.start(booth.dynamodb(), LIMITS)))?;
        let primitives = Primitives::new()?;
        let length = self.token.rsplit_once('.').ok_or("a token without a signature")?.0.len();
        let warm = Subject::new(|times| {
            let started = cpu_time_now();
            for _ in 0..times {
                runtime.block_on(self.admit(&app))?;
            }
            Ok(cpu_time_now().saturating_sub(started))
        });
        let measured = interleave(vec![warm, primitives.subject(Primitive::RsaVerify, length)?])?;
        let [warm, bare] = &*measured else { return Err("no rows".into()) };
        let median = |series: &Series| series.median();
        row(table, "CPU per call: bare RS256 verification, median", median(bare), "µs", "");
        row(table, "CPU per call: warm, median", median(warm), "µs", "");
        row(table, "CPU per call: above the bare verification, median", median(&warm.minus(bare)), "µs", "");
        Ok(())
    }

    async fn count(&self, booth: &TestBooth, table: &mut Table) -> Outcome<()> {
        let proxy = Proxy::serve(booth.dynamodb()).await?;
        let app = App::boot(&booth.start(proxy.address, LIMITS)).await?;
        let count = |table: &mut Table, name: &str, most: usize| -> Outcome<()> {
            let Traffic { trips, units, .. } = Traffic::of(name, &proxy.take())?;
            let verdict = target(&format!("≤ {most}"), trips <= most);
            row(table, &format!("{name}: round trips"), trips as f64, "calls of DynamoDB", &verdict);
            row(table, &format!("{name}: read units"), units.reads, "units", "");
            Ok(())
        };
        count(table, "starting", 1)?;
        for (name, most) in [("first call", 2), ("warm call", 0)] {
            self.admit(&app).await?;
            count(table, name, most)?;
        }
        Ok(())
    }
}
