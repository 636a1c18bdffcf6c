//! The attacker knows the project's public client id, and wants to fill the table without bound (S11).

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};

use crate::local::clock::world_with_clock;
use crate::local::embedded::{booth_behind_proxy, client};
use crate::local::signed_limits::items;
use crate::support::call::{now, send_concurrently};
use crate::support::world::World;

const DAY: i64 = 86_400;

#[tokio::test]
async fn s11_unsigned_calls_of_a_project_are_limited_to_60_a_minute_over_all_users_and_routes() {
    let (world, _) = world_with_clock(0);
    let project = world.create_project(&json!({})).await;
    let mut accepted = 0;
    for number in 0..100 {
        let body = json!({ "user": format!("made-up-{number}"), "device_id": format!("d{number}") });
        let answer = match number % 2 {
            0 => world.attach(&project, "", &body).await,
            _ => world.identify(&project, "", &body).await,
        };
        assert!([200, 429].contains(&answer.status.as_u16()), "{}", answer.text);
        accepted += usize::from(answer.status == 200);
    }
    assert_eq!(accepted, 60, "in any minute");
}

/// The size of an item as DynamoDB counts it: names and values in bytes, and 3 bytes for a map with 1 for each member.
fn size(value: &AttributeValue) -> usize {
    match value {
        AttributeValue::S(text) => text.len(),
        AttributeValue::N(digits) => digits.len(),
        AttributeValue::M(members) => {
            3 + members.iter().map(|(name, value)| 1 + name.len() + size(value)).sum::<usize>()
        }
        _ => 1,
    }
}

#[tokio::test]
async fn s11_a_device_takes_at_most_2_kb() {
    let booth = booth_behind_proxy(0).await;
    let (world, project) = (&booth.world, &booth.world.demo.project);
    let text = |length: usize| "\u{1f600}".repeat(length);
    let full = |metadata: usize| {
        json!({
            "user": text(128), "device_id": "d".repeat(128), "identity": "i".repeat(128),
            "metadata": { "m": "x".repeat(metadata) },
        })
    };
    for token in [&*project.token(&text(128)), ""] {
        world.attach(project, token, &full(1024)).await.expect_invalid("metadata");
        world.attach(project, token, &full(400)).await.expect(200);
        let more = |name: &str, value: Value| {
            let mut body = full(400);
            body[name] = value;
            body
        };
        let info = json!({ "os": { "name": text(64) }, "device": { "vendor": text(64), "model": text(64) } });
        world.attach(project, token, &more("device_info", info)).await.expect_invalid("device_info");
        let signals = json!({ "s": "x".repeat(512) });
        world.attach(project, token, &more("signals", signals)).await.expect_invalid("signals");
    }
    let dynamodb = client(&booth.proxy.url);
    let mut stored = items(&dynamodb, &format!("attached#{}#", project.id)).await;
    stored.extend(items(&dynamodb, &format!("unsigned#{}#", project.id)).await);
    assert_eq!(stored.iter().filter(|item| item.contains_key("metadata")).count(), 2);
    for item in stored {
        let bytes: usize = item.iter().map(|(name, value)| name.len() + size(value)).sum();
        assert!(bytes <= 2048, "{bytes} bytes: {item:?}");
    }
}

#[tokio::test]
async fn s11_everything_that_an_unsigned_call_writes_ends() {
    let booth = booth_behind_proxy(0).await;
    let (world, project) = (&booth.world, &booth.world.demo.project);
    let dynamodb = client(&booth.proxy.url);
    let before = items(&dynamodb, "").await.len();
    let body = json!({ "user": "made-up", "device_id": "d", "identity": "i" });
    world.attach(project, "", &body).await.expect(200);
    world.identify(project, "", &body).await.expect(200);
    let mut new = 0;
    for item in items(&dynamodb, "").await {
        let pk = item["pk"].as_s().expect("a text").clone();
        if ["unsigned#", "history#", "subjects#", "bucket#", "attached#"].iter().any(|it| pk.starts_with(it))
        {
            let end = item.get("expires_at").unwrap_or_else(|| panic!("{pk} does not end"));
            let end: i64 = end.as_n().expect("a number").parse().expect("a number");
            assert!(end < now() + 100 * DAY, "{pk}");
            new += 1;
        }
    }
    assert_eq!(items(&dynamodb, "").await.len(), before + new, "nothing else is written");
}

async fn listed(world: &World, user: &str) -> usize {
    world.list_devices(&world.demo.project, user).await.len()
}

#[tokio::test]
async fn s11_an_unsigned_device_ends_30_days_after_it_was_last_seen_and_frees_its_place() {
    let (world, clock) = world_with_clock(0);
    let (project, began) = (world.demo.project.clone(), clock.unix_second());
    let attach =
        async |device: &str| world.attach(&project, "", &json!({ "user": "u", "device_id": device })).await;
    for number in 0..20 {
        attach(&format!("d{number}")).await.expect(200);
    }
    attach("beyond").await.expect_problem(409, "limit_exceeded");
    clock.set(began + DAY - 1); // does not move `updated_at`
    attach("d0").await.expect(200);
    clock.set(began + 2 * DAY);
    attach("d1").await.expect(200);
    clock.set(began + 31 * DAY - 1);
    assert_eq!(listed(&world, "u").await, 20, "30 days after the last call for d0");
    clock.set(began + 31 * DAY);
    assert_eq!(listed(&world, "u").await, 1, "d1 was seen later; the table may still hold the others");
    let answer = attach("beyond").await.expect(200);
    assert_eq!(answer.json["attached_devices"], 2, "ended devices do not count");
    attach("d0").await.expect(200);
    let devices = world.list_devices(&project, "u").await;
    let created = devices.iter().find(|it| it["_id"] == "d0").expect("d0")["createdAt"].clone();
    assert_eq!(created, json!(clock.timestamp_in(0)), "a device that ended is a new one");
}

#[tokio::test]
async fn s11_concurrent_unsigned_attaches_never_leave_more_than_20_devices() {
    let booth = booth_behind_proxy(0).await;
    let (world, project) = (&booth.world, &booth.world.demo.project);
    for number in 0..12 {
        let body = json!({ "user": "u", "device_id": format!("d{number}") });
        world.attach(project, "", &body).await.expect(200);
    }
    let answers = send_concurrently(24, |number| {
        let (world, project) = (world.clone(), project.clone());
        let body = json!({ "user": "u", "device_id": format!("e{number}") });
        async move { world.attach(&project, "", &body).await }
    });
    let answers = answers.await;
    let accepted = answers.iter().filter(|answer| answer.status == 200).count();
    assert!(accepted <= 8, "{accepted}");
    assert_eq!(listed(world, "u").await, 12 + accepted, "a call that is refused writes nothing");
}
