//! The audit log (A4, A13).

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

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
        assert!(item["source_ip"].is_string() && item["source_ip_hash"].is_string(), "{item}");
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
    for number in 0..3 {
        world.change(&path, &json!({ "api_enabled": number % 2 == 1 })).await.expect(200);
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

/// The hash of a record, computed as docs/wire-formats.md describes it. The values of these records have no fractions and no
/// characters that JSON writers escape differently, so `serde_json` with sorted names writes canonical JSON.
fn hash(record: &Value) -> String {
    let mut fields = record.as_object().expect("a record").clone();
    fields.retain(|name, _| !["hash", "source_ip"].contains(&name.as_str()));
    data_encoding::HEXLOWER.encode(&Sha256::digest(Value::Object(fields).to_string()))
}

#[tokio::test]
async fn a13_the_records_of_an_entity_are_chained_and_its_ancestors_have_the_same_records() {
    let world = World::shared();
    let account = world.create_account().await;
    let beside = world.create_account().await;
    for name in ["one", "two"] {
        let name = crate::support::world::unique(name);
        world.change(&format!("/admin/v1/entities/{account}"), &json!({ "name": name })).await.expect(200);
    }
    let log = world.read_audit_log(&account).await;
    let mut records = log.json["items"].as_array().expect("items").clone();
    records.reverse();
    assert_eq!(records.len(), 3);
    for (number, record) in (1..).zip(&records) {
        assert_eq!((&record["sequence"], record["hash"].as_str()), (&json!(number), Some(&*hash(record))));
        let above = [&world.demo.organization_id, &world.demo.customer_id];
        assert_eq!(record["ancestors"], json!(above), "a copy is in each of their logs");
    }
    assert_eq!(records[0]["previous"], Value::Null);
    assert_eq!(
        (&records[1]["previous"], &records[2]["previous"]),
        (&records[0]["hash"], &records[1]["hash"])
    );
    let first = world.read(&format!("/admin/v1/audit-log?entity_id={beside}")).await.expect(200);
    assert_eq!(first.json["items"][0]["sequence"], 1, "each entity has a chain of its own");
    for above in [&world.demo.organization_id, &world.demo.customer_id] {
        let path = format!("/admin/v1/audit-log?entity_id={above}&target={account}");
        let mut copies = world.read(&path).await.expect(200).json["items"].as_array().expect("items").clone();
        copies.reverse();
        assert_eq!(copies, records);
    }
}

#[tokio::test]
async fn a13_the_log_is_filtered_by_time_action_actor_and_target() {
    let world = World::shared();
    let account = world.create_account().await;
    let integration = world.create_integration(&account, "auditor").await;
    let key = world.create_key(&account, &integration).await;
    let all = world.read_audit_log(&account).await;
    let at = |index: usize| all.json["items"][index]["at"].as_str().expect("a time").to_owned();
    let admin = &world.demo.admin_key.id;
    let (first, last) = (at(2), at(0));
    for (filter, expected) in [
        ("action=integration.create".to_owned(), &["integration.create"][..]),
        ("action=integration.delete".to_owned(), &[]),
        ("target=api_key".to_owned(), &["api_key.create"]),
        (format!("target={}", key.id), &["api_key.create"]),
        (format!("target={account}&action=entity.create"), &["entity.create"]),
        (format!("target={account}&action=api_key.create"), &[]),
        (format!("actor={admin}&target=entity"), &["entity.create"]),
        (format!("actor={}", key.id), &[]),
        (format!("to={first}"), &[]),
        (format!("from={last}&action=api_key.create"), &["api_key.create"]),
        ("from=2020-01-01T00:00:00Z&to=2021-01-01T00:00:00Z".to_owned(), &[]),
        ("from=2100-01-01T00:00:00Z".to_owned(), &[]),
        (
            "from=2020-01-01T00:00:00Z&to=2100-01-01T00:00:00Z".to_owned(),
            &["api_key.create", "integration.create", "entity.create"],
        ),
    ] {
        let found =
            world.read(&format!("/admin/v1/audit-log?entity_id={account}&{filter}")).await.expect(200);
        assert_eq!(found.ids("action"), expected, "{filter}");
    }
}

#[tokio::test]
async fn a13_a_wrong_filter_is_refused_by_name() {
    let world = World::shared();
    for (query, name) in [
        ("from=yesterday", "from"),
        ("to=2026-13-01T00:00:00Z", "to"),
        ("from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z", "to"),
        ("action=", "action"),
        ("action=%C3%A4", "action"),
        ("actor=me", "actor"),
        ("target=a%20b", "target"),
        ("from=2026-01-01T00:00:00Z&from=2026-01-01T00:00:00Z", "from"),
        ("source_ip=127.0.0.1", "source_ip"),
    ] {
        world.read(&format!("/admin/v1/audit-log?{query}")).await.expect_invalid(name);
    }
    world.read("/admin/v1/notices?action=token.revoke").await.expect_invalid("action");
}

#[tokio::test]
async fn a13_a_cursor_works_only_with_the_filter_it_was_made_for() {
    let world = World::shared();
    let account = world.create_account().await;
    for number in 0..3 {
        world
            .change(&format!("/admin/v1/entities/{account}"), &json!({ "api_enabled": number % 2 == 1 }))
            .await
            .expect(200);
    }
    let log = format!("/admin/v1/audit-log?entity_id={account}");
    let filter = "&action=entity.update&from=2020-01-01T00:00:00Z";
    let first = world.read(&format!("{log}{filter}&limit=2")).await.expect(200);
    assert_eq!(first.ids("action"), ["entity.update"; 2]);
    let cursor = first.text_at("next_cursor");
    for other in ["", "&action=entity.update", "&from=2020-01-01T00:00:00Z", "&target=entity"] {
        world.read(&format!("{log}{other}&cursor={cursor}")).await.expect_invalid("cursor");
    }
    let rest = world.read(&format!("{log}{filter}&limit=2&cursor={cursor}")).await.expect(200);
    assert_eq!(rest.ids("action"), ["entity.update"]);
}
