//! Providers in the Admin API (F7).

use serde_json::{Value, json};

use crate::support::world::World;

fn valid_body(entity: &str) -> Value {
    json!({
        "description": "Trials",
        "token_duration": 600,
        "grants": [{ "role": "launchpad_user", "entity_id": entity }],
    })
}

fn body_with(entity: &str, name: &str, value: Value) -> Value {
    let mut body = valid_body(entity);
    body[name] = value;
    body
}

#[tokio::test]
async fn f07_a_provider_is_created_read_updated_and_deleted() {
    let world = World::shared();
    let account = world.create_account().await;
    let path = format!("/admin/v1/entities/{account}/providers");
    let created = world.create(&path, &valid_body(&account)).await.expect(201);
    let id = created.text_at("id");
    assert!(id.starts_with("secure-anon-") && id.len() == 48, "{id}");
    assert_eq!((&created.json["privileged"], &created.json["status"]), (&json!(false), &json!("active")));
    assert!(
        created
            .text_at("token_url")
            .ends_with(&format!("/v1/accounts/{account}/secure-anonymous/{id}/tokens"))
    );
    let one = format!("{path}/{id}");
    assert_eq!(world.read(&one).await.expect(200).json, created.json);
    assert_eq!(world.read(&path).await.expect(200).ids("id"), [id]);
    let changed =
        world.change(&one, &json!({ "token_duration": 60, "description": "Demos" })).await.expect(200);
    assert_eq!(
        (&changed.json["token_duration"], &changed.json["description"]),
        (&json!(60), &json!("Demos"))
    );
    world.delete(&one).await.expect(204);
    world.read(&one).await.expect_problem(404, "not_found");
}

#[tokio::test]
async fn f07_a_duration_is_60_s_to_24_h() {
    let world = World::shared();
    let account = world.create_account().await;
    let path = format!("/admin/v1/entities/{account}/providers");
    for valid in [json!(60), json!(86_400), json!(3600.0)] {
        world.create(&path, &body_with(&account, "token_duration", valid)).await.expect(201);
    }
    for bad in [json!(59), json!(86_401), json!(-1), json!(60.5), json!("600"), json!(null), json!(1e300)] {
        let answer = world.create(&path, &body_with(&account, "token_duration", bad)).await;
        answer.expect_invalid("token_duration");
    }
}

#[tokio::test]
async fn f07_privileged_grants_need_allow_privileged_and_are_flagged() {
    let world = World::shared();
    let account = world.create_account().await;
    let path = format!("/admin/v1/entities/{account}/providers");
    let mut body = body_with(&account, "grants", json!([{ "role": "auditor", "entity_id": account }]));
    world.create(&path, &body).await.expect_invalid("allow_privileged");
    body["allow_privileged"] = json!(true);
    let created = world.create(&path, &body).await.expect(201);
    assert_eq!(created.json["privileged"], true);
    let one = format!("{path}/{}", created.text_at("id"));
    world.change(&one, &json!({ "allow_privileged": false })).await.expect_problem(409, "conflict");
    let more = json!({ "grants": [{ "role": "account_admin", "entity_id": account }] });
    world.change(&one, &more).await.expect_invalid("allow_privileged");
}

#[tokio::test]
async fn f07_a_caller_cannot_make_a_provider_grant_more_than_it_holds() {
    let world = World::shared();
    let account = &world.demo.account_id;
    let grants = json!([{ "role": "customer_admin", "entity_id": account }]);
    let mut body = body_with(account, "grants", grants);
    body["allow_privileged"] = json!(true);
    let path = format!("/admin/v1/entities/{account}/providers");
    let call = world.post(&path).with_token_of(&world.demo.api_key).json(&body);
    call.send().await.expect_problem(403, "insufficient_scope");
}

#[tokio::test]
async fn an_invalid_field_is_named() {
    let world = World::shared();
    let account = &world.demo.account_id;
    let path = format!("/admin/v1/entities/{account}/providers");
    for (name, value) in [
        ("description", json!("")),
        ("description", json!("x".repeat(201))),
        ("description", json!(null)),
        ("grants", json!([])),
        ("allow_privileged", json!("yes")),
        ("audience", json!("x")),
    ] {
        world.create(&path, &body_with(account, name, value)).await.expect_invalid(name);
    }
}
