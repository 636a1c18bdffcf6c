//! What tokens signed with a shared secret belong to: sites and projects of accounts of their own.

use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};

use crate::support::call::Answer;
use crate::support::oauth::INTROSPECT;
use crate::support::tenant::Key;
use crate::support::world::{World, unique};

/// A partner of an account of its own, with a site.
pub(crate) struct Site {
    pub(crate) account: String,
    pub(crate) partner: String,
    pub(crate) path: String,
    tokens: String,
    api_key: String,
}

impl Site {
    pub(crate) async fn new(world: &World) -> Self {
        let account = world.account().await;
        let partners = format!("/admin/v1/entities/{account}/partners");
        let made = world.create(&partners, &json!({ "name": unique("partner") })).await.expect(201);
        let partner = format!("{partners}/{}", made.text_at("id"));
        let made = world.create(&format!("{partner}/keys"), &json!({ "name": "key" })).await.expect(201);
        let api_key = made.text_at("api_key");
        let made = world.create(&format!("{partner}/sites"), &json!({ "name": "shop" })).await.expect(201);
        let path = format!("{partner}/sites/{}", made.text_at("id"));
        let tokens = "/identity/anonymous-token?site=shop&platform=iOS&deviceId=app-1".to_owned();
        Self { account, partner, path, tokens, api_key }
    }

    pub(crate) async fn token(&self, world: &World) -> String {
        let call = world.post(&self.tokens).header("x-api-key", &self.api_key);
        call.send().await.expect(200).text_at("authorizationToken")
    }
}

/// A project of an account of its own.
pub(crate) struct Project {
    pub(crate) account: String,
    pub(crate) path: String,
    pub(crate) id: String,
    /// Its client id and its API secret.
    pub(crate) client: Key,
}

impl Project {
    pub(crate) async fn new(world: &World) -> Self {
        let account = world.account().await;
        let projects = format!("/admin/v1/entities/{account}/projects");
        let made = world.create(&projects, &json!({ "name": unique("project") })).await.expect(201);
        let (id, secret) = (made.text_at("id"), made.text_at("api_secret"));
        let client = Key { id: made.text_at("client_id"), secret, encoded: String::new() };
        Self { account, path: format!("{projects}/{id}"), id, client }
    }

    /// A token as the project's own server signs it (S4), naming the project or not.
    pub(crate) fn token(&self, claims: &Value, named: bool) -> String {
        let kid = named.then(|| self.client.id.clone());
        let header = Header { kid, ..Header::new(Algorithm::HS256) };
        encode(&header, claims, &EncodingKey::from_secret(self.client.secret.as_bytes())).expect("a token")
    }

    pub(crate) async fn told(&self, world: &World, key: &Key, token: &str) -> Answer {
        let parameters = [("token", token), ("project_id", &*self.id)];
        world.ask(INTROSPECT, key, &parameters).await.expect(200)
    }
}
