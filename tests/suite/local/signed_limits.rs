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
    let expected = [
        json!({ "call": "attached-devices", "reason": "no_token", "user": null }),
        json!({ "call": "detachment", "reason": "other_user", "user": "v" }),
    ];
    assert_eq!(details, expected.map(|details| details.to_string()));
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
async fn s12_a_page_of_a_filtered_history_reads_a_bounded_number_of_calls() {
    let booth = booth_behind_proxy(0).await;
    let (world, project) = (&booth.world, &booth.world.demo.project);
    for device in ["rare", "common"] {
        let body = json!({ "user": "u", "device_id": device });
        world.attach(project, &project.token("u"), &body).await.expect(200);
    }
    let dynamodb = client(&booth.proxy.url);
    let history = items(&dynamodb, &format!("history#{}#user#", project.id)).await;
    let is_common =
        |item: &&HashMap<String, AttributeValue>| item["device"] == AttributeValue::S("common".into());
    let common = history.iter().find(is_common).expect("a call");
    for number in 0..600 {
        let id = AttributeValue::S(format!("ffffffff-0000-7000-8000-{number:012}"));
        let mut copy = common.clone();
        copy.extend([("sk".to_owned(), id.clone()), ("id".to_owned(), id)]);
        dynamodb.put_item().table_name(TABLE).set_item(Some(copy)).send().await.expect("put");
    }
    let account = &world.demo.account_id;
    let path =
        format!("/admin/v1/entities/{account}/projects/{}/access-history?user=u&device=rare", project.id);
    let first = world.read(&path).await.expect(200);
    assert_eq!(first.json["items"], json!([]), "500 of the 602 calls were read");
    let second = world.read(&format!("{path}&cursor={}", first.text_at("next_cursor"))).await.expect(200);
    assert_eq!((second.ids("device"), &second.json["next_cursor"]), (vec!["rare".to_owned()], &Value::Null));
}

#[tokio::test]
async fn s12_the_months_of_signed_tokens_are_listed_newest_first() {
    let (world, clock) = world_with_clock(0);
    let project = world.demo.project.clone();
    let began = clock.unix_second();
    for month in 0..3 {
        clock.set(began + month * 31 * 86_400);
        for _ in 0..=month {
            let sign = world.post("/token/sign").bearer(&project.api_secret).json(&json!({ "user": "u" }));
            sign.send().await.expect(200);
        }
    }
    let path =
        format!("/admin/v1/entities/{}/projects/{}/metered-requests", world.demo.account_id, project.id);
    let page = world.read(&format!("{path}?limit=2")).await.expect(200);
    let rest =
        world.read(&format!("{path}?limit=2&cursor={}", page.text_at("next_cursor"))).await.expect(200);
    let months = [
        page.json["items"].as_array().expect("items").clone(),
        rest.json["items"].as_array().expect("items").clone(),
    ]
    .concat();
    let requests: Vec<_> = months.iter().map(|month| month["requests"].clone()).collect();
    assert_eq!(requests, [3, 2, 1]);
    let names: Vec<_> = months.iter().map(|month| month["month"].as_str().expect("a month")).collect();
    assert!(names.is_sorted_by(|newer, older| newer > older), "{names:?}");
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
