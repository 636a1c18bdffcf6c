//! Window F: tokens of a provider that was switched off (F15).

use serde_json::json;

use super::clock::world_with_clock;
use crate::support::world::World;

const ASSERTIONS: &str = "/v1/me/assertions";

#[tokio::test]
async fn f15_a_disabled_provider_s_token_is_refused_within_the_published_bound() {
    let (world, clock) = world_with_clock(10);
    let account = world.demo.account_id.clone();
    let (provider, tokens) = world.create_provider(&account).await;
    let off = [
        (
            format!("/admin/v1/entities/{account}/providers/{provider}"),
            "status",
            json!("disabled"),
            json!("active"),
        ),
        (format!("/admin/v1/entities/{account}"), "status", json!("disabled"), json!("active")),
        (format!("/admin/v1/entities/{account}"), "secure_anonymous_enabled", json!(false), json!(true)),
        (
            format!("/admin/v1/entities/{}", world.demo.organization_id),
            "status",
            json!("disabled"),
            json!("active"),
        ),
    ];
    for (path, field, disabled, active) in off {
        let answer = clock.request_token(&world, &tokens, &world.demo.admin_key).await.expect(200);
        let token = answer.json.as_str().expect("a token");
        assertions(&world, token, 200).await;
        let start = clock.unix_second();
        clock.change(&world, &path, &json!({ field: disabled })).await.expect(200);
        clock.set(start + 9);
        assertions(&world, token, 200).await;
        clock.set(start + 10);
        assertions(&world, token, 401).await;
        clock.change(&world, &path, &json!({ field: active })).await.expect(200);
        clock.set(start + 20);
        assertions(&world, token, 200).await;
    }
}

#[tokio::test]
async fn f15_a_deleted_provider_s_token_is_refused() {
    let (world, clock) = world_with_clock(0);
    let account = &world.demo.account_id;
    let (provider, tokens) = world.create_provider(account).await;
    let answer = clock.request_token(&world, &tokens, &world.demo.api_key).await.expect(200);
    let token = answer.json.as_str().expect("a token");
    assertions(&world, token, 200).await;
    world.delete(&format!("/admin/v1/entities/{account}/providers/{provider}")).await.expect(204);
    assertions(&world, token, 401).await;
}

async fn assertions(world: &World, token: &str, status: u16) {
    world.get(ASSERTIONS).bearer(token).send().await.expect(status);
}
