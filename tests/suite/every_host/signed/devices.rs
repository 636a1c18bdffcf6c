//! Window S: attaching, listing and detaching devices (S5, S7).

use serde_json::{Value, json};

use crate::support::world::World;

#[tokio::test]
async fn s05_an_attach_returns_the_device_and_the_project_s_settings() {
    let world = World::shared();
    let settings = json!({ "default_device_limit": 7, "block_over_usage": true });
    let project = world.create_project(&settings).await;
    let answer = world.attach(&project, "", &json!({ "user": "u", "device_id": "d1" })).await.expect(200);
    let expected = json!({
        "success": true, "device_id": "d1", "attached_devices": 1, "default_device_limit": 7,
        "block_over_usage": true,
    });
    assert_eq!(answer.json, expected);
    let again = world.attach(&project, "", &json!({ "user": "u", "device_id": "d1" })).await.expect(200);
    assert_eq!(again.json["attached_devices"], 1, "a known device counts once");
    let more = world.attach(&project, "", &json!({ "user": "u", "device_id": "d2" })).await.expect(200);
    assert_eq!(more.json["attached_devices"], 2);
    let other = world.attach(&project, "", &json!({ "user": "v", "device_id": "d1" })).await.expect(200);
    assert_eq!(other.json["attached_devices"], 1, "each user has devices of their own");
}

#[tokio::test]
async fn s05_the_same_signals_under_the_same_user_are_the_same_device() {
    let world = World::shared();
    let (project, other) = (world.create_project(&json!({})).await, world.create_project(&json!({})).await);
    let device = async |project, user: &str, signals: Value| {
        let body = json!({ "user": user, "device_id": null, "signals": signals });
        world.attach(project, "", &body).await.expect(200).text_at("device_id")
    };
    let first = device(&project, "u", json!({ "iosVendorIdentifier": "A", "locale": "de" })).await;
    let reordered = device(&project, "u", json!({ "locale": "de", "iosVendorIdentifier": "A" })).await;
    assert_eq!(first, reordered, "the order of the signals does not matter");
    let devices = [
        device(&project, "u", json!({ "iosVendorIdentifier": "B", "locale": "de" })).await,
        device(&project, "u", json!({ "androidVendorIdentifier": "A", "locale": "de" })).await,
        device(&project, "u", json!({ "iosVendorIdentifier": "A" })).await,
        device(&project, "v", json!({ "iosVendorIdentifier": "A", "locale": "de" })).await,
        device(&other, "u", json!({ "iosVendorIdentifier": "A", "locale": "de" })).await,
        device(&project, "u", json!(null)).await,
        device(&project, "u", json!({})).await,
    ];
    let mut all: Vec<_> = devices.iter().chain([&first]).collect();
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), 8, "{devices:?}");
}

#[tokio::test]
async fn s05_optional_fields_can_be_null_or_missing_and_unknown_ones_are_ignored() {
    let world = World::shared();
    let project = world.create_project(&json!({})).await;
    for (case, body) in [
        ("user alone", json!({ "user": "u" })),
        (
            "nulls",
            json!({
                "user": "u", "device_id": null, "signals": null, "device_info": null, "metadata": null,
                "identity": null,
            }),
        ),
        ("no metadata as an array", json!({ "user": "u", "metadata": [] })),
        ("nulls within", json!({ "user": "u", "device_info": { "os": null, "device": { "type": null } } })),
        ("null signals", json!({ "user": "u", "signals": { "iosVendorIdentifier": null } })),
        ("more fields", json!({ "user": "u", "sdk_version": 3, "x": [null] })),
        ("a user in any script", json!({ "user": "Zo\u{eb} / #1" })),
        ("an identity", json!({ "user": "u", "identity": "i-1" })),
    ] {
        assert_eq!(world.attach(&project, "", &body).await.status, 200, "{case}");
    }
}

#[tokio::test]
async fn s05_an_invalid_field_is_named() {
    let world = World::shared();
    let project = world.create_project(&json!({})).await;
    let long = |length: usize| "x".repeat(length);
    for (field, name, value) in [
        ("user", "user", json!("")),
        ("user", "user", json!(null)),
        ("user", "user", json!(1)),
        ("user", "user", json!(long(257))),
        ("user", "user", json!("a\u{0}b")),
        ("user", "user", json!("a\u{fffd}b")),
        ("user", "user", json!(".")),
        ("user", "user", json!("..")),
        ("device_id", "device_id", json!("")),
        ("device_id", "device_id", json!("a b")),
        ("device_id", "device_id", json!(long(129))),
        ("signals", "signals", json!(["x"])),
        ("signals", "signals", json!({ "k": long(513) })),
        ("signals", "signals", json!("x")),
        ("signals", "signals", json!({ "$serde_json::private::RawValue": "{}" })),
        ("metadata", "metadata", json!({ "$serde_json::private::RawValue": "{}" })),
        ("metadata", "metadata", json!([1])),
        ("metadata", "metadata", json!({ "k": long(1025) })),
        (
            "metadata",
            "metadata",
            json!({ "a": long(1024), "b": long(1024), "c": long(1024), "d": long(1024) }),
        ),
        ("device_info", "device_info", json!([])),
        ("device_info.os.name", "device_info", json!({ "os": { "name": long(65) } })),
        ("identity", "identity", json!("a/b")),
    ] {
        let mut body = json!({ "user": "u" });
        body[name] = value;
        let answer = world.attach(&project, "", &body).await.expect_problem(400, "invalid_request");
        let named = answer.text_at("field");
        assert!(named == field || named.starts_with(&format!("{name}.")), "{field}: {}", answer.text);
    }
    let repeated_signal = r#"{"user":"a","signals":{"k":"1","k":"2"}}"#;
    let call = world.post_for_project(&project, "/v2/access", "").body("application/json", repeated_signal);
    call.send().await.expect_problem(400, "invalid_request");
    assert!(world.list_devices(&project, "u").await.is_empty());
}

#[tokio::test]
async fn s07_the_list_returns_every_field_and_none_is_null() {
    let world = World::shared();
    let project = world.create_project(&json!({})).await;
    let body = json!({
        "user": "u", "device_id": "d1", "identity": "i1", "metadata": { "plan": "pro" },
        "device_info": {
            "os": { "name": "iOS", "version": "18.1" },
            "device": { "vendor": "Apple", "type": "phone", "model": "iPhone" },
        },
    });
    world.attach(&project, "", &body).await.expect(200);
    world.attach(&project, "", &json!({ "user": "u", "device_id": "d2" })).await.expect(200);
    let devices = world.list_devices(&project, "u").await;
    assert_eq!(devices.len(), 2);
    let names = ["_id", "createdAt", "identity", "info", "metadata", "status", "updatedAt", "user"];
    for device in &devices {
        let members = device.as_object().expect("an object");
        assert_eq!(members.keys().collect::<Vec<_>>(), names);
        assert!(!device.to_string().contains("null"), "{device}");
        for name in ["createdAt", "updatedAt"] {
            let text = device[name].as_str().expect("a text");
            assert!(text.len() == 24 && text.as_bytes()[19] == b'.' && text.ends_with('Z'), "{text}");
        }
    }
    assert_eq!((&devices[0]["_id"], &devices[0]["identity"]), (&json!("d1"), &json!("i1")));
    assert_eq!((&devices[0]["info"], &devices[0]["metadata"]), (&body["device_info"], &body["metadata"]));
    assert_eq!((&devices[1]["identity"], &devices[1]["metadata"]), (&json!(""), &json!({})));
    assert_eq!(devices[1]["info"]["os"], json!({ "name": "", "version": "" }));
    let without_metadata = json!({ "user": "u", "device_id": "d1", "metadata": null });
    world.attach(&project, "", &without_metadata).await.expect(200);
    let again = world.list_devices(&project, "u").await;
    assert_eq!(again[0]["metadata"], body["metadata"], "a missing field keeps its value");
    assert_eq!(again[0]["createdAt"], devices[0]["createdAt"]);
}

#[tokio::test]
async fn s07_a_device_is_detached_once() {
    let world = World::shared();
    let project = world.create_project(&json!({})).await;
    let token = project.token("u");
    for device in ["d1", "d2"] {
        world.attach(&project, &token, &json!({ "user": "u", "device_id": device })).await.expect(200);
    }
    let detached = world.detach(&project, "u", "d1").await.expect(200);
    assert_eq!((&detached.json["success"], &detached.json["attached_devices"]), (&json!(true), &json!(1)));
    assert_eq!(detached.json["device_id"], "d1");
    let again = world.detach(&project, "u", "d1").await.expect(200);
    assert_eq!(again.json["attached_devices"], 1, "nothing changes");
    assert_eq!(world.detach(&project, "nobody", "d1").await.expect(200).json["attached_devices"], 0);
    let history = world.history(&project, "device=d1").await.expect(200);
    let kinds: Vec<_> = history.json["docs"].as_array().expect("docs").iter().map(|it| &it["kind"]).collect();
    assert_eq!(kinds, ["detach", "attach"], "a detach without effect is not recorded");
    assert_eq!(world.list_devices(&project, "u").await[0]["_id"], "d2");
    let attached_again =
        world.attach(&project, &token, &json!({ "user": "u", "device_id": "d1" })).await.expect(200);
    assert_eq!(attached_again.json["attached_devices"], 2);
}

#[tokio::test]
async fn s07_detach_and_list_accept_only_a_token_for_that_user() {
    let world = World::shared();
    let project = world.create_signing_project().await;
    let token = project.token("u");
    world.attach(&project, &token, &json!({ "user": "u", "device_id": "d" })).await.expect(200);
    let list = async |user: &str| {
        let path = format!("/v2/access/user/{user}/attached_devices");
        world.get(&path).header("Authorization", &project.basic(&token)).send().await
    };
    assert_eq!(list("u").await.expect(200).json.as_array().expect("an array").len(), 1);
    list("v").await.expect_problem(401, "invalid_credentials");
    let detach = async |user: &str| {
        let call = world.post_for_project(&project, "/v2/access/detach", &token);
        call.json(&json!({ "user": user, "device": "d" })).send().await
    };
    detach("v").await.expect_problem(401, "invalid_credentials");
    assert_eq!(detach("u").await.expect(200).json["attached_devices"], 0);
}

#[tokio::test]
async fn s05_a06_projects_and_users_are_isolated_from_each_other() {
    let world = World::shared();
    let (one, two) = (world.create_project(&json!({})).await, world.create_project(&json!({})).await);
    let body = json!({ "user": "u", "device_id": "d" });
    world.attach(&one, "", &body).await.expect(200);
    assert!(world.list_devices(&two, "u").await.is_empty());
    assert!(world.list_devices(&one, "v").await.is_empty());
    assert_eq!(world.detach(&two, "u", "d").await.expect(200).json["attached_devices"], 0);
    assert_eq!(world.list_devices(&one, "u").await.len(), 1);
    for query in ["user=u", "device=d"] {
        assert_eq!(world.history(&two, query).await.expect(200).json["totalDocs"], 0, "{query}");
    }
    let demo = &world.demo.project;
    assert!(world.list_devices(demo, "u-of-another-project").await.is_empty());
}
