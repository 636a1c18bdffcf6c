//! The attacker knows the project's public client id and the id of a victim, and wants calls with a signed token to be
//! refused (S11).

use serde_json::json;

use crate::support::world::World;

#[tokio::test]
async fn s11_unsigned_calls_do_not_use_up_the_limits_of_signed_calls() {
    let world = World::shared();
    let once = json!({ "requests": 1, "seconds": 86400 });
    let twice = json!({ "requests": 2, "seconds": 86400 });
    let settings = json!({ "user_rate_limit": once, "rate_limit": twice, "unsigned_rate_limit": twice });
    let project = world.create_project(&settings).await;
    let body = json!({ "user": "victim", "device_id": "phone" });
    let wrong = format!("{}x", project.token("victim"));
    let first = world.attach(&project, "", &body).await.expect(200);
    let policy = "\"unsigned-source\";q=2;w=86400, \"unsigned-project\";q=2;w=86400";
    assert_eq!(first.header("ratelimit-policy"), policy);
    world.attach(&project, &wrong, &body).await.expect(200);
    for token in ["", &wrong] {
        world.attach(&project, token, &body).await.expect_problem(429, "quota_exceeded");
        world.identify(&project, token, &body).await.expect_problem(429, "quota_exceeded");
    }
    let signed = world.attach(&project, &project.token("victim"), &body).await.expect(200);
    assert_eq!(
        signed.header("ratelimit-policy"),
        "\"user\";q=1;w=86400, \"project\";q=2;w=86400",
        "signed calls have their own limits"
    );
    assert!(signed.header("ratelimit").contains("\"project\";r=1"), "{}", signed.header("ratelimit"));
}

#[tokio::test]
async fn s10_one_token_cannot_use_up_the_limit_of_all_users_with_made_up_devices() {
    let world = World::shared();
    let limits = json!({ "user_rate_limit": { "requests": 2, "seconds": 86400 } });
    let project = world.create_project(&limits).await;
    let identify = async |device: usize| {
        let body = json!({ "device_id": format!("made-up-{device}") });
        world.identify(&project, &project.token("attacker"), &body).await
    };
    for device in 0..2 {
        identify(device).await.expect(200);
    }
    let refused = identify(2).await.expect_problem(429, "quota_exceeded");
    assert!(refused.header("ratelimit").starts_with("\"user\";r=0"), "{}", refused.header("ratelimit"));
}

#[tokio::test]
async fn s11_unsigned_devices_take_no_place_of_signed_ones() {
    let world = World::shared();
    let project = world.create_project(&json!({})).await;
    let attach = async |token: &str, device: String| {
        world.attach(&project, token, &json!({ "user": "victim", "device_id": device })).await
    };
    for number in 0..20 {
        let answer = attach("", format!("made-up-{number}")).await.expect(200);
        assert_eq!(answer.json["attached_devices"], number + 1);
    }
    attach("", "one-more".to_owned()).await.expect_problem(409, "limit_exceeded");
    attach("", "made-up-3".to_owned()).await.expect(200);
    let signed = attach(&project.token("victim"), "phone".to_owned()).await.expect(200);
    assert_eq!(signed.json["attached_devices"], 1, "an app that limits devices counts the signed ones alone");
}
