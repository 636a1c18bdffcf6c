//! A stand-in for KMS that records its requests and counts its connections, and a deployment that uses it.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use api::{Clock, Edge, PlainSignatures, RateLimits, Start};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, AttributeValue, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType,
};
use aws_sdk_kms::config::{BehaviorVersion, Config, Credentials, Region};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::serve::Listener;
use data_encoding::BASE64;
use model::{AuditAddressDays, SignedDuration};
use serde_json::{Value, json};
use store::{DataKeySource, Table, Wrapping};
use tokenbooth::{Deployment, Embedded, TABLE};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use super::embedded::{client, empty_dynamodb};
use super::proxy::Proxy;
use crate::support::world::ANY_PORT;

/// The id of its one key.
pub(super) const KEY_ID: &str = "test-key";

/// The stand-in. It serves until the test's runtime ends.
#[derive(Debug)]
pub(super) struct Kms {
    url: String,
    state: Arc<KmsState>,
}

#[derive(Debug)]
struct KmsState {
    behavior: Mutex<Behavior>,
    /// The operations since the last look.
    operations: Mutex<Vec<String>>,
    /// The number of connections since the last look.
    connections: watch::Sender<usize>,
    /// The data keys it has generated, with their encryption contexts. A wrapped key is its index.
    generated: Mutex<Vec<([u8; 32], Value)>>,
}

/// What the stand-in answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Behavior {
    /// What KMS answers.
    Answer,
    /// Another data key.
    OtherDataKey,
    /// A refusal.
    Deny,
    /// It closes the next connection at once, then answers.
    CloseNextConnection,
}

/// Counts the connections, and closes the one that it is told to close.
struct CountingListener {
    listener: TcpListener,
    state: Arc<KmsState>,
}

impl Kms {
    pub(super) async fn start() -> Self {
        let listener = TcpListener::bind(ANY_PORT).await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let state = Arc::new(KmsState {
            behavior: Mutex::new(Behavior::Answer),
            operations: Mutex::default(),
            connections: watch::Sender::new(0),
            generated: Mutex::default(),
        });
        let app = Router::new().fallback(handle).with_state(state.clone());
        let listener = CountingListener { listener, state: state.clone() };
        tokio::spawn(async { axum::serve(listener, app).await });
        Self { url, state }
    }

    /// A client without connections.
    pub(super) fn client(&self) -> store::Kms {
        let config = Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::from_static("us-east-1"))
            .credentials_provider(Credentials::new("local", "local", None, None, "test"))
            .endpoint_url(&self.url);
        store::Kms::new(config).expect("a client")
    }

    /// A data key wrapped for an encryption context, as KMS makes it: plain and wrapped.
    pub(super) fn generate(&self, context: &[(&str, &str)]) -> ([u8; 32], Vec<u8>) {
        let context: Value = context.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
        let mut generated = self.state.generated.lock().expect("generated keys");
        let bytes = crypto::random().expect("randomness");
        generated.push((bytes, context));
        (bytes, (generated.len() - 1).to_string().into_bytes())
    }

    /// The data keys of the deployment `name`.
    pub(super) fn source(&self, name: &str) -> DataKeySource {
        let wrapping = Wrapping { key_id: KEY_ID.to_owned(), deployment: Some(name.to_owned()) };
        DataKeySource::Kms { client: self.client(), wrapping: Some(wrapping), original_table: None }
    }

    /// Behaves in this way from now on.
    pub(super) fn behave(&self, behavior: Behavior) {
        *self.state.behavior.lock().expect("a behavior") = behavior;
    }

    /// Waits for a connection since the last look.
    pub(super) async fn wait_for_connection(&self) {
        self.state.connections.subscribe().wait_for(|count| *count > 0).await.expect("a connection");
    }

    /// Returns the operations and the number of connections since the last call.
    pub(super) fn take(&self) -> (Vec<String>, usize) {
        let operations = std::mem::take(&mut *self.state.operations.lock().expect("operations"));
        (operations, self.state.connections.send_replace(0))
    }
}

/// A deployment whose data key is wrapped by KMS, and whose DynamoDB is behind a proxy.
pub(super) struct KmsDeployment {
    pub(super) kms: Kms,
    pub(super) proxy: Proxy,
    embedded: Embedded,
    name: &'static str,
}

impl KmsDeployment {
    pub(super) async fn new() -> Self {
        let deployment = Self::without_items().await;
        let start = deployment.start();
        start.table.create_if_absent().await.expect("a table");
        Deployment::prepare(&start, "https://booth.example", false).await.expect("prepared");
        deployment.proxy.take_calls();
        deployment.kms.take();
        deployment
    }

    /// A deployment without a table.
    pub(super) async fn without_items() -> Self {
        Self::of(Kms::start().await, empty_dynamodb().await, "a deployment").await
    }

    /// A deployment called `name` with these services.
    pub(super) async fn of(kms: Kms, embedded: Embedded, name: &'static str) -> Self {
        let proxy = Proxy::start(&embedded).await;
        Self { kms, proxy, embedded, name }
    }

    /// The start of a function, which has no connection yet.
    pub(super) fn start(&self) -> Start {
        Start {
            table: Table::new(client(&self.proxy.url), TABLE),
            data_key: self.kms.source(self.name),
            cache: SignedDuration::from_secs(300),
            rate_limits: RateLimits::Off,
            admin_plain_signatures: PlainSignatures::Refused,
            audit_address_days: AuditAddressDays::default(),
            clock: Clock::system(),
            edge: Edge::default(),
        }
    }

    /// The environment of the operator's commands, which give [`KEY_ID`] themselves.
    pub(super) fn environment(&self) -> Vec<(&'static str, String)> {
        vec![
            ("TOKENBOOTH_TABLE", TABLE.to_owned()),
            ("AWS_ENDPOINT_URL_DYNAMODB", self.proxy.url.clone()),
            ("AWS_ENDPOINT_URL_KMS", self.kms.url.clone()),
            ("AWS_REGION", "us-east-1".to_owned()),
            ("AWS_ACCESS_KEY_ID", "test".to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "test".to_owned()),
        ]
    }

    /// The reason why a function that issues tokens does not start.
    pub(super) async fn start_failure(&self) -> String {
        let error = self.start().issuing_directory().await.expect_err("a failure");
        api::causes(&error)
    }

    /// A client that does not use the proxy.
    pub(super) fn dynamodb(&self) -> Client {
        self.embedded.client()
    }

    /// The item whose `pk` and `sk` are both `key`.
    pub(super) async fn item(&self, key: &str) -> Option<HashMap<String, AttributeValue>> {
        let get = self.dynamodb().get_item().table_name(TABLE).consistent_read(true);
        get.key("pk", text(key)).key("sk", text(key)).send().await.expect("an answer").item
    }

    /// Sets an attribute of such an item.
    pub(super) async fn set(&self, key: &str, attribute: &str, value: AttributeValue) {
        let update =
            self.dynamodb().update_item().table_name(TABLE).key("pk", text(key)).key("sk", text(key));
        let update =
            update.update_expression("SET #name = :value").expression_attribute_names("#name", attribute);
        update.expression_attribute_values(":value", value).send().await.expect("changed");
    }

    /// Deletes such an item.
    pub(super) async fn delete(&self, key: &str) {
        let delete = self.dynamodb().delete_item().table_name(TABLE);
        delete.key("pk", text(key)).key("sk", text(key)).send().await.expect("deleted");
    }

    /// The items of the table with a value that does not open.
    pub(super) async fn unreadable(&self) -> Vec<String> {
        self.unreadable_with(&self.start().keys().await.expect("keys").data_keys()).await
    }

    /// The items of the table with a value that does not open with `data_keys`.
    pub(super) async fn unreadable_with(&self, data_keys: &crypto::DataKeys) -> Vec<String> {
        let table = Table::new(self.dynamodb(), TABLE);
        table.inspect(data_keys).await.expect("inspected").unreadable
    }

    /// Copies every item to another table, as a restore of DynamoDB does. Returns a client.
    pub(super) async fn copy_table(&self, name: &str) -> Client {
        copy_table(&self.dynamodb(), name).await;
        self.dynamodb()
    }
}

/// Copies every item of the booth's table to a new table without TTL, as a restore of DynamoDB does.
pub(super) async fn copy_table(dynamodb: &Client, name: &str) {
    let mut create = dynamodb.create_table().table_name(name).billing_mode(BillingMode::PayPerRequest);
    for (attribute, key_type) in [("pk", KeyType::Hash), ("sk", KeyType::Range)] {
        let definition = AttributeDefinition::builder().attribute_name(attribute);
        let definition = definition.attribute_type(ScalarAttributeType::S).build().expect("a definition");
        let element = KeySchemaElement::builder().attribute_name(attribute).key_type(key_type);
        create = create.attribute_definitions(definition).key_schema(element.build().expect("an element"));
    }
    create.send().await.expect("a table");
    for item in every_item(dynamodb).await {
        dynamodb.put_item().table_name(name).set_item(Some(item)).send().await.expect("copied");
    }
}

/// Every item of the booth's table.
pub(super) async fn every_item(dynamodb: &Client) -> Vec<HashMap<String, AttributeValue>> {
    let pages = dynamodb.scan().table_name(TABLE).consistent_read(true).into_paginator().items().send();
    pages.collect::<Result<Vec<_>, _>>().await.expect("a scan")
}

/// A text as an attribute.
pub(super) fn text(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

impl Listener for CountingListener {
    type Io = TcpStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (TcpStream, SocketAddr) {
        loop {
            let accepted = Listener::accept(&mut self.listener).await;
            self.state.connections.send_modify(|count| *count += 1);
            let mut behavior = self.state.behavior.lock().expect("a behavior");
            if *behavior != Behavior::CloseNextConnection {
                return accepted;
            }
            *behavior = Behavior::Answer;
        }
    }

    fn local_addr(&self) -> std::io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

async fn handle(State(state): State<Arc<KmsState>>, headers: HeaderMap, body: Bytes) -> (StatusCode, String) {
    let target = headers["x-amz-target"].to_str().expect("a text");
    let operation = target.strip_prefix("TrentService.").expect("KMS's prefix");
    state.operations.lock().expect("operations").push(operation.to_owned());
    let behavior = *state.behavior.lock().expect("a behavior");
    if behavior == Behavior::Deny {
        return refused("AccessDeniedException");
    }
    let request: Value = serde_json::from_slice(&body).expect("JSON");
    let mut generated = state.generated.lock().expect("generated keys");
    let index = match operation {
        "GenerateDataKey" => {
            let bytes = crypto::random().expect("randomness");
            generated.push((bytes, request["EncryptionContext"].clone()));
            generated.len() - 1
        }
        _ => {
            // A client that opens its connection before the first call may send a request without one.
            let Some(wrapped) = request["CiphertextBlob"].as_str() else {
                return refused("ValidationException");
            };
            let text = BASE64.decode(wrapped.as_bytes()).expect("Base64");
            std::str::from_utf8(&text).expect("a text").parse().expect("an index")
        }
    };
    let Some((bytes, _)) =
        generated.get(index).filter(|(_, context)| *context == request["EncryptionContext"])
    else {
        return refused("InvalidCiphertextException");
    };
    let bytes = if behavior == Behavior::OtherDataKey { [8; 32] } else { *bytes };
    let (plain, wrapped) = (BASE64.encode(&bytes), BASE64.encode(index.to_string().as_bytes()));
    (StatusCode::OK, json!({ "KeyId": KEY_ID, "Plaintext": plain, "CiphertextBlob": wrapped }).to_string())
}

fn refused(code: &str) -> (StatusCode, String) {
    (StatusCode::BAD_REQUEST, json!({ "__type": code }).to_string())
}
