//! Partners, keys and sites of a test's own, and what it takes to verify their tokens (V1–V9).

use jsonwebtoken::{Algorithm, DecodingKey, Header, Validation, decode};
use serde_json::{Value, json};

use crate::support::call::{Answer, Call};
use crate::support::world::{World, unique};

/// A partner with a key and a site.
#[derive(Debug, Clone)]
pub(crate) struct Partner {
    /// Its path in the Admin API.
    pub(crate) path: String,
    /// The entity it belongs to.
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
    /// A new one of `entity`, with a key and a site.
    pub(crate) async fn new(world: &World, entity: &str) -> Self {
        Self::with(world, entity, json!({})).await
    }

    /// The same, itself made with these fields.
    pub(crate) async fn with(world: &World, entity: &str, mut fields: Value) -> Self {
        fields["name"] = json!(unique("partner"));
        let partners = format!("/admin/v1/entities/{entity}/partners");
        let made = world.create(&partners, &fields).await.expect(201);
        let path = format!("{partners}/{}", made.text_at("id"));
        let key = new_key(world, &path).await;
        let site = new_site(world, &path, json!({})).await;
        Self { path, entity: entity.to_owned(), key, site }
    }

    /// A new partner of an account of its own, with a key and a site.
    pub(crate) async fn in_own_account(world: &World) -> Self {
        Self::new(world, &world.account().await).await
    }

    /// A request for a token of its site for a device.
    pub(crate) fn token_request(&self, world: &World, device: &str) -> Call {
        world.post(&devices_path(&self.site.name, device)).header("x-api-key", &self.key.key)
    }

    /// The answer to a request for a token of its site for a device.
    pub(crate) async fn token(&self, world: &World, device: &str) -> Answer {
        self.token_request(world, device).send().await
    }

    /// A token of its site for some device.
    pub(crate) async fn site_token(&self, world: &World) -> String {
        self.token(world, "app-1").await.expect(200).text_at("authorizationToken")
    }
}

/// A new key of the partner at `path`.
pub(crate) async fn new_key(world: &World, path: &str) -> PartnerKey {
    let keys = format!("{path}/keys");
    let made = world.create(&keys, &json!({ "name": unique("key") })).await.expect(201);
    PartnerKey { path: format!("{keys}/{}", made.text_at("id")), key: made.text_at("api_key") }
}

/// A new site of the partner at `path`, made with these fields.
pub(crate) async fn new_site(world: &World, path: &str, mut fields: Value) -> Site {
    if fields["name"].is_null() {
        fields["name"] = json!(format!("site-{}", uuid::Uuid::new_v4()));
    }
    let sites = format!("{path}/sites");
    let made = world.create(&sites, &fields).await.expect(201);
    let (id, name, secret) = (made.text_at("id"), made.text_at("name"), made.text_at("secret"));
    Site { path: format!("{sites}/{id}"), id, name, secret }
}

/// The path of tokens of `site` for `device`, whose id tells its platform.
pub(crate) fn devices_path(site: &str, device: &str) -> String {
    let platform = if device.starts_with("browser-") { "web_browser" } else { "iOS" };
    format!("/identity/anonymous-token?site={site}&platform={platform}&deviceId={device}")
}

/// Header and claims of the token in `answer`, if it verifies under the site's secret.
pub(crate) fn opened(answer: &Answer, secret: &str) -> Result<(Header, Value), jsonwebtoken::errors::Error> {
    let mut validation = Validation::new(Algorithm::HS256);
    validation.validate_aud = false;
    // The booth's clock may stand elsewhere.
    validation.validate_exp = false;
    validation.set_required_spec_claims(&["iss", "exp"]);
    let key = DecodingKey::from_secret(secret.as_bytes());
    let token = decode::<Value>(&answer.text_at("authorizationToken"), &key, &validation)?;
    Ok((token.header, token.claims))
}

/// The claims of the token in `answer`.
#[track_caller]
pub(crate) fn claims(answer: &Answer, secret: &str) -> Value {
    opened(answer, secret).expect("a token of this secret").1
}
