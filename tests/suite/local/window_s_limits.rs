//! Window S against strangers, who know a project's client id and nothing else, and against its own users.

use serde_json::{Value, json};

use super::clock::{Hands, world};
use crate::world::World;

/// The refused calls in the log of that entity.
async fn refusals(world: &World, hands: &Hands, entity: &str) -> Vec<Value> {
    let log = format!("/admin/v1/audit-log?entity_id={entity}&limit=100");
    let log = world.get(&log).signed_at(&world.demo.admin_key, hands.second()).send().await.expect(200);
    let items = log.json["items"].as_array().expect("items").clone();
    items.into_iter().filter(|it| it["action"] == "project.refuse_access").collect()
}

/// So many refused calls, on each route in turn.
async fn refused(world: &World, number: usize) {
    let project = &world.demo.project;
    let body = json!({ "user": "u", "device": "d" });
    for number in 0..number {
        let answer = match number % 4 {
            0 => world.attach(project, "", &body).await,
            1 => world.identify(project, "", &body).await,
            2 => world.for_project(project, "/v2/access/detach", "").json(&body).send().await,
            _ => {
                let list = world.get("/v2/access/user/u/attached_devices");
                list.header("Authorization", &project.basic("")).send().await
            }
        };
        answer.expect_problem(401, "invalid_credentials");
    }
}

#[tokio::test]
async fn s09_a_stranger_cannot_flood_the_audit_log() {
    let (world, hands) = world(0);
    let (account, project) = (world.demo.account_id.clone(), world.demo.project.id.clone());
    let path = format!("/admin/v1/entities/{account}/projects/{project}");
    let settings = json!({ "require_signed_tokens": true, "history_days": 2 });
    hands.change(&world, &path, &settings).await.expect(200);
    let began = hands.second();
    refused(&world, 24).await;
    let recorded = refusals(&world, &hands, &account).await;
    assert_eq!(recorded.len(), 10, "each hears why, and ten an hour are recorded, on whatever route");
    assert!(recorded.iter().all(|it| it.get("expires_at").is_none()));
    hands.put_at(began + 3600);
    refused(&world, 12).await;
    assert_eq!(refusals(&world, &hands, &account).await.len(), 20);
    for above in [&world.demo.organization_id, &world.demo.customer_id] {
        assert!(refusals(&world, &hands, above).await.is_empty(), "only the project's own entity hears of it");
    }
    hands.put_at(began + 2 * 86_400 - 1);
    assert_eq!(refusals(&world, &hands, &account).await.len(), 20);
    hands.put_at(began + 2 * 86_400);
    assert_eq!(refusals(&world, &hands, &account).await.len(), 10, "the table may hold the others still");
}
