//! The state behind a token counts within the cache bound, and a warm call reads nothing.

use api::InvocationError;
use serde_json::json;

use super::Guarded;
use crate::local::alarms::lines_of;
use crate::local::proxy::Fault;

#[tokio::test]
async fn a3_a_warm_call_makes_no_call_of_dynamodb() {
    let guarded = Guarded::new(10).await;
    let token = guarded.token("orders:read").await;
    guarded.booth.proxy.take_calls();
    assert_eq!(guarded.admits(&token).await, Ok(()));
    let cold = guarded.booth.proxy.take_calls();
    assert_eq!(cold, [("BatchGetItem".to_owned(), 2)].into(), "a cold call");
    for _ in 0..3 {
        assert_eq!(guarded.admits(&token).await, Ok(()));
    }
    assert!(guarded.booth.proxy.take_calls().is_empty(), "a warm call");
    let other = guarded.token("orders:read").await;
    guarded.booth.proxy.take_calls();
    assert_eq!(guarded.admits(&other).await, Ok(()));
    let calls = guarded.booth.proxy.take_calls();
    assert_eq!(
        calls,
        [("BatchGetItem".to_owned(), 1)].into(),
        "another token of the same key: is it revoked?"
    );
}

#[tokio::test]
async fn a3_a_revocation_takes_effect_within_the_bound_also_for_a_token_in_use() {
    let guarded = Guarded::new(10).await;
    let token = guarded.token("orders:read").await;
    assert_eq!(guarded.admits(&token).await, Ok(()));
    guarded.world().revoke(&guarded.key, &token).await.expect(200);
    for _ in 0..3 {
        guarded.clock.advance_millis(3_000);
        assert_eq!(
            guarded.admits(&token).await,
            Ok(()),
            "use does not move the bound, and does not end it early"
        );
    }
    guarded.clock.advance_millis(1_000);
    assert_eq!(guarded.admits(&token).await.unwrap_err(), "invalid_token");
}

#[tokio::test]
async fn a3_a_change_of_key_api_or_entity_takes_effect_within_the_bound() {
    let disabled = json!({ "status": "disabled" });
    for what in ["key", "grant", "api", "entity"] {
        let guarded = Guarded::new(10).await;
        let world = guarded.world();
        let token = guarded.token("orders:read").await;
        assert_eq!(guarded.admits(&token).await, Ok(()), "{what}");
        let entity = format!("/admin/v1/entities/{}", guarded.account);
        let (path, reason) = match what {
            "key" => (format!("{}/keys/{}", guarded.integration, guarded.key.id), "invalid_token"),
            "grant" => (guarded.integration.clone(), "invalid_token"),
            "api" => (guarded.api.path.clone(), "unknown_api"),
            _ => (entity, "unknown_api"),
        };
        let change = if what == "grant" { json!({ "api_grants": [] }) } else { disabled.clone() };
        world.change(&path, &change).await.expect(200);
        guarded.clock.advance_millis(9_999);
        assert_eq!(guarded.admits(&token).await, Ok(()), "{what}");
        guarded.clock.advance_millis(1);
        assert_eq!(guarded.admits(&token).await.unwrap_err(), reason, "{what}");
    }
}

#[tokio::test]
async fn a3_a_token_is_admitted_until_it_expires() {
    let guarded = Guarded::new(0).await;
    let token = guarded.token("orders:read").await;
    guarded.clock.advance_millis(299_000);
    assert_eq!(guarded.admits(&token).await, Ok(()));
    guarded.clock.advance_millis(1_000);
    assert_eq!(guarded.admits(&token).await.unwrap_err(), "invalid_token");
}

#[tokio::test]
async fn a3_without_dynamodb_the_call_fails_and_is_not_admitted() {
    let guarded = Guarded::new(0).await;
    let token = guarded.token("orders:read").await;
    guarded.booth.proxy.fail(Fault::Exception("ThrottlingException"));
    let answer = guarded.answer(guarded.event(&token)).await;
    assert_eq!(answer.unwrap_err(), InvocationError::FAILED);
    guarded.booth.proxy.stop_failing();
    assert_eq!(guarded.admits(&token).await, Ok(()), "the failure is not kept");
}

#[tokio::test]
async fn a13_each_call_writes_one_log_line_without_the_token() {
    let guarded = Guarded::new(0).await;
    let token = guarded.token("orders:read").await;
    let lines = lines_of(async {
        assert!(guarded.admits(&token).await.is_ok());
        let post = super::http_event(&guarded.api.identifier, "ANY /orders/{id}", Some(&token));
        assert!(guarded.decide(post).await.is_err());
        assert!(guarded.admits(&format!("{token}A")).await.is_err());
        guarded.booth.proxy.fail(Fault::Exception("ThrottlingException"));
        assert!(guarded.answer(guarded.event(&token)).await.is_err());
    })
    .await;
    let own: Vec<_> = lines.iter().filter(|line| line["function"] == "authorizer").collect();
    let field = |name: &str| own.iter().map(|line| line[name].clone()).collect::<Vec<_>>();
    assert_eq!(field("message"), ["answered", "refused", "refused", "failed"]);
    assert_eq!(
        field("code").get(1..),
        Some(&["insufficient_scope", "invalid_token", "temporarily_unavailable"].map(|it| json!(it))[..])
    );
    assert_eq!(field("route"), ["/orders", "/orders/{id}", "/orders", "/orders"]);
    assert_eq!(field("client_id").get(..2), Some(&[json!(guarded.key.id), json!(guarded.key.id)][..]));
    assert_eq!(field("claimed_client_id").get(2), Some(&json!(guarded.key.id)));
    assert!(
        own.iter().all(|line| line["request_id"] == "gateway-request" && line["source_ip"] == "203.0.113.7")
    );
    let text = serde_json::to_string(&lines).expect("JSON");
    assert!(!text.contains(&token) && !text.contains("eyJ"), "{text}");
}
