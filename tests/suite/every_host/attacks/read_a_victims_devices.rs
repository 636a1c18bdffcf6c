//! The attacker knows the project's public client id and the id of a victim, and wants to see the victim's devices (S11).

use serde_json::json;

use crate::support::call::Answer;
use crate::support::project::Project;
use crate::support::world::World;

/// A project that does not require signed tokens, in which a signed call attached two devices to the user `victim`.
pub(super) async fn project_with_victim(world: &World, settings: &serde_json::Value) -> Project {
    let project = world.create_project(settings).await;
    for device in ["phone", "tablet"] {
        let body = json!({
            "user": "victim", "device_id": device, "identity": "person", "metadata": { "mail": "v@example.com" },
        });
        world.attach(&project, &project.token("victim"), &body).await.expect(200);
    }
    project
}

/// What an attacker can send as a proof for the victim.
pub(super) fn false_proofs(project: &Project) -> Vec<(&'static str, String)> {
    vec![
        ("no token", String::new()),
        ("no JWT", "abc".to_owned()),
        ("a token for the attacker", project.token("attacker")),
        ("a token for nobody", project.token("")),
        ("a token to identify", project.sign(&json!({ "user": "victim", "purpose": "identify" }), false)),
        (
            "another project's secret",
            Project { api_secret: "x".repeat(64), ..project.clone() }.token("victim"),
        ),
    ]
}

async fn list(world: &World, project: &Project, token: &str) -> Answer {
    let call = world.get("/v2/access/user/victim/attached_devices");
    call.header("Authorization", &project.basic(token)).send().await
}

#[tokio::test]
async fn s11_an_unsigned_call_cannot_list_devices() {
    let world = World::shared();
    let project = project_with_victim(&world, &json!({})).await;
    for (case, token) in false_proofs(&project) {
        let answer = list(&world, &project, &token).await;
        assert_eq!(answer.status, 401, "{case}: {}", answer.text);
        assert!(!answer.text.contains("phone"), "{case}");
    }
    let own = list(&world, &project, &project.token("victim")).await.expect(200);
    assert_eq!(own.json.as_array().expect("an array").len(), 2);
    assert_eq!(world.list_devices(&project, "victim").await.len(), 2, "with the API secret");
}

#[tokio::test]
async fn s11_the_answer_to_an_unsigned_attach_shows_nothing_of_signed_devices() {
    let world = World::shared();
    let project = project_with_victim(&world, &json!({})).await;
    for (device, count) in [("phone", 1), ("other", 2), ("phone", 2)] {
        let body = json!({ "user": "victim", "device_id": device });
        let answer = world.attach(&project, "", &body).await.expect(200);
        assert_eq!(answer.json["attached_devices"], count, "{device}, as for a user without signed devices");
    }
}

#[tokio::test]
async fn s11_a_project_can_let_unsigned_calls_list_devices() {
    let world = World::shared();
    let project = project_with_victim(&world, &json!({ "unsigned_device_management": true })).await;
    world.attach(&project, "", &json!({ "user": "victim", "device_id": "unsigned" })).await.expect(200);
    let listed = list(&world, &project, "").await.expect(200);
    assert_eq!(listed.json.as_array().expect("an array").len(), 3);
    assert!(listed.header("ratelimit-policy").starts_with("\"unsigned-source\""), "limits of their own");
    world.change(&project.path, &json!({ "require_signed_tokens": true })).await.expect(200);
    world.wait_for_status(401, async || list(&world, &project, "").await).await;
}
