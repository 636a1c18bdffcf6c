//! Partners with their keys and sites, and verification of their tokens (V1–V9).

use jsonwebtoken::{Algorithm, DecodingKey, Header, Validation, decode};
use serde_json::{Value, json};

use crate::support::call::{Answer, Call};
use crate::support::world::{World, unique};

/// A partner with one key and one site.
#[derive(Debug, Clone)]
pub(crate) struct Partner {
    /// The path of the partner in the Admin API.
    pub(crate) path: String,
    /// The id of its entity.
    pub(crate) entity: String,
    pub(crate) key: PartnerKey,
    pub(crate) site: Site,
}

#[derive(Debug, Clone)]
pub(crate) struct PartnerKey {
    pub(crate) path: String,
    pub(crate) key: String,
}

#[derive(Debug, Clone)]
pub(crate) struct Site {
    pub(crate) path: String,
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) secret: String,
}

impl Partner {
    /// Creates a partner of `entity` with a key and a site.
    pub(crate) async fn new(world: &World, entity: &str) -> Self {
        Self::with_fields(world, entity, json!({})).await
    }

    /// Creates a partner with these fields, a key and a site.
    pub(crate) async fn with_fields(world: &World, entity: &str, mut fields: Value) -> Self {
        fields["name"] = json!(unique("partner"));
        let partners = format!("/admin/v1/entities/{entity}/partners");
        let created = world.create(&partners, &fields).await.expect(201);
        let path = format!("{partners}/{}", created.text_at("id"));
        let key = create_partner_key(world, &path).await;
        let site = create_site(world, &path, json!({})).await;
        Self { path, entity: entity.to_owned(), key, site }
    }

    /// Creates a partner in a new account.
    pub(crate) async fn in_new_account(world: &World) -> Self {
        Self::new(world, &world.create_account().await).await
    }

    /// A request for a site token for this device.
    pub(crate) fn token_call(&self, world: &World, device: &str) -> Call {
        world.post(&site_token_path(&self.site.name, device)).header("x-api-key", &self.key.key)
    }

    /// Requests a site token for this device.
    pub(crate) async fn request_token(&self, world: &World, device: &str) -> Answer {
        self.token_call(world, device).send().await
    }

    /// A new site token for some device.
    pub(crate) async fn site_token(&self, world: &World) -> String {
        self.request_token(world, "app-1").await.expect(200).text_at("authorizationToken")
    }
}

/// Creates a key of the partner at `path`.
pub(crate) async fn create_partner_key(world: &World, path: &str) -> PartnerKey {
    let keys = format!("{path}/keys");
    let created = world.create(&keys, &json!({ "name": unique("key") })).await.expect(201);
    PartnerKey { path: format!("{keys}/{}", created.text_at("id")), key: created.text_at("api_key") }
}

/// Creates a site of the partner at `path` with these fields.
pub(crate) async fn create_site(world: &World, path: &str, mut fields: Value) -> Site {
    if fields["name"].is_null() {
        fields["name"] = json!(format!("site-{}", uuid::Uuid::new_v4()));
    }
    let sites = format!("{path}/sites");
    let created = world.create(&sites, &fields).await.expect(201);
    let (id, name, secret) = (created.text_at("id"), created.text_at("name"), created.text_at("secret"));
    Site { path: format!("{sites}/{id}"), id, name, secret }
}

/// The path for tokens of `site`. The platform follows from the prefix of the device id.
pub(crate) fn site_token_path(site: &str, device: &str) -> String {
    let platform = if device.starts_with("browser-") { "web_browser" } else { "iOS" };
    format!("/identity/anonymous-token?site={site}&platform={platform}&deviceId={device}")
}

/// Verifies the token in `answer` with the site's secret and returns its header and claims.
pub(crate) fn verify_site_token(
    answer: &Answer,
    secret: &str,
) -> Result<(Header, Value), jsonwebtoken::errors::Error> {
    let mut validation = Validation::new(Algorithm::HS256);
    validation.validate_aud = false;
    // The booth may run with a test clock.
    validation.validate_exp = false;
    validation.set_required_spec_claims(&["iss", "exp"]);
    let key = DecodingKey::from_secret(secret.as_bytes());
    let token = decode::<Value>(&answer.text_at("authorizationToken"), &key, &validation)?;
    Ok((token.header, token.claims))
}

/// Asserts that the token in `answer` verifies with the secret and returns its claims.
#[track_caller]
pub(crate) fn verified_claims(answer: &Answer, secret: &str) -> Value {
    verify_site_token(answer, secret).expect("a token signed with this secret").1
}

/// The introspection response about an active site token with these claims.
pub(crate) fn introspection_response(mut claims: Value) -> Value {
    claims["active"] = json!(true);
    claims["kind"] = json!("anonymous_device");
    claims["token_type"] = json!("Bearer");
    claims["sub"] = claims["userId"].clone();
    claims
}
