//! An attacker runs an API, gets tokens of its callers, and sends them to the booth (A7). The names of its scopes are those of
//! the booth.

use reqwest::Method;
use serde_json::json;

use crate::support::api::OwnApi;
use crate::support::oauth::{INTROSPECT, REVOKE, TOKEN};
use crate::support::world::World;

/// The scopes of the booth, which the attacker gives to its own API.
const BOOTH_SCOPES: &str =
    "entity:rwd integration:rwd api_key:rwd provider:rwd token:rw project:rwd project_token:rw api:rwd";

/// A token of a customer's administrator for an API with these scopes, signed with this algorithm.
async fn stolen_token(world: &World, algorithm: &str) -> String {
    let account = world.create_account().await;
    let scopes: Vec<_> = BOOTH_SCOPES.split(' ').map(|name| json!({ "name": name })).collect();
    let api = OwnApi::new(world, &account, json!({ "algorithm": algorithm, "scopes": scopes })).await;
    let integration = world.create_integration(&world.demo.customer_id, "customer_admin").await;
    let path = format!("/admin/v1/entities/{}/integrations/{integration}", world.demo.customer_id);
    world.change(&path, &json!({ "api_grants": api.grants(BOOTH_SCOPES) })).await.expect(200);
    let key = world.create_key(&world.demo.customer_id, &integration).await;
    api.token(world, &key).await
}

#[tokio::test]
async fn a7_a_token_of_an_own_api_is_refused_by_the_admin_api() {
    let world = World::shared();
    let (account, customer) = (&world.demo.account_id, &world.demo.customer_id);
    for algorithm in ["RS256", "ES256", "EdDSA"] {
        let token = stolen_token(&world, algorithm).await;
        for (method, path) in [
            (Method::GET, "/admin/v1/entities".to_owned()),
            (Method::GET, format!("/admin/v1/entities/{customer}")),
            (Method::POST, format!("/admin/v1/entities/{account}/apis")),
            (Method::POST, format!("/admin/v1/entities/{account}/integrations")),
            (Method::GET, format!("/admin/v1/audit-log?entity_id={customer}")),
            (Method::GET, "/admin/v1/roles".to_owned()),
        ] {
            let answer = world.call(method, &path).bearer(&token).json(&json!({})).send().await;
            answer.expect_problem(401, "invalid_credentials");
        }
    }
}

#[tokio::test]
async fn a7_a_token_of_an_own_api_is_refused_by_the_oauth_endpoints() {
    let world = World::shared();
    let token = stolen_token(&world, "RS256").await;
    for path in [TOKEN, INTROSPECT, REVOKE] {
        let form = [("grant_type", "client_credentials"), ("token", &*token)];
        let answer = world.post(path).bearer(&token).form(&form).send().await;
        answer.expect_oauth_error(401, "invalid_client");
        let secret = world.post(path).basic(&world.demo.api_key.id, &token).form(&form).send().await;
        secret.expect_oauth_error(401, "invalid_client");
    }
}

#[tokio::test]
async fn a7_a_token_of_an_own_api_is_refused_by_assertions_and_projects() {
    let world = World::shared();
    let project = &world.demo.project.id;
    for algorithm in ["RS256", "ES256", "EdDSA"] {
        let token = stolen_token(&world, algorithm).await;
        let fields = json!({ "fields": { "AppId": "a", "UserName": "u", "Display": "d" } });
        for (method, path, body) in [
            (Method::GET, "/v1/me/assertions".to_owned(), json!({})),
            (Method::POST, format!("/v1/projects/{project}/security-tokens"), json!({})),
            (Method::POST, format!("/v1/projects/{project}/user-tokens"), fields),
            (Method::POST, format!("/v1/projects/{project}/tokens/verify"), json!({ "XST": "x" })),
            (Method::POST, "/token/sign".to_owned(), json!({ "user": "u" })),
            (Method::GET, "/v2/proj/access-history?user=u".to_owned(), json!({})),
            (Method::POST, world.demo_tokens(), json!({})),
        ] {
            let answer = world.call(method, &path).bearer(&token).json(&body).send().await;
            assert_eq!(answer.status, 401, "{algorithm} {path}: {}", answer.text);
        }
    }
}
