//! The attacker knows the project's public client id and a victim's ids, and wants calls of his own in the history of the
//! victim's identity (S11).

use serde_json::{Value, json};

use super::read_a_victims_devices::project_with_victim;
use crate::support::project::Project;
use crate::support::world::World;

async fn history(world: &World, project: &Project, query: &str) -> Vec<Value> {
    let found = world.history(project, query).await.expect(200);
    found.json["docs"].as_array().expect("docs").clone()
}

#[tokio::test]
async fn s11_unsigned_calls_do_not_enter_the_history_of_an_identity_that_signed_calls_have() {
    let world = World::shared();
    let project = project_with_victim(&world, &json!({})).await;
    let vendor = json!({ "signals": { "iosVendorIdentifier": "of the victim" } });
    let identified = world.identify(&project, &project.token("event"), &vendor).await.expect(200);
    let identity = identified.text_at("identity");
    for user in ["victim", "attacker"] {
        for identity in ["person", &identity] {
            let body = json!({ "user": user, "device_id": "phone", "identity": identity });
            world.attach(&project, "", &body).await.expect(200);
        }
    }
    world.identify(&project, "", &vendor).await.expect(200);
    let claimed = world.identify(&project, "", &json!({ "identity_id": identity })).await.expect(200);
    assert_eq!(claimed.text_at("identity"), identity);
    for (query, calls) in [
        ("identity=person", 2),
        (&format!("identity={identity}"), 1),
        ("user=victim&identity=person", 2),
        ("device=phone&identity=person", 1),
    ] {
        let found = history(&world, &project, query).await;
        assert_eq!(found.len(), calls, "{query}");
        assert!(found.iter().all(|call| call["signed"] == true), "{query}");
    }
}

#[tokio::test]
async fn s11_unsigned_calls_are_in_the_history_of_their_user_and_device_and_marked() {
    let world = World::shared();
    let project = project_with_victim(&world, &json!({})).await;
    world.attach(&project, "", &json!({ "user": "victim", "device_id": "phone" })).await.expect(200);
    world.identify(&project, "", &json!({ "device_id": "phone" })).await.expect(200);
    for (query, signed) in [
        ("user=victim", vec![false, true, true]),
        ("device=phone", vec![false, false, true]),
        ("user=victim&signed=true", vec![true, true]),
        ("user=victim&signed=false", vec![false]),
        ("device=phone&signed=true", vec![true]),
    ] {
        let found = history(&world, &project, query).await;
        let marks: Vec<_> = found.iter().map(|call| call["signed"].as_bool().expect("a bool")).collect();
        assert_eq!(marks, signed, "{query}");
    }
    world.history(&project, "user=victim&signed=1").await.expect_invalid("signed");
}

#[tokio::test]
async fn s11_an_identity_that_only_unsigned_calls_have_has_a_history() {
    let world = World::shared();
    let project = world.create_project(&json!({})).await;
    let identified = world.identify(&project, "", &json!({ "device_id": "d" })).await.expect(200);
    let query = format!("identity={}", identified.text_at("identity"));
    let found = history(&world, &project, &query).await;
    assert_eq!((found.len(), &found[0]["signed"]), (1, &json!(false)));
}
