//! Projects, and short ways to call for them. Tokens are made here, not by the code under test.

use data_encoding::BASE64URL_NOPAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::Sha256;

use crate::support::call::{Answer, Call};
use crate::support::oauth::INTROSPECT;
use crate::support::tenant::{Key, Tokens};
use crate::support::world::{World, unique};

/// A project with its API secret (S2).
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Project {
    pub(crate) id: String,
    pub(crate) client_id: String,
    pub(crate) api_secret: String,
    #[serde(flatten)]
    pub(crate) tokens: Tokens,
    /// Its path in the Admin API; empty for a demo tenant's.
    #[serde(skip)]
    pub(crate) path: String,
    /// The account it belongs to; empty for a demo tenant's.
    #[serde(skip)]
    pub(crate) account: String,
}

/// A token of `header` and `claims` under `secret` (RFC 7515).
pub(crate) fn token_of(header: &Value, claims: &Value, secret: &str) -> String {
    let part = |json: &Value| BASE64URL_NOPAD.encode(json.to_string().as_bytes());
    let signed = format!("{}.{}", part(header), part(claims));
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("any length");
    mac.update(signed.as_bytes());
    format!("{signed}.{}", BASE64URL_NOPAD.encode(&mac.finalize().into_bytes()))
}

impl Project {
    /// A new project of an account of its own.
    pub(crate) async fn new(world: &World) -> Self {
        world.project(&json!({})).await
    }

    /// Its client id and API secret, as a client of the OAuth endpoints.
    pub(crate) fn client(&self) -> Key {
        Key { id: self.client_id.clone(), secret: self.api_secret.clone(), encoded: String::new() }
    }

    /// A token of these claims as the project's own server signs it (S4), with the project's client id as `kid` or not.
    pub(crate) fn sign(&self, claims: &Value, with_kid: bool) -> String {
        let mut header = json!({ "alg": "HS256", "typ": "JWT" });
        if with_kid {
            header["kid"] = json!(self.client_id);
        }
        token_of(&header, claims, &self.api_secret)
    }

    /// What introspection answers to `key` about a token, with this project's id as `project_id`.
    pub(crate) async fn introspect(&self, world: &World, key: &Key, token: &str) -> Answer {
        let parameters = [("token", token), ("project_id", &*self.id)];
        world.ask(INTROSPECT, key, &parameters).await.expect(200)
    }

    /// A token as a project's own server makes it (S4).
    pub(crate) fn token(&self, user: &str) -> String {
        self.sign(&json!({ "user": user }), false)
    }

    /// The header of the vendor's SDKs, raw (S5).
    pub(crate) fn basic(&self, token: &str) -> String {
        format!("Basic {}:{token}", self.client_id)
    }
}

impl World {
    /// A new project on an account of its own, with those settings.
    pub(crate) async fn project(&self, settings: &Value) -> Project {
        let account = self.account().await;
        let path = format!("/admin/v1/entities/{account}/projects");
        let mut body = json!({ "name": unique("project") });
        for (name, value) in settings.as_object().expect("settings") {
            body[name] = value.clone();
        }
        let made = self.create(&path, &body).await.expect(201);
        let (id, client_id) = (made.text_at("id"), made.text_at("client_id"));
        let (path, api_secret) = (format!("{path}/{id}"), made.text_at("api_secret"));
        Project { path, account, id, client_id, api_secret, tokens: Tokens::default() }
    }

    /// A new project that requires signing.
    pub(crate) async fn signing_project(&self) -> Project {
        self.project(&json!({ "require_signed_tokens": true })).await
    }

    /// A POST for the project with that token.
    pub(crate) fn for_project(&self, project: &Project, path: &str, token: &str) -> Call {
        self.post(path).header("Authorization", &project.basic(token))
    }

    /// An attach (S5).
    pub(crate) async fn attach(&self, project: &Project, token: &str, body: &Value) -> Answer {
        self.for_project(project, "/v2/access", token).json(body).send().await
    }

    /// An identify (S6).
    pub(crate) async fn identify(&self, project: &Project, token: &str, body: &Value) -> Answer {
        self.for_project(project, "/v2/identity", token).json(body).send().await
    }

    /// A detach by the project's server (S7).
    pub(crate) async fn detach(&self, project: &Project, user: &str, device: &str) -> Answer {
        let body = json!({ "user": user, "device": device });
        self.post("/v2/access/detach").bearer(&project.api_secret).json(&body).send().await
    }

    /// The devices of a user, asked by the project's server (S7).
    pub(crate) async fn attached(&self, project: &Project, user: &str) -> Vec<Value> {
        let path = format!("/v2/access/user/{user}/attached_devices");
        let answer = self.get(&path).bearer(&project.api_secret).send().await.expect(200);
        answer.json.as_array().expect("a bare array").clone()
    }

    /// The history (S8).
    pub(crate) async fn history(&self, project: &Project, query: &str) -> Answer {
        let path = format!("/v2/proj/access-history?{query}");
        self.get(&path).bearer(&project.api_secret).send().await
    }
}
