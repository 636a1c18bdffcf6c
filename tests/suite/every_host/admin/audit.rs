//! The audit log (A4).

use serde_json::json;

use crate::support::world::World;

#[tokio::test]
async fn a4_every_change_is_logged_with_actor_action_time_and_address() {
    let world = World::shared();
    let account = world.create_account().await;
    let integration = world.create_integration(&account, "auditor").await;
    let key = world.create_key(&account, &integration).await;
    let keys = format!("/admin/v1/entities/{account}/integrations/{integration}/keys");
    world.create(&format!("{keys}/{}/rotate", key.id), &json!({})).await.expect(201);
    let (provider, _) = world.create_provider(&account).await;
    let path = format!("/admin/v1/entities/{account}");
    world.change(&format!("{path}/providers/{provider}"), &json!({ "status": "disabled" })).await.expect(200);
    world.delete(&format!("{path}/providers/{provider}")).await.expect(204);

    let log = world.read_audit_log(&account).await;
    assert_eq!(
        log.ids("action"),
        [
            "provider.delete",
            "provider.update",
            "provider.create",
            "api_key.rotate",
            "api_key.create",
            "integration.create",
            "entity.create",
        ],
        "newest first"
    );
    for item in log.json["items"].as_array().expect("items") {
        assert_eq!(item["actor"], json!({ "client_id": world.demo.admin_key.id, "via": "bearer" }));
        assert_eq!(item["entity_id"], *account);
        assert!(item["source_ip"].is_string(), "{item}");
        assert!(item["at"].as_str().expect("a time").ends_with('Z'));
    }
    assert_eq!(log.json["items"][1]["changes"], json!({ "status": "disabled" }));
    assert_eq!(log.json["items"][1]["target"], json!({ "kind": "provider", "id": provider }));
}

#[tokio::test]
async fn a4_the_log_of_an_entity_includes_the_entities_below_it() {
    let world = World::shared();
    let organization = world.create_entity(&world.demo.customer_id).await;
    let account = world.create_entity(&organization).await;
    let beside = world.create_entity(&world.demo.customer_id).await;
    let log = async |entity: &str| {
        let log = world.read(&format!("/admin/v1/audit-log?entity_id={entity}&limit=100")).await.expect(200);
        let items = log.json["items"].as_array().expect("items").clone();
        items.iter().map(|item| item["target"]["id"].as_str().expect("an id").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(log(&organization).await, [account.clone(), organization]);
    assert_eq!(log(&account).await, [account]);
    assert_eq!(log(&beside).await, [beside]);
}

#[tokio::test]
async fn a4_a_refused_change_leaves_no_record_and_the_log_is_paged() {
    let world = World::shared();
    let account = world.create_account().await;
    let path = format!("/admin/v1/entities/{account}");
    world.change(&path, &json!({ "parent_id": world.demo.customer_id })).await.expect(409);
    for _ in 0..3 {
        world.change(&path, &json!({ "api_enabled": true })).await.expect(200);
    }
    let first = world.read(&format!("/admin/v1/audit-log?entity_id={account}&limit=3")).await.expect(200);
    let cursor = first.text_at("next_cursor");
    let rest = world.read(&format!("/admin/v1/audit-log?entity_id={account}&limit=3&cursor={cursor}")).await;
    assert_eq!(first.ids("action"), ["entity.update"; 3]);
    assert_eq!(rest.expect(200).ids("action"), ["entity.create"]);
}

#[tokio::test]
async fn a4_without_entity_id_the_log_is_that_of_the_caller_s_highest_entity() {
    let world = World::shared();
    let account = world.create_account().await;
    let key = world.create_key_with_role(&account, "auditor").await;
    let own = world.get("/admin/v1/audit-log").with_token_of(&key).send().await.expect(200);
    let named =
        world.get(&format!("/admin/v1/audit-log?entity_id={account}")).with_token_of(&key).send().await;
    assert_eq!(own.json, named.expect(200).json);
    let above =
        world.get(&format!("/admin/v1/audit-log?entity_id={}", world.demo.customer_id)).with_token_of(&key);
    above.send().await.expect_problem(403, "insufficient_scope");
}
