//! A booth to ask, and short ways to set things up in it through its Admin API.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use api::{Clock, OnFailure, RateLimits};
use model::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};
use tokenbooth::{Booth, Demo, Deployment, Options};
use tokio::sync::oneshot;

use crate::support::call::{Answer, Call};
use crate::support::partner::devices_path;
use crate::support::tenant::{Key, Tenant};

/// A booth and two tenants of it.
#[derive(Debug, Clone)]
pub(crate) struct World {
    pub(crate) url: String,
    pub(crate) demo: Tenant,
    pub(crate) rival: Tenant,
    client: reqwest::Client,
    /// A booth of this test's own closes, and its folder goes, when the last of these is dropped.
    _open: Option<Arc<oneshot::Sender<()>>>,
}

/// The longest a change may take to be seen everywhere: the published bound of 10 s, and some for the network.
const BOUND: Duration = Duration::from_secs(15);

/// Any address of this machine.
pub(crate) const ANY_PORT: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

/// How the tests' own booths are set up.
pub(crate) fn options() -> Options {
    Options {
        listen: ANY_PORT,
        issuer: None,
        dynamodb: ANY_PORT,
        data: None,
        cache: SignedDuration::ZERO,
        rate_limits: RateLimits::On(OnFailure::Open),
        clock: Clock::system(),
    }
}

impl World {
    /// The booth the environment names, or one in this process that all tests share.
    pub(crate) fn shared() -> Self {
        static SHARED: OnceLock<(Tenant, Tenant, Option<oneshot::Sender<()>>)> = OnceLock::new();
        let (demo, rival, _) = SHARED.get_or_init(|| {
            let named = |name| std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set"));
            match std::env::var("TOKENBOOTH_URL") {
                Ok(_) => {
                    let read = |name| Tenant::read(&named(name));
                    (read("TOKENBOOTH_DEMO"), read("TOKENBOOTH_RIVAL"), None)
                }
                Err(_) => {
                    let (demo, rival, open) = open_in_background(options());
                    (demo, rival, Some(open))
                }
            }
        });
        let url = std::env::var("TOKENBOOTH_URL").unwrap_or_else(|_| demo.url.clone());
        Self::new(&url, demo.clone(), rival.clone())
    }

    /// A booth of one test's own.
    pub(crate) fn own(options: Options) -> Self {
        let (demo, rival, open) = open_in_background(options);
        Self { _open: Some(Arc::new(open)), ..Self::new(&demo.url.clone(), demo, rival) }
    }

    pub(crate) fn new(url: &str, demo: Tenant, rival: Tenant) -> Self {
        // A connection kept from one test's runtime would die with it.
        let client = reqwest::Client::builder().pool_max_idle_per_host(0).build().expect("a client");
        Self { url: url.trim_end_matches('/').to_owned(), demo, rival, client, _open: None }
    }

    pub(crate) fn call(&self, method: Method, path: &str) -> Call {
        Call::new(&self.client, method, format!("{}{path}", self.url))
    }

    pub(crate) fn get(&self, path: &str) -> Call {
        self.call(Method::GET, path)
    }

    pub(crate) fn post(&self, path: &str) -> Call {
        self.call(Method::POST, path)
    }

    /// A GET by the demo customer's administrator.
    pub(crate) async fn read(&self, path: &str) -> Answer {
        self.get(path).signed(&self.demo.admin_key).send().await
    }

    /// A POST by the demo customer's administrator.
    pub(crate) async fn create(&self, path: &str, body: &Value) -> Answer {
        self.post(path).signed(&self.demo.admin_key).json(body).send().await
    }

    /// A PATCH by the demo customer's administrator.
    pub(crate) async fn change(&self, path: &str, body: &Value) -> Answer {
        self.call(Method::PATCH, path).signed(&self.demo.admin_key).json(body).send().await
    }

    /// A DELETE by the demo customer's administrator.
    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.call(Method::DELETE, path).signed(&self.demo.admin_key).send().await
    }

    /// A new entity under `parent`.
    pub(crate) async fn entity(&self, parent: &str) -> String {
        let body = json!({ "parent_id": parent, "name": unique("entity") });
        self.create("/admin/v1/entities", &body).await.expect(201).text_at("id")
    }

    /// A new account of the demo organization.
    pub(crate) async fn account(&self) -> String {
        self.entity(&self.demo.organization_id).await
    }

    /// A new integration of `entity` with `role` on it.
    pub(crate) async fn integration(&self, entity: &str, role: &str) -> String {
        let body =
            json!({ "name": unique("integration"), "grants": [{ "role": role, "entity_id": entity }] });
        let path = format!("/admin/v1/entities/{entity}/integrations");
        self.create(&path, &body).await.expect(201).text_at("id")
    }

    /// A new key of an integration.
    pub(crate) async fn key_of(&self, entity: &str, integration: &str) -> Key {
        let path = format!("/admin/v1/entities/{entity}/integrations/{integration}/keys");
        let answer = self.create(&path, &json!({ "name": unique("key") })).await.expect(201);
        serde_json::from_value(answer.json["key_file"].clone()).expect("a key file")
    }

    /// A new key of a new integration of `entity` with `role` on it.
    pub(crate) async fn key(&self, entity: &str, role: &str) -> Key {
        let integration = self.integration(entity, role).await;
        self.key_of(entity, &integration).await
    }

    /// A new provider of `entity`; the path of its tokens.
    pub(crate) async fn provider(&self, entity: &str) -> (String, String) {
        let grants = json!([{ "role": "launchpad_user", "entity_id": entity }]);
        let body = json!({ "description": unique("provider"), "token_duration": 600, "grants": grants });
        let path = format!("/admin/v1/entities/{entity}/providers");
        let id = self.create(&path, &body).await.expect(201).text_at("id");
        let tokens = tokens_path(entity, &id);
        (id, tokens)
    }

    /// The path of the demo provider's tokens.
    pub(crate) fn demo_tokens(&self) -> String {
        tokens_path(&self.demo.account_id, &self.demo.secure_anonymous.provider_id)
    }

    /// A token request signed by `key`.
    pub(crate) async fn token(&self, path: &str, key: &Key) -> Answer {
        self.post(path).signed(key).send().await
    }

    /// A key's access token (K2).
    pub(crate) async fn redeem(&self, key: &Key) -> Answer {
        self.post("/v1/token").json(&json!({ "apiKey": key.encoded })).send().await
    }

    /// A token of the demo partner's site for that device (V1).
    pub(crate) async fn device_token(&self, device: &str) -> Answer {
        let partner = &self.demo.partner;
        self.post(&devices_path(&partner.site, device)).header("x-api-key", &partner.api_key).send().await
    }

    /// Asks again until the answer has that status: at once in this process, within the published bound elsewhere.
    pub(crate) async fn eventually(&self, status: u16, ask: impl AsyncFn() -> Answer) -> Answer {
        let deadline = Instant::now() + BOUND;
        loop {
            let answer = ask().await;
            if answer.status == status || Instant::now() > deadline {
                return answer.expect(status);
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

/// A name nothing else has.
pub(crate) fn unique(what: &str) -> String {
    format!("{what} {}", uuid::Uuid::new_v4())
}

/// A booth on a thread of its own, with two tenants, until the sender is dropped.
fn open_in_background(options: Options) -> (Tenant, Tenant, oneshot::Sender<()>) {
    let (open, closed) = oneshot::channel::<()>();
    let (opened, when_opened) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
        runtime.expect("a runtime").block_on(async move {
            let booth = Booth::open(options).await.expect("a booth");
            let deployment = Deployment::prepare(&booth.start, &booth.url, false).await.expect("prepared").0;
            let rival = Demo::create(&deployment, &booth.url).await.expect("a rival");
            opened.send((Tenant::of(&booth.demo), Tenant::of(&rival))).expect("received");
            let until_closed = async {
                let _: Result<(), oneshot::error::RecvError> = closed.await;
            };
            booth.run(until_closed).await.expect("served");
        });
    });
    let (demo, rival) = when_opened.recv().expect("a booth");
    (demo, rival, open)
}
