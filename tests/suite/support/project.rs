//! Projects and requests for them (S1–S10). Tests sign tokens themselves, without the code under test.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::support::call::{Answer, Call};
use crate::support::jwt::sign_hs256;
use crate::support::oauth::INTROSPECT;
use crate::support::tenant::{Key, TokenSettings};
use crate::support::world::{World, unique};

/// A project with its API secret (S2).
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Project {
    pub(crate) id: String,
    pub(crate) client_id: String,
    pub(crate) api_secret: String,
    #[serde(flatten)]
    pub(crate) tokens: TokenSettings,
    /// The path in the Admin API; empty for a demo tenant's project.
    #[serde(skip)]
    pub(crate) path: String,
    /// The id of its account; empty for a demo tenant's project.
    #[serde(skip)]
    pub(crate) account: String,
}

impl Project {
    /// Creates a project with the default settings in a new account.
    pub(crate) async fn new(world: &World) -> Self {
        world.create_project(&json!({})).await
    }

    /// The client id and API secret as client credentials for the OAuth endpoints.
    pub(crate) fn client_credentials(&self) -> Key {
        Key { id: self.client_id.clone(), secret: self.api_secret.clone(), encoded: String::new() }
    }

    /// A token that the project's own server signs (S4), with the client id as `kid` if `with_kid`.
    pub(crate) fn sign(&self, claims: &Value, with_kid: bool) -> String {
        let mut header = json!({ "alg": "HS256", "typ": "JWT" });
        if with_kid {
            header["kid"] = json!(self.client_id);
        }
        sign_hs256(&header, claims, &self.api_secret)
    }

    /// The introspection response about `token` for `key`, with this project's id as `project_id`.
    pub(crate) async fn introspect(&self, world: &World, key: &Key, token: &str) -> Answer {
        let parameters = [("token", token), ("project_id", &*self.id)];
        world.post_form(INTROSPECT, key, &parameters).await.expect(200)
    }

    /// A token for this user that the project's own server signs (S4).
    pub(crate) fn token(&self, user: &str) -> String {
        self.sign(&json!({ "user": user }), false)
    }

    /// The `Authorization` header as the vendor's SDKs send it, without Base64 (S5).
    pub(crate) fn basic(&self, token: &str) -> String {
        format!("Basic {}:{token}", self.client_id)
    }
}

impl World {
    /// Creates a project with these settings in a new account.
    pub(crate) async fn create_project(&self, settings: &Value) -> Project {
        let account = self.create_account().await;
        let path = format!("/admin/v1/entities/{account}/projects");
        let mut body = json!({ "name": unique("project") });
        for (name, value) in settings.as_object().expect("settings") {
            body[name] = value.clone();
        }
        let created = self.create(&path, &body).await.expect(201);
        let (id, client_id) = (created.text_at("id"), created.text_at("client_id"));
        let (path, api_secret) = (format!("{path}/{id}"), created.text_at("api_secret"));
        Project { path, account, id, client_id, api_secret, tokens: TokenSettings::default() }
    }

    /// Creates a project that requires signed tokens.
    pub(crate) async fn create_signing_project(&self) -> Project {
        self.create_project(&json!({ "require_signed_tokens": true })).await
    }

    /// A POST with the project's client id and this token.
    pub(crate) fn post_for_project(&self, project: &Project, path: &str, token: &str) -> Call {
        self.post(path).header("Authorization", &project.basic(token))
    }

    /// Attaches a device (S5).
    pub(crate) async fn attach(&self, project: &Project, token: &str, body: &Value) -> Answer {
        self.post_for_project(project, "/v2/access", token).json(body).send().await
    }

    /// Identifies a device (S6).
    pub(crate) async fn identify(&self, project: &Project, token: &str, body: &Value) -> Answer {
        self.post_for_project(project, "/v2/identity", token).json(body).send().await
    }

    /// Detaches a device with the API secret (S7).
    pub(crate) async fn detach(&self, project: &Project, user: &str, device: &str) -> Answer {
        let body = json!({ "user": user, "device": device });
        self.post("/v2/access/detach").bearer(&project.api_secret).json(&body).send().await
    }

    /// The devices of a user, read with the API secret (S7).
    pub(crate) async fn list_devices(&self, project: &Project, user: &str) -> Vec<Value> {
        let path = format!("/v2/access/user/{user}/attached_devices");
        let answer = self.get(&path).bearer(&project.api_secret).send().await.expect(200);
        answer.json.as_array().expect("a bare array").clone()
    }

    /// Reads the access history with the API secret (S8).
    pub(crate) async fn history(&self, project: &Project, query: &str) -> Answer {
        let path = format!("/v2/proj/access-history?{query}");
        self.get(&path).bearer(&project.api_secret).send().await
    }
}
