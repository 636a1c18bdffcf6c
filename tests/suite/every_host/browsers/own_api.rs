//! Tokens of a provider for an own API: the API allows origins as well (A9, F18).

use serde_json::json;

use super::{APP, assert_readable_by, cors_headers};
use crate::support::world::{World, tokens_path, unique};

/// The origin that the provider allows. The API allows [`APP`].
const SHOP: &str = "https://shop.example.com";

#[tokio::test]
async fn a9_f18_a_page_that_the_provider_or_the_api_of_a_token_allows_reads_its_assertions() {
    let world = World::shared();
    let account = world.create_account().await;
    let identifier = format!("https://{}.example.com", uuid::Uuid::new_v4());
    let scopes = json!([{ "name": "cart:read" }]);
    let api = json!({
        "identifier": identifier, "name": unique("api"), "scopes": scopes, "allowed_origins": [APP],
    });
    let api =
        world.create(&format!("/admin/v1/entities/{account}/apis"), &api).await.expect(201).text_at("id");
    let provider = json!({
        "description": unique("provider"), "token_duration": 600, "allowed_origins": [SHOP],
        "grants": [{ "role": "launchpad_user", "entity_id": account }], "api_id": api, "scopes": ["cart:read"],
    });
    let path = format!("/admin/v1/entities/{account}/providers");
    let provider = world.create(&path, &provider).await.expect(201).text_at("id");
    let issued =
        world.request_token(&tokens_path(&account, &provider), &world.demo.admin_key).await.expect(200);
    let token = issued.json.as_str().expect("a token");
    let read = async |origin: &str| {
        world.get("/v1/me/assertions").bearer(token).header("Origin", origin).send().await
    };
    for origin in [APP, SHOP] {
        assert_readable_by(origin, &read(origin).await.expect(200));
    }
    let refused = read("https://other.example").await.expect_problem(403, "origin_not_allowed");
    assert!(cors_headers(&refused).is_empty());
}
