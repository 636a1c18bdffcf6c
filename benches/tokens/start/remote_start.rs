//! The start of a function whose DynamoDB and KMS are behind a network, as in AWS.

use std::collections::HashMap;
use std::path::Path;
use std::time::{Duration, Instant};

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use tokenbooth::TABLE;

use crate::Outcome;
use crate::binaries::Binaries;
use crate::calls::Call;
use crate::series::Series;
use crate::start::cold_start;
use crate::start::runtime_api::{RuntimeApi, Step};
use crate::table::{Table, target};
use crate::test_booth::TestBooth;
use crate::traffic::network::{Network, Seen, Service, Wait, sequential};

/// How many times each function is started.
const SPAWNS: usize = 20;
/// One round trip to each service.
const TO_DYNAMODB: Duration = Duration::from_millis(5);
const TO_KMS: Duration = Duration::from_millis(10);
/// The target: how often a start waits for the network, one wait after the other.
const WAITS: usize = 2;
/// How long to wait until a function is ready.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The services behind a network.
struct Services<'a> {
    booth: &'a TestBooth,
    dynamodb: Network,
    kms: Network,
}

/// The starts of one function. Each count is the largest of all starts.
#[derive(Default)]
struct Starts {
    ready: Series,
    waits: usize,
    dynamodb: Count,
    kms: Count,
}

/// What one service has seen of a start.
#[derive(Default)]
struct Count {
    requests: usize,
    connections: usize,
}

/// Starts one function of each window in turn.
pub(crate) async fn measure(booth: &TestBooth, binaries: &Binaries, table: &mut Table) -> Outcome<()> {
    let services = Services::open(booth).await?;
    let mut measured: Vec<_> = binaries.all().map(|(call, path)| (call, path, Starts::default())).collect();
    for _ in 0..SPAWNS {
        for (call, path, starts) in &mut measured {
            services.start(*call, path, starts).await?;
        }
    }
    table.part([
        "Start behind a network, round trips of 5 ms to DynamoDB and 10 ms to KMS",
        "waits one after the other",
        "requests to DynamoDB",
        "connections",
        "requests to KMS",
        "connections",
        "ready, median ms",
        "target",
    ]);
    for (call, _, starts) in measured {
        starts.row(call, table);
    }
    Ok(())
}

impl<'a> Services<'a> {
    async fn open(booth: &'a TestBooth) -> Outcome<Self> {
        let client = reqwest::Client::builder().no_proxy().build()?;
        let dynamodb = Network::serve(Service::DynamoDb(booth.dynamodb(), client), TO_DYNAMODB).await?;
        let kms = Network::serve(Service::Kms(booth.data_key()?), TO_KMS).await?;
        wrap_data_key(booth).await?;
        Ok(Self { booth, dynamodb, kms })
    }

    /// Starts the function and adds what it did until it was ready.
    async fn start(&self, call: Call, path: &Path, starts: &mut Starts) -> Outcome<()> {
        self.dynamodb.take();
        self.kms.take();
        let mut api = RuntimeApi::serve("{}".to_owned()).await?;
        let spawned = Instant::now();
        let mut child = cold_start::spawn((call.function(), path), &api, self.environment()?)?;
        let step = tokio::time::timeout(TIMEOUT, api.steps.recv()).await;
        let (dynamodb, kms) = (self.dynamodb.take(), self.kms.take());
        child.kill()?;
        child.wait()?;
        let Ok(Some(Step::Ready(ready))) = step else {
            return Err(format!("{} does not start: {step:?}", call.function()).into());
        };
        starts.add(ready.duration_since(spawned), dynamodb, kms);
        Ok(())
    }

    fn environment(&self) -> Outcome<Vec<(String, String)>> {
        let mut environment = self.booth.environment()?;
        environment.retain(|(name, _)| !name.contains("DATA_KEY_FILE") && !name.contains("ENDPOINT"));
        for (name, network) in [("DYNAMODB", &self.dynamodb), ("KMS", &self.kms)] {
            environment.push((format!("AWS_ENDPOINT_URL_{name}"), format!("http://{}", network.address)));
        }
        Ok(environment)
    }
}

/// Adds a wrapped data key to the deployment of the booth, whose data key is in a file.
async fn wrap_data_key(booth: &TestBooth) -> Outcome<()> {
    let client = api::emulator_client(format!("http://{}", booth.dynamodb()), booth.dynamodb_credentials());
    let key = || AttributeValue::S("deployment".to_owned());
    let update = client.update_item().table_name(TABLE).key("pk", key()).key("sk", key());
    let text = |text: &str| AttributeValue::S(text.to_owned());
    let context = [("name".to_owned(), text("tokenbooth:deployment")), ("value".to_owned(), text("bench"))];
    let wrapped = AttributeValue::M(HashMap::from([
        ("bytes".to_owned(), AttributeValue::B(Blob::new("any bytes"))),
        ("context".to_owned(), AttributeValue::M(HashMap::from(context))),
    ]));
    let update = update.update_expression("SET data_keys[0].wrapped = :wrapped");
    update.expression_attribute_values(":wrapped", wrapped).send().await?;
    Ok(())
}

impl Starts {
    fn add(&mut self, ready: Duration, dynamodb: Seen, kms: Seen) {
        self.ready.push(ready.as_secs_f64() * 1e3);
        self.dynamodb.add(&dynamodb);
        self.kms.add(&kms);
        let waits: Vec<Wait> = dynamodb.waits.into_iter().chain(kms.waits).collect();
        self.waits = self.waits.max(sequential(waits));
    }

    fn row(&self, call: Call, table: &mut Table) {
        table.row([
            &format!("{}: {}", call.name(), call.function()),
            &self.waits.to_string(),
            &self.dynamodb.requests.to_string(),
            &self.dynamodb.connections.to_string(),
            &self.kms.requests.to_string(),
            &self.kms.connections.to_string(),
            &format!("{:.1}", self.ready.median()),
            &target(&format!("≤ {WAITS} waits"), self.waits <= WAITS),
        ]);
    }
}

impl Count {
    fn add(&mut self, seen: &Seen) {
        self.requests = self.requests.max(seen.waits.len());
        self.connections = self.connections.max(seen.connections);
    }
}
