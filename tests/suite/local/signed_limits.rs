//! Window S limits what callers without a valid token can use up.

use std::collections::HashMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};
use tokenbooth::TABLE;

use super::clock::world_with_clock;
use super::embedded::{booth_behind_proxy, client};
use crate::support::call::now;
use crate::support::jwt::sign_hs256;
use crate::support::world::World;

/// The notices about refused calls of an entity.
async fn refusals(world: &World, entity: &str) -> Vec<Value> {
    let path = format!("/admin/v1/notices?entity_id={entity}&limit=100");
    let log = world.get(&path).with_token_of(&world.demo.admin_key).send().await.expect(200);
    let items = log.json["items"].as_array().expect("items").clone();
    items.into_iter().filter(|it| it["action"] == "project.refuse_access").collect()
}

/// Sends this number of calls without a token, on each route in turn.
async fn send_unsigned_calls(world: &World, count: usize) {
    let project = &world.demo.project;
    let body = json!({ "user": "u", "device": "d" });
    for number in 0..count {
        let answer = match number % 4 {
            0 => world.attach(project, "", &body).await,
            1 => world.identify(project, "", &body).await,
            2 => world.post_for_project(project, "/v2/access/detach", "").json(&body).send().await,
            _ => {
                let list = world.get("/v2/access/user/u/attached_devices");
                list.header("Authorization", &project.basic("")).send().await
            }
        };
        answer.expect_problem(401, "invalid_credentials");
    }
}

#[tokio::test]
async fn s09_an_unauthenticated_caller_cannot_flood_the_audit_log() {
    let (world, clock) = world_with_clock(0);
    let (account, project) = (world.demo.account_id.clone(), world.demo.project.id.clone());
    let path = format!("/admin/v1/entities/{account}/projects/{project}");
    let settings = json!({ "require_signed_tokens": true, "history_days": 2 });
    clock.change(&world, &path, &settings).await.expect(200);
    let began = clock.unix_second();
    send_unsigned_calls(&world, 24).await;
    let recorded = refusals(&world, &account).await;
    assert_eq!(recorded.len(), 10, "10 an hour are recorded, over all routes");
    clock.set(began + 3600);
    send_unsigned_calls(&world, 12).await;
    assert_eq!(refusals(&world, &account).await.len(), 20);
    for above in [&world.demo.organization_id, &world.demo.customer_id] {
        assert!(
            refusals(&world, above).await.is_empty(),
            "only the log of the project's own entity has the records"
        );
    }
    clock.set(began + 2 * 86_400 - 1);
    assert_eq!(refusals(&world, &account).await.len(), 20);
    clock.set(began + 2 * 86_400);
    assert_eq!(
        refusals(&world, &account).await.len(),
        10,
        "ended records are hidden although the table may still hold them"
    );
}

#[tokio::test]
async fn s11_an_unsigned_list_or_detach_is_recorded_as_refused() {
    let (world, _) = world_with_clock(0);
    let (account, project) = (world.demo.account_id.clone(), world.demo.project.clone());
    let list = world.get("/v2/access/user/u/attached_devices");
    list.header("Authorization", &project.basic("")).send().await.expect(401);
    let detach = world.post_for_project(&project, "/v2/access/detach", &project.token("v"));
    detach.json(&json!({ "user": "u", "device": "d" })).send().await.expect(401);
    let recorded = refusals(&world, &account).await;
    let mut details: Vec<_> = recorded.iter().map(|it| it["details"].to_string()).collect();
    details.sort();
    let expected = [("attached-devices", "no_token"), ("detachment", "other_user")];
    assert_eq!(details, expected.map(|(call, reason)| json!({ "call": call, "reason": reason }).to_string()));
}

/// The items whose partition key starts with this prefix.
pub(super) async fn items(client: &Client, partition: &str) -> Vec<HashMap<String, AttributeValue>> {
    let all = client.scan().table_name(TABLE).send().await.expect("a scan").items.expect("items");
    let has_prefix = |pk: &AttributeValue| pk.as_s().expect("a text").starts_with(partition);
    all.into_iter().filter(|item| has_prefix(&item["pk"])).collect()
}

#[tokio::test]
async fn s08_a_user_s_history_is_read_from_the_user_s_own_partition() {
    let booth = booth_behind_proxy(0).await;
    let (world, project) = (&booth.world, &booth.world.demo.project);
    let body = json!({ "user": "u", "device_id": "d", "identity": "i" });
    world.attach(project, &project.token("u"), &body).await.expect(200);
    let dynamodb = client(&booth.proxy.url);
    for item in items(&dynamodb, &format!("history#{}#device#", project.id)).await {
        let delete = dynamodb.delete_item().table_name(TABLE).key("pk", item["pk"].clone());
        delete.key("sk", item["sk"].clone()).send().await.expect("deleted");
    }
    for (query, total) in
        [("user=u&device=d", 1), ("user=u&device=d&identity=i", 1), ("device=d&identity=i", 0)]
    {
        let found = world.history(project, query).await.expect(200);
        assert_eq!(found.json["totalDocs"], total, "{query}");
    }
}

#[tokio::test]
async fn s08_the_history_limit_is_60_a_minute_and_a_setting_can_only_lower_it() {
    let (world, _) = world_with_clock(0);
    for (settings, policy) in [
        (json!({}), "\"project\";q=60;w=60"),
        (json!({ "rate_limit": { "requests": 600, "seconds": 1 } }), "\"project\";q=60;w=60"),
        (json!({ "rate_limit": { "requests": 2, "seconds": 60 } }), "\"project\";q=2;w=60"),
    ] {
        let project = world.create_project(&settings).await;
        let answer = world.history(&project, "user=u").await.expect(200);
        assert_eq!(answer.header("ratelimit-policy"), policy, "{settings}");
    }
}

#[tokio::test]
async fn s05_a_user_has_at_most_500_devices_of_signed_calls() {
    let booth = booth_behind_proxy(0).await;
    let (world, project) = (&booth.world, &booth.world.demo.project);
    let token = project.token("u");
    let attach = async |device: &str| {
        world.attach(project, &token, &json!({ "user": "u", "device_id": device })).await
    };
    attach("first").await.expect(200);
    let dynamodb = client(&booth.proxy.url);
    let counters = items(&dynamodb, &format!("attached#{}#", project.id)).await;
    let is_counter =
        |item: &HashMap<String, AttributeValue>| item["sk"] == AttributeValue::S("devices".into());
    let mut counter = counters.into_iter().find(is_counter).expect("a counter");
    for (count, case, status) in [(499, "last", 200), (500, "beyond", 409)] {
        counter.insert("dependents".into(), AttributeValue::N(count.to_string()));
        dynamodb.put_item().table_name(TABLE).set_item(Some(counter.clone())).send().await.expect("put");
        let answer = attach(case).await;
        assert_eq!(answer.status, status, "{case}");
        if status == 409 {
            answer.expect_problem(409, "limit_exceeded");
        }
        attach("first").await.expect(200);
    }
}

#[tokio::test]
async fn s06_a_used_event_is_stored_until_its_token_expires_or_without_end() {
    let booth = booth_behind_proxy(0).await;
    let world = &booth.world;
    let project = world.create_signing_project().await;
    let end = now() + 600;
    let header = json!({ "alg": "HS256" });
    let expiring = json!({ "user": "expiring", "exp": end });
    world
        .identify(&project, &sign_hs256(&header, &expiring, &project.api_secret), &json!({}))
        .await
        .expect(200);
    world.identify(&project, &project.token("without-exp"), &json!({})).await.expect(200);
    let events = items(&client(&booth.proxy.url), &format!("event#{}#", project.id)).await;
    let mut ends: Vec<_> = events.iter().map(|it| it.get("expires_at").cloned()).collect();
    ends.sort_by_key(Option::is_some);
    assert_eq!(ends, [None, Some(AttributeValue::N((end + 5).to_string()))]);
}
