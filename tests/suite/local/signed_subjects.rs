//! Window S: the list of a project's users, devices and identities, and data of earlier versions.

use std::collections::HashMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};
use tokenbooth::TABLE;

use super::embedded::{ProxiedBooth, booth_behind_proxy, client};
use super::signed_limits::items;
use crate::support::call::now;
use crate::support::jwt;

const DAY: i64 = 86_400;

fn text<'a>(item: &'a HashMap<String, AttributeValue>, name: &str) -> &'a str {
    item[name].as_s().expect("a text")
}

/// The end of an item in Unix seconds, if it has one.
fn end(item: &HashMap<String, AttributeValue>) -> Option<i64> {
    item.get("expires_at").map(|end| end.as_n().expect("a number").parse().expect("a number"))
}

/// The kind, the id and the end of each entry of the project's list, ordered.
async fn subjects(booth: &ProxiedBooth) -> Vec<(String, String, Option<i64>)> {
    let dynamodb = client(&booth.proxy.url);
    let partition = format!("subjects#{}#", booth.world.demo.project.id);
    let mut entries = Vec::new();
    for item in items(&dynamodb, &partition).await {
        let (shard, (kind, hash)) =
            (&text(&item, "pk")[partition.len()..], text(&item, "sk").split_once('#').expect("a kind"));
        assert_eq!((shard.len(), hash.len()), (1, 26), "{item:?}");
        entries.push((kind.to_owned(), text(&item, "id").to_owned(), end(&item)));
    }
    entries.sort();
    entries
}

#[tokio::test]
async fn s12_every_user_is_listed_and_without_end_from_the_first_signed_call() {
    let booth = booth_behind_proxy(0).await;
    let (world, project) = (&booth.world, &booth.world.demo.project);
    let body = json!({ "user": "u", "device_id": "d" });
    world.attach(project, "", &body).await.expect(200);
    let entries = subjects(&booth).await;
    let [(kind, id, Some(first_end))] = &*entries else { panic!("{entries:?}") };
    assert_eq!((&**kind, &**id), ("user", "u"));
    assert!(*first_end >= now() + 90 * DAY, "longer than the history");
    world.attach(project, &project.token("u"), &body).await.expect(200);
    let permanent = [("user".to_owned(), "u".to_owned(), None)];
    assert_eq!(subjects(&booth).await, permanent);
    world.attach(project, "", &json!({ "user": "u", "device_id": "e" })).await.expect(200);
    assert_eq!(subjects(&booth).await, permanent, "an unsigned call does not bring the end back");
}

#[tokio::test]
async fn s12_the_entry_of_an_unsigned_user_exists_as_long_as_the_history_after_a_change_of_the_setting() {
    let booth = booth_behind_proxy(0).await;
    let (world, project) = (&booth.world, &booth.world.demo.project);
    let body = json!({ "user": "u", "device_id": "d" });
    world.attach(project, "", &body).await.expect(200);
    let path = format!("/admin/v1/entities/{}/projects/{}", world.demo.account_id, project.id);
    world.change(&path, &json!({ "history_days": 3650 })).await.expect(200);
    world.attach(project, "", &body).await.expect(200);
    let entries = subjects(&booth).await;
    assert!(entries[0].2.is_some_and(|end| end >= now() + 3650 * DAY), "{entries:?}");
}

#[tokio::test]
async fn s12_identities_and_devices_of_identifications_are_listed_until_their_history_ends() {
    let booth = booth_behind_proxy(0).await;
    let (world, project) = (&booth.world, &booth.world.demo.project);
    let body = json!({ "device_id": "d" });
    let identity = world.identify(project, "", &body).await.expect(200).text_at("identity");
    world.identify(project, &project.token("event"), &body).await.expect(200);
    let entries = subjects(&booth).await;
    let names: Vec<_> = entries.iter().map(|(kind, id, _)| (&**kind, &**id)).collect();
    assert_eq!(names, [("device", "d"), ("identity", &identity)]);
    assert!(entries.iter().all(|(_, _, end)| end.is_some_and(|end| end >= now() + 90 * DAY)), "{entries:?}");
}

/// Moves an item to another key.
async fn move_item(dynamodb: &Client, item: &HashMap<String, AttributeValue>, (pk, sk): (String, String)) {
    let mut moved = item.clone();
    moved.insert("pk".into(), AttributeValue::S(pk));
    moved.insert("sk".into(), AttributeValue::S(sk));
    dynamodb.put_item().table_name(TABLE).set_item(Some(moved)).send().await.expect("put");
    let delete = dynamodb.delete_item().table_name(TABLE).key("pk", item["pk"].clone());
    delete.key("sk", item["sk"].clone()).send().await.expect("deleted");
}

#[tokio::test]
async fn s06_an_event_that_an_earlier_version_stored_is_refused() {
    let booth = booth_behind_proxy(0).await;
    let world = &booth.world;
    let project = world.create_signing_project().await;
    let token = project.token("event");
    world.identify(&project, &token, &json!({})).await.expect(200);
    let dynamodb = client(&booth.proxy.url);
    let event = items(&dynamodb, &format!("event#{}#", project.id)).await.remove(0);
    let old_pk = format!("event#{}#{}", project.id, text(&event, "sk"));
    move_item(&dynamodb, &event, (old_pk, "event".to_owned())).await;
    world.identify(&project, &token, &json!({})).await.expect_problem(401, "invalid_credentials");
}

#[tokio::test]
async fn s12_a_project_of_an_earlier_version_keeps_its_behavior() {
    let booth = booth_behind_proxy(0).await;
    let (world, project) = (&booth.world, &booth.world.demo.project);
    let dynamodb = client(&booth.proxy.url);
    let pk = format!("project#{}", project.id);
    let mut item = items(&dynamodb, &pk).await.remove(0);
    for name in
        ["unsigned_rate_limit", "unsigned_device_management", "unsigned_device_days", "signed_token_seconds"]
    {
        item.remove(name).expect("an attribute of the new version");
    }
    dynamodb.put_item().table_name(TABLE).set_item(Some(item)).send().await.expect("put");
    let call = world.post("/token/sign").bearer(&project.api_secret).json(&json!({ "user": "u" }));
    let token = call.send().await.expect(200).text_at("secret");
    assert_eq!(jwt::claims(&token).get("exp"), None);
    let path = format!("/admin/v1/entities/{}/projects/{}", world.demo.account_id, project.id);
    let read = world.read(&path).await.expect(200).json;
    assert_eq!(read["signed_token_seconds"], Value::Null);
    assert_eq!(
        (&read["unsigned_device_management"], &read["unsigned_device_days"]),
        (&json!(false), &json!(30))
    );
}
