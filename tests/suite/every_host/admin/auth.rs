//! Authentication and authorization in the Admin API (A4, F5).

use serde_json::json;

use crate::support::world::{World, unique};

const ENTITIES: &str = "/admin/v1/entities";

#[tokio::test]
async fn a4_a_signature_and_an_access_token_at_once_are_refused() {
    let world = World::shared();
    let key = &world.demo.admin_key;
    world.get(ENTITIES).with_token_of(key).send().await.expect(200);
    let both = world.get(ENTITIES).with_token_of(key).signed(key);
    both.send().await.expect_problem(401, "invalid_credentials");
    let none = world.get(ENTITIES).send().await.expect_problem(401, "invalid_credentials");
    assert!(none.header("www-authenticate").contains("Bearer"));
}

#[tokio::test]
async fn a4_anonymous_and_invalid_tokens_are_refused() {
    let world = World::shared();
    let access = world.redeem(&world.demo.admin_key).await.expect(200).text_at("token");
    let anonymous = world.request_token(&world.demo_tokens(), &world.demo.api_key).await.expect(200);
    let (head, _) = access.rsplit_once('.').expect("three parts");
    for (case, token) in [
        ("anonymous", anonymous.json.as_str().expect("a token").to_owned()),
        ("unsigned", format!("{head}.")),
        ("other signature", format!("{head}.{}", "A".repeat(342))),
        ("none", "x".to_owned()),
        ("long", "x".repeat(7000)),
    ] {
        let answer = world.get(ENTITIES).bearer(&token).send().await;
        assert_eq!(answer.status, 401, "{case}");
    }
}

#[tokio::test]
async fn f05_a_launchpad_user_cannot_read_from_the_admin_api() {
    let world = World::shared();
    let token = world.redeem(&world.demo.launchpad_key).await.expect(200).text_at("token");
    let entity = format!("{ENTITIES}/{}", world.demo.account_id);
    for path in [
        ENTITIES.to_owned(),
        entity.clone(),
        format!("{entity}/integrations"),
        format!("{entity}/providers"),
        "/admin/v1/roles".to_owned(),
        "/admin/v1/audit-log".to_owned(),
    ] {
        world.get(&path).bearer(&token).send().await.expect_problem(403, "insufficient_scope");
    }
}

#[tokio::test]
async fn f03_an_auditor_reads_an_entity_and_cannot_create_one() {
    let world = World::shared();
    let auditor = world.create_key_with_role(&world.demo.organization_id, "auditor").await;
    let path = format!("{ENTITIES}/{}", world.demo.account_id);
    world.get(&path).with_token_of(&auditor).send().await.expect(200);
    let body = json!({ "parent_id": world.demo.organization_id, "name": unique("entity") });
    let create = world.post(ENTITIES).with_token_of(&auditor).json(&body);
    create.send().await.expect_problem(403, "insufficient_scope");
}

#[tokio::test]
async fn f03_a_grant_works_on_its_entity_and_below_only() {
    let world = World::shared();
    let organization = world.create_entity(&world.demo.customer_id).await;
    let account = world.create_entity(&organization).await;
    let key = world.create_key_with_role(&organization, "organization_admin").await;
    for (entity, status) in
        [(&organization, 200), (&account, 200), (&world.demo.customer_id, 403), (&world.demo.account_id, 403)]
    {
        let answer = world.get(&format!("{ENTITIES}/{entity}")).with_token_of(&key).send().await;
        assert_eq!(answer.status, status, "{entity}");
    }
    let seen = world.get(ENTITIES).with_token_of(&key).send().await.expect(200).ids("id");
    assert_eq!(seen, [organization]);
}

#[tokio::test]
async fn a4_no_one_grants_a_role_above_its_own() {
    let world = World::shared();
    let account = &world.demo.account_id;
    let path = format!("{ENTITIES}/{account}/integrations");
    let grant = |role: &str, entity: &str| json!([{ "role": role, "entity_id": entity }]);
    for (role, status) in [
        ("customer_admin", 403),
        ("organization_admin", 403),
        ("account_admin", 201),
        ("launchpad_user", 201),
    ] {
        let body = json!({ "name": unique("integration"), "grants": grant(role, account) });
        let answer = world.post(&path).with_token_of(&world.demo.api_key).json(&body).send().await;
        assert_eq!(answer.status, status, "{role}: {}", answer.text);
    }
    let body =
        json!({ "name": unique("integration"), "grants": grant("auditor", &world.demo.organization_id) });
    let answer = world.post(&path).with_token_of(&world.demo.api_key).json(&body).send().await;
    assert!([403, 409].contains(&answer.status.as_u16()), "{}", answer.text);
}

#[tokio::test]
async fn a4_no_one_can_change_an_integration_with_a_role_above_its_own() {
    let world = World::shared();
    let account = &world.demo.account_id;
    let above = world.create_integration(account, "organization_admin").await;
    let path = format!("{ENTITIES}/{account}/integrations/{above}");
    let key = &world.demo.api_key;
    let make = world.post(&format!("{path}/keys")).with_token_of(key).json(&json!({ "name": "mine" }));
    make.send().await.expect_problem(403, "insufficient_scope");
    let rename =
        world.call(reqwest::Method::PATCH, &path).with_token_of(key).json(&json!({ "name": "mine" }));
    rename.send().await.expect_problem(403, "insufficient_scope");
}

#[tokio::test]
async fn f01_f02_a_key_of_a_disabled_entity_or_switch_cannot_administer() {
    let world = World::shared();
    for off in [json!({ "status": "disabled" }), json!({ "api_enabled": false })] {
        let account = world.create_account().await;
        let key = world.create_key_with_role(&account, "account_admin").await;
        let token = world.redeem(&key).await.expect(200).text_at("token");
        world.change(&format!("{ENTITIES}/{account}"), &off).await.expect(200);
        world.get(ENTITIES).bearer(&token).send().await.expect_problem(403, "entity_disabled");
    }
}

#[tokio::test]
async fn k05_a_token_has_no_more_rights_than_its_key_has_now() {
    let world = World::shared();
    let account = world.create_account().await;
    let integration = world.create_integration(&account, "auditor").await;
    let key = world.create_key(&account, &integration).await;
    let token = world.redeem(&key).await.expect(200).text_at("token");
    let of_integration = format!("{ENTITIES}/{account}/integrations/{integration}");
    let providers = format!("{ENTITIES}/{account}/providers");

    let more = json!({ "grants": [{ "role": "account_admin", "entity_id": account }] });
    world.change(&of_integration, &more).await.expect(200);
    let grants = json!([{ "role": "launchpad_user", "entity_id": account }]);
    let body = json!({ "description": "x", "token_duration": 60, "grants": grants });
    let create = world.post(&providers).bearer(&token).json(&body);
    create.send().await.expect_problem(403, "insufficient_scope");
    world.get(&providers).bearer(&token).send().await.expect(200);

    let less = json!({ "grants": grants });
    world.change(&of_integration, &less).await.expect(200);
    world.get(&providers).bearer(&token).send().await.expect_problem(403, "insufficient_scope");

    let one = format!("{of_integration}/keys/{}", key.id);
    world.change(&one, &json!({ "status": "disabled" })).await.expect(200);
    world.get(&providers).bearer(&token).send().await.expect_problem(401, "invalid_credentials");
}
