//! Tenants never see or affect each other (A6).

use reqwest::Method;
use serde_json::json;

use crate::support::world::{World, tokens_path, unique};

#[tokio::test]
async fn a6_resources_of_another_customer_are_404() {
    let world = World::shared();
    let rival = &world.rival;
    let entity = format!("/admin/v1/entities/{}", rival.account_id);
    let missing_path = "/admin/v1/entities/account-01a1fd8d-3dcf-75c4-bdaa-93d15384ab40";
    let missing = world.read(missing_path).await.expect_problem(404, "not_found");
    for path in [
        entity.clone(),
        format!("/admin/v1/entities/{}", rival.customer_id),
        format!("/admin/v1/entities?parent_id={}", rival.organization_id),
        format!("{entity}/integrations"),
        format!("{entity}/providers"),
        format!("{entity}/providers/{}", rival.secure_anonymous.provider_id),
        format!("/admin/v1/audit-log?entity_id={}", rival.account_id),
    ] {
        let answer = world.read(&path).await.expect_problem(404, "not_found");
        assert_eq!(answer.text, missing.text, "different from a missing resource: {path}");
    }
}

#[tokio::test]
async fn a6_resources_of_another_customer_cannot_be_changed() {
    let world = World::shared();
    let (rival, admin) = (&world.rival, &world.demo.admin_key);
    let entity = format!("/admin/v1/entities/{}", rival.account_id);
    let grants = json!([{ "role": "launchpad_user", "entity_id": rival.account_id }]);
    for (method, path, body) in [
        (Method::PATCH, entity.clone(), json!({ "status": "disabled" })),
        (Method::DELETE, entity.clone(), json!({})),
        (
            Method::POST,
            "/admin/v1/entities".into(),
            json!({ "parent_id": rival.organization_id, "name": "x" }),
        ),
        (Method::POST, format!("{entity}/integrations"), json!({ "name": unique("x"), "grants": grants })),
        (Method::DELETE, format!("{entity}/providers/{}", rival.secure_anonymous.provider_id), json!({})),
    ] {
        let call = world.call(method.clone(), &path).with_token_of(admin).json(&body);
        let answer = call.send().await;
        assert_eq!(answer.status, 404, "{method} {path}: {}", answer.text);
    }
    let own = format!("/admin/v1/entities/{}/integrations", world.demo.account_id);
    let body = json!({ "name": unique("x"), "grants": grants });
    world.create(&own, &body).await.expect_problem(404, "not_found");
}

#[tokio::test]
async fn a6_a_provider_of_another_customer_issues_no_token() {
    let world = World::shared();
    let rival = &world.rival;
    let tokens = tokens_path(&rival.account_id, &rival.secure_anonymous.provider_id);
    world.request_token(&tokens, &world.demo.admin_key).await.expect_problem(404, "not_found");
    world.request_token(&tokens, &rival.api_key).await.expect(200);
    let mixed = tokens_path(&world.demo.account_id, &rival.secure_anonymous.provider_id);
    world.request_token(&mixed, &world.demo.admin_key).await.expect_problem(404, "not_found");
}

#[tokio::test]
async fn a6_two_customers_can_have_the_same_name() {
    let world = World::shared();
    let seen = world.get("/admin/v1/entities").with_token_of(&world.rival.admin_key).send().await.expect(200);
    let theirs = seen.json["items"][0]["name"].clone();
    let path = format!("/admin/v1/entities/{}", world.demo.customer_id);
    let own = world.read(&path).await.expect(200).json["name"].clone();
    world.change(&path, &json!({ "name": theirs })).await.expect(200);
    world.change(&path, &json!({ "name": own })).await.expect(200);
}

#[tokio::test]
async fn a6_disabling_an_entity_does_not_affect_another_customer() {
    let world = World::shared();
    let path = format!("/admin/v1/entities/{}", world.create_account().await);
    world.change(&path, &json!({ "status": "disabled" })).await.expect(200);
    let rival = &world.rival;
    let tokens = tokens_path(&rival.account_id, &rival.secure_anonymous.provider_id);
    world.request_token(&tokens, &rival.api_key).await.expect(200);
    let seen =
        world.get("/admin/v1/entities").with_token_of(&rival.admin_key).send().await.expect(200).ids("id");
    assert_eq!(seen, std::slice::from_ref(&rival.customer_id));
}
