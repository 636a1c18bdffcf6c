//! An attacker who reads the audit log or the table wants to know who did something, or from where, long after it happened
//! (A13).

use serde_json::{Value, json};

use super::super::clock::world_with_clock;
use super::super::embedded::{booth_behind_proxy, client};
use super::super::signed_limits::items;
use crate::support::oauth::REVOKE;
use crate::support::project::Project;
use crate::support::world::unique;

/// The address that tests call from.
const ADDRESS: &str = "127.0.0.1";

#[tokio::test]
async fn a13_the_source_address_of_a_change_ends_after_90_days_and_its_hash_stays() {
    let (world, clock) = world_with_clock(0);
    let account = world.demo.account_id.clone();
    let entity = format!("/admin/v1/entities/{account}");
    clock.change(&world, &entity, &json!({ "name": unique("account") })).await.expect(200);
    let began = clock.unix_second();
    let newest = async |at: i64| {
        clock.set(at);
        let log = world.get(&format!("/admin/v1/audit-log?entity_id={account}&action=entity.update"));
        let log = log.with_token_of(&world.demo.admin_key).send().await;
        log.expect(200).json["items"][0].clone()
    };
    let first = newest(began).await;
    assert_eq!(first["source_ip"], ADDRESS);
    assert_eq!(newest(began + 90 * 86_400 - 1).await["source_ip"], ADDRESS);
    let last = newest(began + 90 * 86_400).await;
    assert_eq!((&last["source_ip"], &last["source_ip_hash"]), (&Value::Null, &first["source_ip_hash"]));
    assert_eq!(last["hash"], first["hash"]);
}

#[tokio::test]
async fn a13_only_items_that_end_contain_a_source_address_or_an_end_user() {
    let booth = booth_behind_proxy(0).await;
    let world = &booth.world;
    let project = Project::new(world).await;
    let person = "alice@person.example";
    let tokens = ["a", "b"].map(|user| project.sign(&json!({ "user": user, "jti": person }), true));
    world.post_form(REVOKE, &project.client_credentials(), &[("token", &tokens[0])]).await.expect(200);
    world.revoke(&world.demo.admin_key, &tokens[1]).await.expect(200);
    let path = format!("/admin/v1/entities/{}/projects/{}", project.account, project.id);
    world.change(&path, &json!({ "require_signed_tokens": true })).await.expect(200);
    world.attach(&project, "", &json!({ "user": person })).await.expect(401);

    let mut ending = 0;
    for partition in ["audit", "audit-address", "chain", "notice"] {
        for item in items(&client(&booth.proxy.url), &format!("{partition}#")).await {
            let text = format!("{item:?}");
            if item.contains_key("expires_at") {
                ending += usize::from(text.contains(ADDRESS));
                assert!(!text.contains(person), "{text}");
            } else {
                assert!(!text.contains(ADDRESS) && !text.contains(person), "{text}");
            }
        }
    }
    assert!(ending >= 3, "the check would hold for anything: {ending}");
}

#[tokio::test]
async fn a13_equal_addresses_have_equal_hashes_within_a_customer_only() {
    let booth = booth_behind_proxy(0).await;
    let world = &booth.world;
    let mut hashes = Vec::new();
    for tenant in [&world.demo, &world.rival] {
        for _ in 0..2 {
            let path = format!("/admin/v1/entities/{}", tenant.account_id);
            let change = world.call(reqwest::Method::PATCH, &path).with_token_of(&tenant.admin_key);
            change.json(&json!({ "name": unique("account") })).send().await.expect(200);
            let log = world.get(&format!("/admin/v1/audit-log?entity_id={}&limit=1", tenant.account_id));
            let log = log.with_token_of(&tenant.admin_key).send().await.expect(200);
            hashes.push(log.json["items"][0]["source_ip_hash"].as_str().expect("a hash").to_owned());
        }
    }
    assert_eq!(hashes[0], hashes[1]);
    assert_eq!(hashes[2], hashes[3]);
    assert_ne!(hashes[0], hashes[2], "two customers' records cannot be linked");
}
