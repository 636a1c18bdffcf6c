//! Window V: which keys are accepted (V2, V8).

use serde_json::json;

use crate::support::call::Answer;
use crate::support::partner::{Partner, create_partner_key, site_token_path};
use crate::support::world::World;

/// Asserts the one response that every wrong key gets.
#[track_caller]
fn assert_unauthorized(answer: &Answer, case: &str) {
    assert_eq!(answer.status, 401, "{case}: {}", answer.text);
    assert_eq!(answer.text, r#"{"error":"Missing or invalid API key"}"#, "{case}");
    assert_eq!(answer.header("www-authenticate"), "API-Key realm=\"tokenbooth\"", "{case}");
}

#[tokio::test]
async fn v02_a_missing_or_wrong_key_is_refused_before_the_parameters_are_read() {
    let world = World::shared();
    let partner = &world.demo.partner;
    let (good, bad) = (site_token_path(&partner.site, "app-1"), "/identity/anonymous-token?site=");
    let key = &partner.api_key;
    let flipped = if key.ends_with('a') { "b" } else { "a" };
    for (case, wrong) in [
        ("none", None),
        ("empty", Some(String::new())),
        ("the document's", Some("a1b2c3d4e5f6g7h8i9j0k".to_owned())),
        ("of our form but for the checksum", Some(format!("tbpk_{}", "a".repeat(59)))),
        ("one character", Some(format!("{}{flipped}", &key[..key.len() - 1]))),
        ("cut", Some(key[..key.len() - 1].to_owned())),
        ("longer", Some(format!("{key}a"))),
        ("upper case", Some(key.to_uppercase())),
        ("two in one", Some(format!("{key}, {key}"))),
        ("another kind of secret", Some(world.demo.api_key.secret.clone())),
        ("long", Some("x".repeat(5000))),
    ] {
        for path in [good.as_str(), bad] {
            let call = world.post(path);
            let call = match &wrong {
                Some(wrong) => call.header("x-api-key", wrong),
                None => call,
            };
            assert_unauthorized(&call.send().await, case);
        }
    }
    let bearer = world.post(&good).bearer(key);
    assert_unauthorized(&bearer.send().await, "as a bearer token");
    let get = world.get(&good).header("x-api-key", "wrong");
    assert_unauthorized(&get.send().await, "by GET");
    world.post(&good).header("x-api-key", key).send().await.expect(200);
    world.post(bad).header("x-api-key", key).send().await.expect(400);
}

#[tokio::test]
async fn v02_a_disabled_ended_or_deleted_key_and_a_disabled_partner_get_the_same_401() {
    let world = World::shared();
    let partner = Partner::new(&world, &world.demo.account_id).await;
    let send = async |key: &str| {
        let call = world.post(&site_token_path(&partner.site.name, "app-1"));
        call.header("x-api-key", key).send().await
    };
    for change in
        [Some(json!({ "status": "disabled" })), Some(json!({ "valid_until": "2020-01-01T00:00:00Z" })), None]
    {
        let key = create_partner_key(&world, &partner.path).await;
        send(&key.key).await.expect(200);
        match &change {
            Some(change) => world.change(&key.path, change).await.expect(200),
            None => world.delete(&key.path).await.expect(204),
        };
        let answer = world.wait_for_status(401, async || send(&key.key).await).await;
        assert_unauthorized(&answer, &format!("{change:?}"));
    }
    send(&partner.key.key).await.expect(200);
    world.change(&partner.path, &json!({ "status": "disabled" })).await.expect(200);
    let answer = world.wait_for_status(401, async || send(&partner.key.key).await).await;
    assert_unauthorized(&answer, "the partner disabled");
    world.change(&partner.path, &json!({ "status": "active" })).await.expect(200);
    world.wait_for_status(200, async || send(&partner.key.key).await).await;
}

#[tokio::test]
async fn v02_two_keys_of_a_partner_work_at_the_same_time() {
    let world = World::shared();
    let partner = Partner::new(&world, &world.demo.account_id).await;
    let second = create_partner_key(&world, &partner.path).await;
    for key in [&partner.key.key, &second.key] {
        let call = world.post(&site_token_path(&partner.site.name, "app-1")).header("x-api-key", key);
        call.send().await.expect(200);
    }
}

#[tokio::test]
async fn v02_v08_only_a_caller_with_a_key_learns_of_a_disabled_entity_or_switch() {
    let world = World::shared();
    let organization = world.create_entity(&world.demo.customer_id).await;
    let account = world.create_entity(&organization).await;
    let partner = Partner::new(&world, &account).await;
    let send = async |key: &str| {
        let call = world.post(&site_token_path(&partner.site.name, "app-1"));
        call.header("x-api-key", key).send().await
    };
    send(&partner.key.key).await.expect(200);
    for (entity, off, on) in [
        (&organization, json!({ "status": "disabled" }), json!({ "status": "active" })),
        (&account, json!({ "api_enabled": false }), json!({ "api_enabled": true })),
    ] {
        let path = format!("/admin/v1/entities/{entity}");
        world.change(&path, &off).await.expect(200);
        let answer = world.wait_for_status(403, async || send(&partner.key.key).await).await;
        assert_eq!(answer.json, json!({ "error": "Entity disabled" }), "{off}");
        assert_unauthorized(&send("wrong").await, "a wrong key");
        world.change(&path, &on).await.expect(200);
        world.wait_for_status(200, async || send(&partner.key.key).await).await;
    }
}
