//! Short ways to call for a project, with tokens made here and not by the code under test.

use data_encoding::BASE64URL_NOPAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::support::call::{Answer, Call};
use crate::support::tenant::{Project, Tokens};
use crate::support::world::{World, unique};

/// A token of `header` and `claims` under `secret` (RFC 7515).
pub(crate) fn token_of(header: &Value, claims: &Value, secret: &str) -> String {
    let part = |json: &Value| BASE64URL_NOPAD.encode(json.to_string().as_bytes());
    let signed = format!("{}.{}", part(header), part(claims));
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("any length");
    mac.update(signed.as_bytes());
    format!("{signed}.{}", BASE64URL_NOPAD.encode(&mac.finalize().into_bytes()))
}

impl Project {
    /// A token as a project's own server makes it (S4).
    pub(crate) fn token(&self, user: &str) -> String {
        token_of(&json!({ "alg": "HS256", "typ": "JWT" }), &json!({ "user": user }), &self.api_secret)
    }

    /// The header of the vendor's SDKs, raw (S5).
    pub(crate) fn basic(&self, token: &str) -> String {
        format!("Basic {}:{token}", self.client_id)
    }
}

impl World {
    /// A new project on an account of its own, with those settings.
    pub(crate) async fn project(&self, settings: &Value) -> Project {
        let path = format!("/admin/v1/entities/{}/projects", self.account().await);
        let mut body = json!({ "name": unique("project") });
        for (name, value) in settings.as_object().expect("settings") {
            body[name] = value.clone();
        }
        let made = self.create(&path, &body).await.expect(201);
        let (id, client_id) = (made.text_at("id"), made.text_at("client_id"));
        let (path, api_secret) = (format!("{path}/{id}"), made.text_at("api_secret"));
        Project { path, id, client_id, api_secret, tokens: Tokens::default() }
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
