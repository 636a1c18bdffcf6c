//! Own APIs of tests (A7).

use serde_json::{Value, json};

use crate::support::call::Answer;
use crate::support::oauth::TOKEN;
use crate::support::tenant::Key;
use crate::support::world::{World, unique};

/// An own API with the scopes `orders:read` and `orders:write`.
pub(crate) struct OwnApi {
    pub(crate) id: String,
    pub(crate) identifier: String,
    pub(crate) path: String,
}

/// An identifier that no other API has.
pub(crate) fn new_identifier() -> String {
    format!("https://api.example/{}", uuid::Uuid::new_v4())
}

/// The fields of a new API.
pub(crate) fn api_fields() -> Value {
    json!({
        "identifier": new_identifier(),
        "name": unique("API"),
        "scopes": [{ "name": "orders:read", "description": "Read orders" }, { "name": "orders:write" }],
    })
}

impl OwnApi {
    /// Creates an API of `entity`, with `fields` in place of the usual ones.
    pub(crate) async fn new(world: &World, entity: &str, fields: Value) -> Self {
        let mut body = api_fields();
        body.as_object_mut().expect("an object").extend(fields.as_object().cloned().unwrap_or_default());
        let apis = format!("/admin/v1/entities/{entity}/apis");
        let created = world.create(&apis, &body).await.expect(201);
        let id = created.text_at("id");
        Self { path: format!("{apis}/{id}"), identifier: created.text_at("identifier"), id }
    }

    /// The grants of these scopes, separated by spaces.
    pub(crate) fn grants(&self, scopes: &str) -> Value {
        let names: Vec<_> = scopes.split_whitespace().collect();
        json!([{ "api_id": self.id, "scopes": names }])
    }

    /// Creates an integration of `entity` that is granted these scopes, and a key. Returns the path of the integration and
    /// the key.
    pub(crate) async fn grant(&self, world: &World, entity: &str, scopes: &str) -> (String, Key) {
        let integration = world.create_integration(entity, "launchpad_user").await;
        let path = format!("/admin/v1/entities/{entity}/integrations/{integration}");
        world.change(&path, &json!({ "api_grants": self.grants(scopes) })).await.expect(200);
        (path, world.create_key(entity, &integration).await)
    }

    /// Requests a token of `key` for the API.
    pub(crate) async fn request(&self, world: &World, key: &Key, more: &[(&str, &str)]) -> Answer {
        let parameters =
            [&[("grant_type", "client_credentials"), ("resource", &*self.identifier)], more].concat();
        world.post_form(TOKEN, key, &parameters).await
    }

    /// A token of `key` for the API, with all granted scopes.
    pub(crate) async fn token(&self, world: &World, key: &Key) -> String {
        self.request(world, key, &[]).await.expect(200).text_at("access_token")
    }
}
