//! The attacker knows the project's public client id and the ids of a victim and of the victim's device, and wants to
//! detach or change the device (S11).

use serde_json::json;

use super::read_a_victims_devices::{false_proofs, project_with_victim};
use crate::support::world::World;

#[tokio::test]
async fn s11_an_unsigned_call_cannot_detach_devices() {
    let world = World::shared();
    let project = project_with_victim(&world, &json!({})).await;
    let body = json!({ "user": "victim", "device": "phone" });
    for (case, token) in false_proofs(&project) {
        let call = world.post_for_project(&project, "/v2/access/detach", &token).json(&body);
        assert_eq!(call.send().await.status, 401, "{case}");
    }
    assert_eq!(world.list_devices(&project, "victim").await.len(), 2);
    let own = world.post_for_project(&project, "/v2/access/detach", &project.token("victim")).json(&body);
    assert_eq!(own.send().await.expect(200).json["attached_devices"], 1);
}

#[tokio::test]
async fn s11_an_unsigned_attach_does_not_change_a_device_that_a_signed_call_attached() {
    let world = World::shared();
    let project = project_with_victim(&world, &json!({})).await;
    let before = world.list_devices(&project, "victim").await;
    let body = json!({
        "user": "victim", "device_id": "phone", "identity": "attacker", "metadata": { "mail": "a@example.com" },
        "device_info": { "os": { "name": "other" } }, "signals": { "x": "y" },
    });
    world.attach(&project, "", &body).await.expect(200);
    assert_eq!(world.list_devices(&project, "victim").await, before, "listed once, and unchanged");
}

#[tokio::test]
async fn s11_a_signed_attach_replaces_a_device_that_an_unsigned_call_attached() {
    let world = World::shared();
    let project = world.create_project(&json!({})).await;
    let unsigned = json!({ "user": "u", "device_id": "d", "metadata": { "made": "up" } });
    world.attach(&project, "", &unsigned).await.expect(200);
    let signed = json!({ "user": "u", "device_id": "d" });
    let answer = world.attach(&project, &project.token("u"), &signed).await.expect(200);
    assert_eq!(answer.json["attached_devices"], 1);
    let listed = world.list_devices(&project, "u").await;
    assert_eq!((listed.len(), &listed[0]["metadata"]), (1, &json!({})), "nothing of the unsigned call stays");
    assert_eq!(world.detach(&project, "u", "d").await.expect(200).json["attached_devices"], 0);
    assert!(world.list_devices(&project, "u").await.is_empty(), "the unsigned device is gone as well");
}
