//! The booth under test, and methods that create resources through its Admin API.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use api::{Clock, Edge, OnFailure, PlainSignatures, RateLimits};
use model::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};
use tokenbooth::{Booth, Demo, Deployment, HEADER_TIMEOUT, Options};
use tokio::sync::oneshot;

use crate::support::call::{Answer, Call};
use crate::support::partner::site_token_path;
use crate::support::tenant::{Key, Tenant};

/// A booth with two tenants.
#[derive(Debug, Clone)]
pub(crate) struct World {
    pub(crate) url: String,
    pub(crate) demo: Tenant,
    pub(crate) rival: Tenant,
    client: reqwest::Client,
    /// A booth of one test stops when the last clone of this sender is dropped.
    _running: Option<Arc<oneshot::Sender<()>>>,
}

/// How long a change may take to be visible everywhere: the published bound of 10 s, and 5 s for the network.
const PROPAGATION_BOUND: Duration = Duration::from_secs(15);

/// A free port on the loopback address.
pub(crate) const ANY_PORT: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

/// The options of a booth that one test starts: no cache, rate limits on.
pub(crate) fn options() -> Options {
    Options {
        listen: ANY_PORT,
        issuer: None,
        dynamodb: ANY_PORT,
        data: None,
        cache: SignedDuration::ZERO,
        rate_limits: RateLimits::On(OnFailure::Open),
        admin_plain_signatures: PlainSignatures::Refused,
        clock: Clock::system(),
        job_interval: None,
        header_timeout: HEADER_TIMEOUT,
        edge: Edge::default(),
    }
}

impl World {
    /// The booth that `TOKENBOOTH_URL` names, or one booth in this process for all tests.
    pub(crate) fn shared() -> Self {
        static SHARED: OnceLock<(Tenant, Tenant, Option<oneshot::Sender<()>>)> = OnceLock::new();
        let (demo, rival, _) = SHARED.get_or_init(|| {
            let variable = |name| std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set"));
            match std::env::var("TOKENBOOTH_URL") {
                Ok(_) => {
                    let read = |name| Tenant::read(&variable(name));
                    (read("TOKENBOOTH_DEMO"), read("TOKENBOOTH_RIVAL"), None)
                }
                Err(_) => {
                    let (demo, rival, running) = start_in_background(options());
                    (demo, rival, Some(running))
                }
            }
        });
        let url = std::env::var("TOKENBOOTH_URL").unwrap_or_else(|_| demo.url.clone());
        Self::new(&url, demo.clone(), rival.clone())
    }

    /// A booth for one test.
    pub(crate) fn own(options: Options) -> Self {
        let (demo, rival, running) = start_in_background(options);
        Self { _running: Some(Arc::new(running)), ..Self::new(&demo.url.clone(), demo, rival) }
    }

    pub(crate) fn new(url: &str, demo: Tenant, rival: Tenant) -> Self {
        // Each test has its own runtime, and a pooled connection ends with the runtime that opened it.
        let client = reqwest::Client::builder().pool_max_idle_per_host(0).build().expect("a client");
        Self { url: url.trim_end_matches('/').to_owned(), demo, rival, client, _running: None }
    }

    pub(crate) fn call(&self, method: Method, path: &str) -> Call {
        Call::new(&self.client, method, &self.url, path)
    }

    pub(crate) fn get(&self, path: &str) -> Call {
        self.call(Method::GET, path)
    }

    pub(crate) fn post(&self, path: &str) -> Call {
        self.call(Method::POST, path)
    }

    /// Sends a GET as the demo customer's administrator.
    pub(crate) async fn read(&self, path: &str) -> Answer {
        self.get(path).with_token_of(&self.demo.admin_key).send().await
    }

    /// Reads the audit log of an entity as the demo customer's administrator.
    pub(crate) async fn read_audit_log(&self, entity: &str) -> Answer {
        self.read(&format!("/admin/v1/audit-log?entity_id={entity}")).await.expect(200)
    }

    /// Reads the notices of an entity as the demo customer's administrator.
    pub(crate) async fn read_notices(&self, entity: &str) -> Vec<Value> {
        let notices = self.read(&format!("/admin/v1/notices?entity_id={entity}&limit=100")).await.expect(200);
        notices.json["items"].as_array().expect("items").clone()
    }

    /// Sends a POST as the demo customer's administrator.
    pub(crate) async fn create(&self, path: &str, body: &Value) -> Answer {
        self.post(path).with_token_of(&self.demo.admin_key).json(body).send().await
    }

    /// Sends a PATCH as the demo customer's administrator.
    pub(crate) async fn change(&self, path: &str, body: &Value) -> Answer {
        self.call(Method::PATCH, path).with_token_of(&self.demo.admin_key).json(body).send().await
    }

    /// Sends a DELETE as the demo customer's administrator.
    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.call(Method::DELETE, path).with_token_of(&self.demo.admin_key).send().await
    }

    /// Creates an entity under `parent` and returns its id.
    pub(crate) async fn create_entity(&self, parent: &str) -> String {
        let body = json!({ "parent_id": parent, "name": unique("entity") });
        self.create("/admin/v1/entities", &body).await.expect(201).text_at("id")
    }

    /// Creates an account in the demo organization and returns its id.
    pub(crate) async fn create_account(&self) -> String {
        self.create_entity(&self.demo.organization_id).await
    }

    /// Creates an integration of `entity` with `role` on that entity and returns its id.
    pub(crate) async fn create_integration(&self, entity: &str, role: &str) -> String {
        let body =
            json!({ "name": unique("integration"), "grants": [{ "role": role, "entity_id": entity }] });
        let path = format!("/admin/v1/entities/{entity}/integrations");
        self.create(&path, &body).await.expect(201).text_at("id")
    }

    /// Creates a key of an integration.
    pub(crate) async fn create_key(&self, entity: &str, integration: &str) -> Key {
        let path = format!("/admin/v1/entities/{entity}/integrations/{integration}/keys");
        self.create(&path, &json!({ "name": unique("key") })).await.expect(201).key_file()
    }

    /// Creates an integration of `entity` with `role` on that entity, and a key of it.
    pub(crate) async fn create_key_with_role(&self, entity: &str, role: &str) -> Key {
        let integration = self.create_integration(entity, role).await;
        self.create_key(entity, &integration).await
    }

    /// Creates an `account_admin` key with a limit of `requests` in 60 s, and returns its path and the key.
    pub(crate) async fn create_limited_key(&self, account: &str, requests: u64) -> (String, Key) {
        let integration = self.create_integration(account, "account_admin").await;
        let path = format!("/admin/v1/entities/{account}/integrations/{integration}/keys");
        let body = json!({ "name": "limited", "rate_limit": { "requests": requests, "seconds": 60 } });
        let key = self.create(&path, &body).await.expect(201).key_file();
        (format!("{path}/{}", key.id), key)
    }

    /// Creates a provider of `entity`, and returns its id and the path of its tokens.
    pub(crate) async fn create_provider(&self, entity: &str) -> (String, String) {
        self.create_provider_with(entity, json!({})).await
    }

    /// Creates a provider of `entity` with these fields, and returns its id and the path of its tokens.
    pub(crate) async fn create_provider_with(&self, entity: &str, mut body: Value) -> (String, String) {
        let defaults = [
            ("description", json!(unique("provider"))),
            ("token_duration", json!(600)),
            ("grants", json!([{ "role": "launchpad_user", "entity_id": entity }])),
        ];
        for (name, value) in defaults {
            if body[name].is_null() {
                body[name] = value;
            }
        }
        let path = format!("/admin/v1/entities/{entity}/providers");
        let id = self.create(&path, &body).await.expect(201).text_at("id");
        let tokens = tokens_path(entity, &id);
        (id, tokens)
    }

    /// The path of the demo provider's tokens.
    pub(crate) fn demo_tokens(&self) -> String {
        tokens_path(&self.demo.account_id, &self.demo.secure_anonymous.provider_id)
    }

    /// Requests a token at `path` with the signature of `key` (F10).
    pub(crate) async fn request_token(&self, path: &str, key: &Key) -> Answer {
        self.post(path).signed(key).send().await
    }

    /// Redeems a key for an access token (K2).
    pub(crate) async fn redeem(&self, key: &Key) -> Answer {
        self.post("/v1/token").json(&json!({ "apiKey": key.encoded })).send().await
    }

    /// Requests a token of the demo partner's site for this device (V1).
    pub(crate) async fn request_device_token(&self, device: &str) -> Answer {
        let partner = &self.demo.partner;
        self.post(&site_token_path(&partner.site, device)).header("x-api-key", &partner.api_key).send().await
    }

    /// Repeats a request until its response has this status, for the published bound at most.
    pub(crate) async fn wait_for_status(&self, status: u16, send: impl AsyncFn() -> Answer) -> Answer {
        self.retry_until(|answer| answer.status == status, send).await.expect(status)
    }

    /// Repeats a request until its response is as expected, and returns the last response when the published bound has
    /// passed.
    pub(crate) async fn retry_until(
        &self,
        expected: impl Fn(&Answer) -> bool,
        send: impl AsyncFn() -> Answer,
    ) -> Answer {
        let deadline = Instant::now() + PROPAGATION_BOUND;
        loop {
            let answer = send().await;
            if expected(&answer) || Instant::now() > deadline {
                return answer;
            }
            tokio::time::sleep(Duration::from_millis(250)).await;
        }
    }
}

/// The path of a provider's tokens (F9).
pub(crate) fn tokens_path(entity: &str, provider: &str) -> String {
    let kind = entity.split('-').next().expect("a kind");
    format!("/v1/{kind}s/{entity}/secure-anonymous/{provider}/tokens")
}

/// A name that no other resource has.
pub(crate) fn unique(what: &str) -> String {
    format!("{what} {}", uuid::Uuid::new_v4())
}

/// Starts a booth with two tenants on its own thread. It stops when the sender is dropped.
fn start_in_background(options: Options) -> (Tenant, Tenant, oneshot::Sender<()>) {
    let (running, stopped) = oneshot::channel::<()>();
    let (send_tenants, tenants) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
        runtime.expect("a runtime").block_on(async move {
            let booth = Booth::open(options).await.expect("a booth");
            let deployment = Deployment::prepare(&booth.start, &booth.url, false).await.expect("prepared").0;
            let rival = Demo::create(&deployment, &booth.url).await.expect("a rival");
            send_tenants.send((Tenant::of(&booth.demo), Tenant::of(&rival))).expect("received");
            let until_stopped = async {
                let _: Result<(), oneshot::error::RecvError> = stopped.await;
            };
            booth.run(until_stopped).await;
        });
    });
    let (demo, rival) = tenants.recv().expect("a booth");
    (demo, rival, running)
}
