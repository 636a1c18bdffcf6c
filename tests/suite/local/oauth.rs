//! The OAuth endpoints with a test clock and a failing DynamoDB (A2).

use serde_json::json;

use super::clock::world_with_clock;
use super::embedded::booth_behind_proxy;
use super::proxy::Fault;
use crate::support::oauth::{INTROSPECT, REVOKE, TOKEN};
use crate::support::partner::Partner;
use crate::support::project::Project;
use crate::support::world::World;

const GRANT: [(&str, &str); 1] = [("grant_type", "client_credentials")];

#[tokio::test]
async fn a2_a_client_token_is_valid_for_300_s() {
    let (world, clock) = world_with_clock(0);
    let key = &world.demo.api_key;
    let token = world.client_token(key, "entity:r").await;
    let start = clock.unix_second();
    for (second, active) in [(0, true), (299, true), (300, false)] {
        clock.set(start + second);
        assert_eq!(world.introspect(key, &token).await.is_active(), active, "{second}");
        let status = if active { 200 } else { 401 };
        world.get("/admin/v1/entities").bearer(&token).send().await.expect(status);
    }
}

#[tokio::test]
async fn a2_a_revocation_takes_effect_at_once_despite_the_cache() {
    let (world, _) = world_with_clock(300);
    let key = &world.demo.api_key;
    let token = world.anonymous_token().await;
    for _ in 0..2 {
        assert!(world.introspect(key, &token).await.is_active());
        world.get("/v1/me/assertions").bearer(&token).send().await.expect(200);
    }
    world.revoke(key, &token).await.expect(200);
    assert!(!world.introspect(key, &token).await.is_active());
    world.get("/v1/me/assertions").bearer(&token).send().await.expect(401);
}

#[tokio::test]
async fn a2_revoking_an_expired_token_is_not_recorded() {
    let (world, clock) = world_with_clock(0);
    let token = world.client_token(&world.demo.api_key, "entity:r").await;
    clock.set(clock.unix_second() + 300);
    world.revoke(&world.demo.api_key, &token).await.expect(200);
    let path = format!("/admin/v1/audit-log?entity_id={}", world.demo.account_id);
    let log = world.get(&path).with_token_of(&world.demo.admin_key).send().await.expect(200);
    assert!(!log.text.contains("token.revoke"));
}

#[tokio::test]
async fn a2_each_endpoint_has_a_bucket_of_its_own_for_each_key() {
    let (world, clock) = world_with_clock(0);
    let account = &world.demo.account_id;
    let (_, key) = world.create_limited_key(account, 1).await;
    for path in [TOKEN, INTROSPECT, REVOKE] {
        let send = async || world.post_form(path, &key, &[GRANT[0], ("token", "x")]).await;
        assert_eq!(send().await.expect(200).header("ratelimit-policy"), "\"key\";q=1;w=60", "{path}");
        let refused = send().await.expect_oauth_error(429, "slow_down");
        assert_eq!(refused.header("retry-after"), "60", "{path}");
    }
    clock.set(clock.unix_second() + 60);
    world.post_form(TOKEN, &key, &GRANT).await.expect(200);
}

#[tokio::test]
async fn a2_without_dynamodb_every_endpoint_answers_503_as_an_oauth_error() {
    let booth = booth_behind_proxy(0).await;
    booth.proxy.fail(Fault::Exception("ThrottlingException"));
    let (world, key) = (&booth.world, &booth.world.demo.api_key);
    let parameters = [GRANT[0], ("token", "x")];
    let (token, introspected, revoked) = tokio::join!(
        world.post_form(TOKEN, key, &parameters),
        world.post_form(INTROSPECT, key, &parameters),
        world.post_form(REVOKE, key, &parameters),
    );
    for response in [token, introspected, revoked] {
        let answer = response.expect_oauth_error(503, "temporarily_unavailable");
        assert_eq!(answer.header("retry-after"), "1");
    }
}

#[tokio::test]
async fn a2_introspection_costs_two_reads_and_revocation_one_transaction_more() {
    let booth = booth_behind_proxy(0).await;
    let world = &booth.world;
    let anonymous = world.anonymous_token().await;
    let access = world.client_token(&world.demo.api_key, "token:r").await;
    let assert_two_reads = async |world: &World, token: &str| {
        world.introspect(&world.demo.admin_key, token).await;
        let calls = booth.proxy.take_calls();
        assert_eq!(calls["BatchGetItem"], 2, "{calls:?}");
        assert_eq!(calls.values().sum::<usize>() - calls.get("UpdateItem").unwrap_or(&0), 2, "{calls:?}");
    };
    let site = Partner::in_new_account(world).await.site_token(world).await;
    let signed = Project::new(world).await.sign(&json!({ "user": "u" }), true);
    booth.proxy.take_calls();
    for token in [&*anonymous, &access, &site, &signed, "x"] {
        assert_two_reads(world, token).await;
    }
    world.revoke(&world.demo.admin_key, &access).await.expect(200);
    let calls = booth.proxy.take_calls();
    assert_eq!((calls["BatchGetItem"], calls["TransactWriteItems"]), (2, 1), "{calls:?}");
}
