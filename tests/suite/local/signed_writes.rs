//! Window S: what each call reads and writes, in units of the embedded DynamoDB, and calls that change the same device.

use std::collections::BTreeMap;

use reqwest::Method;
use serde_json::{Value, json};
use tokenbooth::TABLE;

use super::clock::world_with_clock;
use super::embedded::{ProxiedBooth, booth_behind_proxy, client};
use super::proxy::Fault;
use super::signed_limits::items;
use super::write_conflicts::send_around;
use crate::support::call::{Call, send_concurrently};
use crate::support::world::{World, options};

/// A call of the demo project's client, with a token for the user of the body. A detach has the API secret.
fn call(booth: &ProxiedBooth, path: &str, body: &Value) -> Call {
    let (world, project) = (&booth.world, &booth.world.demo.project);
    let call = world.call(Method::POST, path).json(body);
    match path {
        "/v2/access/detach" => call.bearer(&project.api_secret),
        _ => call.header(
            "Authorization",
            &project.basic(&project.token(body["user"].as_str().unwrap_or("event"))),
        ),
    }
}

/// The name of a call, its path, its body, and its units by operation.
type Cost<'a> = (&'static str, &'static str, Value, &'a [(&'static str, f64)]);

/// Sends these calls in turn and asserts the units of each, without those of its buckets. The function is warm.
async fn assert_units(booth: &ProxiedBooth, calls: &[Cost<'_>]) {
    for (case, path, body, expected) in calls {
        booth.proxy.take_units();
        booth.proxy.take_calls();
        call(booth, path, body).send().await.expect(200);
        let expected: BTreeMap<String, f64> =
            expected.iter().map(|(operation, units)| ((*operation).to_owned(), *units)).collect();
        assert_eq!(booth.proxy.take_units(), expected, "{case}");
        // A transaction that fails reports no units.
        assert!(booth.proxy.take_calls().get("TransactWriteItems").is_none_or(|count| *count == 1), "{case}");
    }
}

#[tokio::test]
async fn s05_an_attach_writes_its_history_and_what_is_new_in_one_transaction() {
    let booth = booth_behind_proxy(60).await;
    let attach = "/v2/access";
    let device = |device: &str| json!({ "user": "u", "device_id": device, "metadata": { "plan": "trial" } });
    let with = |name: &str, value: Value| {
        let mut body = device("d");
        body[name] = value;
        body
    };
    call(&booth, attach, &json!({ "user": "other" })).send().await.expect(200);
    // One unit is for the revocation of the token, two are for the device and the count.
    let known = |writes: f64| [("BatchGetItem", 3.0), ("TransactWriteItems", writes)];
    let new = |writes: f64| [("BatchGetItem", 3.0), ("GetItem", 1.0), ("TransactWriteItems", writes)];
    let changed = with("metadata", json!({ "plan": "pro" }));
    let identified = with("identity", json!("i"));
    let calls: &[Cost<'_>] = &[
        ("the first device", attach, device("d"), &new(12.0)),
        ("nothing new", attach, device("d"), &known(4.0)),
        ("fewer fields", attach, json!({ "user": "u", "device_id": "d" }), &known(4.0)),
        ("other metadata", attach, changed, &known(6.0)),
        ("an identity", attach, identified.clone(), &known(8.0)),
        ("the same identity", attach, identified, &known(6.0)),
        ("the second device", attach, device("e"), &new(12.0)),
        ("a new device with an identity", attach, json!({ "user": "u", "identity": "i" }), &new(14.0)),
    ];
    assert_units(&booth, calls).await;
}

#[tokio::test]
async fn s11_an_unsigned_attach_writes_its_history_and_what_is_new_in_one_transaction() {
    let booth = booth_behind_proxy(60).await;
    let (world, project) = (&booth.world, &booth.world.demo.project);
    world.attach(project, "", &json!({ "user": "other" })).await.expect(200);
    let plan = |plan: &str| json!({ "user": "u", "device_id": "d", "metadata": { "plan": plan } });
    let with_identity = json!({ "user": "u", "device_id": "d", "identity": "i" });
    let second = json!({ "user": "u", "device_id": "e" });
    for (case, body, lists, writes) in [
        ("the first device", plan("trial"), true, 8.0),
        ("nothing new", plan("trial"), false, 4.0),
        ("other metadata", plan("pro"), false, 6.0),
        ("an identity, without a history of its own", with_identity, false, 6.0),
        ("the second device", second, false, 8.0),
    ] {
        booth.proxy.take_units();
        world.attach(project, "", &body).await.expect(200);
        let mut expected =
            BTreeMap::from([("Query".to_owned(), 1.0), ("TransactWriteItems".to_owned(), writes)]);
        if lists {
            expected.insert("UpdateItem".to_owned(), 1.0);
        }
        assert_eq!(booth.proxy.take_units(), expected, "{case}");
    }
}

#[tokio::test]
async fn s07_a_detach_writes_the_device_the_count_and_its_history_in_one_transaction() {
    let booth = booth_behind_proxy(60).await;
    let body = json!({ "user": "u", "device_id": "d", "device": "d" });
    call(&booth, "/v2/access", &body).send().await.expect(200);
    let other = json!({ "user": "other", "device": "d" });
    call(&booth, "/v2/access/detach", &other).send().await.expect(200);
    let detach: &[Cost<'_>] = &[(
        "a detach",
        "/v2/access/detach",
        body,
        &[("BatchGetItem", 2.0), ("GetItem", 1.0), ("TransactWriteItems", 10.0)],
    )];
    assert_units(&booth, detach).await;
}

#[tokio::test]
async fn s06_an_identification_writes_its_history_alone_or_with_its_event() {
    let booth = booth_behind_proxy(60).await;
    let (world, path) = (&booth.world, "/v2/identity");
    let signals = json!({ "signals": { "iosVendorIdentifier": "A" } });
    let with_device = json!({ "signals": { "iosVendorIdentifier": "A" }, "device_id": "d" });
    call(&booth, path, &json!({})).send().await.expect(200);
    let calls: &[Cost<'_>] = &[
        (
            "a new identity",
            path,
            signals.clone(),
            &[("BatchGetItem", 2.0), ("PutItem", 1.0), ("UpdateItem", 1.0)],
        ),
        ("a known identity", path, signals.clone(), &[("BatchGetItem", 2.0), ("PutItem", 1.0)]),
        (
            "and a new device",
            path,
            with_device.clone(),
            &[("BatchGetItem", 3.0), ("TransactWriteItems", 4.0), ("UpdateItem", 1.0)],
        ),
        ("and a known device", path, with_device, &[("BatchGetItem", 3.0), ("TransactWriteItems", 4.0)]),
    ];
    assert_units(&booth, calls).await;
    let project = world.create_signing_project().await;
    world.identify(&project, &project.token("e"), &signals).await.expect(200);
    booth.proxy.take_units();
    world.identify(&project, &project.token("f"), &signals).await.expect(200);
    let units = booth.proxy.take_units();
    let of_event = (units["BatchGetItem"], units["TransactWriteItems"], units.get("UpdateItem"));
    assert_eq!(of_event, (4.0, 4.0, None), "an event and an identity that is listed");
}

#[tokio::test]
async fn s08_an_identification_that_cannot_be_recorded_is_refused() {
    let booth = booth_behind_proxy(0).await;
    let signals = json!({ "signals": { "iosVendorIdentifier": "A" } });
    let identify = || call(&booth, "/v2/identity", &signals);
    booth.proxy.fail_on("PutItem", usize::MAX, Fault::Exception("ThrottlingException"));
    identify().send().await.expect_problem(503, "temporarily_unavailable");
    booth.proxy.fail_on("PutItem", 1, Fault::ResponseLost);
    let identity = identify().send().await.expect(200).text_at("identity");
    let project = &booth.world.demo.project;
    let history = booth.world.history(project, &format!("identity={identity}")).await.expect(200);
    assert_eq!(history.json["totalDocs"], 1, "a write whose answer is lost is done once");
}

#[tokio::test]
async fn s07_updated_at_moves_with_a_change_or_after_24_hours() {
    let (world, clock) = world_with_clock(0);
    let (project, began) = (world.demo.project.clone(), clock.unix_second());
    let first = clock.timestamp_in(0);
    let mut last = first.clone();
    for (number, (seconds, plan, moves)) in [
        (0, "trial", false),
        (100, "trial", false),
        (200, "pro", true),
        (200 + 86_399, "pro", false),
        (200 + 86_400, "pro", true),
        (300 + 86_400, "pro", false),
    ]
    .into_iter()
    .enumerate()
    {
        clock.set(began + seconds);
        let body = json!({ "user": "u", "device_id": "d", "metadata": { "plan": plan } });
        let answer = world.attach(&project, "", &body).await.expect(200);
        assert_eq!(answer.json["attached_devices"], 1, "{seconds}");
        if moves {
            last = clock.timestamp_in(0);
        }
        let device = world.list_devices(&project, "u").await.remove(0);
        assert_eq!((&device["createdAt"], &device["updatedAt"]), (&json!(first), &json!(last)), "{seconds}");
        assert_eq!(device["metadata"]["plan"], plan, "{seconds}");
        let newest = world.history(&project, "user=u&device=d&per=1").await.expect(200);
        assert_eq!(newest.json["totalDocs"], number + 1, "each attach is in the history");
        assert_eq!(newest.json["docs"][0]["createdAt"], json!(clock.timestamp_in(0)), "with its own time");
    }
}

/// Asserts the user's devices and their count, and the kinds of the calls in the history, newest first.
async fn assert_state(booth: &ProxiedBooth, devices: &[&str], kinds: &[&str]) {
    let (world, project) = (&booth.world, &booth.world.demo.project);
    let listed = world.list_devices(project, "u").await;
    let ids: Vec<_> = listed.iter().map(|device| device["_id"].as_str().expect("an id")).collect();
    assert_eq!(ids, devices);
    let count = world.detach(project, "u", "none").await.expect(200).json["attached_devices"].clone();
    assert_eq!(count, json!(devices.len()));
    for filter in ["user=u", "device=d"] {
        let history = world.history(project, filter).await.expect(200);
        let docs = history.json["docs"].as_array().expect("docs");
        let found: Vec<_> = docs.iter().map(|doc| doc["kind"].as_str().expect("a kind")).collect();
        assert_eq!(found, kinds, "{filter}");
    }
}

#[tokio::test]
async fn s05_an_attach_without_a_change_does_not_bring_back_a_device_detached_meanwhile() {
    let booth = booth_behind_proxy(0).await;
    let body = json!({ "user": "u", "device_id": "d", "device": "d" });
    let attach = || call(&booth, "/v2/access", &body);
    attach().send().await.expect(200);
    let answer = send_around(&booth, attach(), call(&booth, "/v2/access/detach", &body), 200).await;
    assert_eq!(answer.expect(200).json["attached_devices"], 1, "it was attached when the call read it");
    assert_state(&booth, &[], &["detach", "attach", "attach"]).await;
    assert_eq!(attach().send().await.expect(200).json["attached_devices"], 1);
    assert_state(&booth, &["d"], &["attach", "detach", "attach", "attach"]).await;
}

#[tokio::test]
async fn s05_an_attach_with_a_change_attaches_a_device_detached_meanwhile_as_a_new_one() {
    let booth = booth_behind_proxy(0).await;
    let body = json!({ "user": "u", "device_id": "d", "device": "d", "metadata": { "plan": "trial" } });
    let changed = json!({ "user": "u", "device_id": "d", "identity": "i" });
    call(&booth, "/v2/access", &body).send().await.expect(200);
    let slow = call(&booth, "/v2/access", &changed);
    let answer = send_around(&booth, slow, call(&booth, "/v2/access/detach", &body), 200).await;
    assert_eq!(answer.expect(200).json["attached_devices"], 1);
    assert_state(&booth, &["d"], &["detach", "attach", "attach"]).await;
    let device = booth.world.list_devices(&booth.world.demo.project, "u").await.remove(0);
    assert_eq!((&device["identity"], &device["metadata"]), (&json!("i"), &json!({})));
}

#[tokio::test]
async fn s05_a_first_attach_of_a_device_attached_meanwhile_updates_it_and_counts_once() {
    let booth = booth_behind_proxy(0).await;
    let attach = |plan: &str| {
        let body = json!({ "user": "u", "device_id": "d", "metadata": { "plan": plan } });
        call(&booth, "/v2/access", &body)
    };
    let answer = send_around(&booth, attach("slow"), attach("quick"), 200).await;
    assert_eq!(answer.expect(200).json["attached_devices"], 1);
    assert_state(&booth, &["d"], &["attach", "attach"]).await;
    let device = booth.world.list_devices(&booth.world.demo.project, "u").await.remove(0);
    assert_eq!(device["metadata"]["plan"], "slow", "the later write");
}

#[tokio::test]
async fn s05_the_later_of_two_new_devices_counts_both() {
    let booth = booth_behind_proxy(0).await;
    let attach = |device: &str| {
        let body = json!({ "user": "u", "device_id": device });
        call(&booth, "/v2/access", &body)
    };
    let answer = send_around(&booth, attach("slow"), attach("quick"), 200).await;
    assert_eq!(answer.expect(200).json["attached_devices"], 2, "or an app could not limit devices");
}

#[tokio::test]
async fn s08_every_attach_is_in_the_history_of_its_user_and_device_whatever_runs_at_the_same_time() {
    let world = World::own(options());
    let project = world.demo.project.clone();
    let answers = send_concurrently(20, |number| {
        let (world, project) = (world.clone(), project.clone());
        let body = json!({ "user": "u", "device_id": "d", "metadata": { "plan": (number % 3).to_string() } });
        async move {
            match number % 5 {
                0 => world.detach(&project, "u", "d").await,
                _ => world.attach(&project, &project.token("u"), &body).await,
            }
        }
    });
    for answer in answers.await {
        answer.expect(200);
    }
    for filter in ["user=u&per=50", "device=d&per=50"] {
        let history = world.history(&project, filter).await.expect(200);
        let docs = history.json["docs"].as_array().expect("docs");
        assert_eq!(docs.iter().filter(|doc| doc["kind"] == "attach").count(), 16, "{filter}");
    }
    let listed = world.list_devices(&project, "u").await.len();
    let reported = world.detach(&project, "u", "none").await.expect(200).json["attached_devices"].clone();
    assert_eq!(reported, json!(listed));
}

#[tokio::test]
async fn s05_an_attached_device_counts_even_if_the_counter_does_not_have_it_yet() {
    let booth = booth_behind_proxy(0).await;
    let attach = || call(&booth, "/v2/access", &json!({ "user": "u", "device_id": "d" }));
    attach().send().await.expect(200);
    let dynamodb = client(&booth.proxy.url);
    let partition = items(&dynamodb, &format!("attached#{}#", booth.world.demo.project.id)).await;
    let counter = partition.into_iter().find(|item| item.contains_key("dependents")).expect("a counter");
    let delete = dynamodb.delete_item().table_name(TABLE).key("pk", counter["pk"].clone());
    delete.key("sk", counter["sk"].clone()).send().await.expect("deleted");
    assert_eq!(attach().send().await.expect(200).json["attached_devices"], 1);
}
