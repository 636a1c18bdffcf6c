//! An attacker wants to fill the permanent audit log, so that it costs a lot and hides what matters: with tokens that the
//! attacker makes and revokes, or with calls that are refused (A13).

use serde_json::{Value, json};

use crate::support::oauth::REVOKE;
use crate::support::project::Project;
use crate::support::world::World;

/// How many notices of one kind a key or project causes in an hour at most.
const NOTICES_PER_HOUR: usize = 10;

const ATTEMPTS: usize = 13;

async fn permanent_records(world: &World, entity: &str) -> usize {
    let log = world.read(&format!("/admin/v1/audit-log?entity_id={entity}&limit=100")).await.expect(200);
    log.json["items"].as_array().expect("items").len()
}

/// Asserts that only notices were written, as many as are allowed.
async fn assert_only_notices(world: &World, entity: &str, before: usize, action: &str) -> Vec<Value> {
    assert_eq!(permanent_records(world, entity).await, before, "permanent records");
    let mut notices = world.read_notices(entity).await;
    notices.retain(|notice| notice["action"] == action);
    assert_eq!(notices.len(), NOTICES_PER_HOUR, "{action}");
    assert!(notices.iter().all(|notice| notice["expires_at"].is_string()));
    notices
}

#[tokio::test]
async fn a13_a_key_without_rights_that_revokes_its_own_tokens_leaves_a_bounded_number_of_notices() {
    let world = World::shared();
    let account = world.create_account().await;
    let key = world.create_key_with_role(&account, "launchpad_user").await;
    let before = permanent_records(&world, &account).await;
    for _ in 0..ATTEMPTS {
        let token = world.redeem(&key).await.expect(200).text_at("token");
        world.revoke(&key, &token).await.expect(200);
        assert!(!world.introspect(&key, &token).await.is_active(), "it is revoked, noticed or not");
    }
    let notices = assert_only_notices(&world, &account, before, "token.revoke").await;
    assert_eq!(notices[0]["actor"], json!({ "client_id": key.id, "via": "api_key" }));
}

#[tokio::test]
async fn a13_a_project_that_revokes_its_own_tokens_leaves_a_bounded_number_of_notices() {
    let world = World::shared();
    let project = Project::new(&world).await;
    let before = permanent_records(&world, &project.account).await;
    for number in 0..ATTEMPTS {
        let token = project.sign(&json!({ "user": format!("user-{number}") }), false);
        let parameters = [("token", &*token), ("project_id", &*project.id)];
        world.post_form(REVOKE, &project.client_credentials(), &parameters).await.expect(200);
    }
    assert_only_notices(&world, &project.account, before, "token.revoke").await;
}

#[tokio::test]
async fn a13_refused_calls_of_the_admin_api_leave_a_bounded_number_of_notices() {
    let world = World::shared();
    let account = world.create_account().await;
    let auditor = world.create_key_with_role(&account, "auditor").await;
    let before = permanent_records(&world, &account).await;
    let path = format!("/admin/v1/entities/{account}/projects");
    for _ in 0..ATTEMPTS {
        let create = world.post(&path).with_token_of(&auditor).json(&json!({ "name": "mine" }));
        create.send().await.expect_problem(403, "insufficient_scope");
    }
    let notices = assert_only_notices(&world, &account, before, "api_key.refuse_access").await;
    let details =
        json!({ "call": "projects", "method": "POST", "entity_id": account, "reason": "insufficient_scope" });
    assert_eq!(notices[0]["details"], details);
    assert_eq!(notices[0]["target"], json!({ "kind": "api_key", "id": auditor.id }));
}
