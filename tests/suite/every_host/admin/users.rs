//! The users of a project, and their erasure (S12).

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::project::Project;
use crate::support::world::World;

async fn project_with_users(world: &World, users: &[&str]) -> Project {
    let project = world.create_project(&json!({})).await;
    for user in users {
        let body = json!({ "user": user, "device_id": "d" });
        world.attach(&project, &project.token(user), &body).await.expect(200);
    }
    project
}

#[tokio::test]
async fn s12_an_administrator_lists_the_users_page_by_page() {
    let world = World::shared();
    let names: Vec<String> = (0..20).map(|number| format!("user {number} ü/?#")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let project = project_with_users(&world, &names).await;
    for limit in [1, 7, 20, 100] {
        let (mut found, mut cursor, mut pages) = (Vec::new(), String::new(), 0);
        loop {
            let page = world.read(&format!("{}/users?limit={limit}{cursor}", project.path)).await.expect(200);
            let items = page.json["items"].as_array().expect("items");
            assert!(items.len() <= limit, "{limit}");
            found.extend(items.iter().map(|user| user["user"].as_str().expect("a user").to_owned()));
            pages += 1;
            let Some(next) = page.json["next_cursor"].as_str() else { break };
            assert!(pages <= 21, "{limit}: the pages have no end");
            cursor = format!("&cursor={next}");
        }
        let distinct: BTreeSet<_> = found.iter().map(String::as_str).collect();
        assert_eq!(found.len(), 20, "{limit}: each user once");
        assert_eq!(distinct, names.iter().copied().collect(), "{limit}");
    }
    let first = world.read(&format!("{}/users?limit=1", project.path)).await.expect(200);
    assert!(
        first.json["items"][0]["created_at"].is_string() && first.json["items"][0]["updated_at"].is_string()
    );
}

#[tokio::test]
async fn s12_a_cursor_of_one_project_lists_no_users_of_another() {
    let world = World::shared();
    let project = project_with_users(&world, &["a", "b", "c"]).await;
    let other = world.create_project(&json!({})).await;
    let page = world.read(&format!("{}/users?limit=1", project.path)).await.expect(200);
    let cursor = page.text_at("next_cursor");
    world.read(&format!("{}/users?cursor={cursor}", other.path)).await.expect_invalid("cursor");
    let empty = world.read(&format!("{}/users", other.path)).await.expect(200);
    assert_eq!(empty.json, json!({ "items": [], "next_cursor": Value::Null }));
}

#[tokio::test]
async fn s12_an_erasure_can_be_requested_again_and_names_the_hash_in_the_audit_log() {
    let world = World::shared();
    let project = project_with_users(&world, &["ada …?#%/&"]).await;
    let path = format!("{}/users/erase?user=ada%20%E2%80%A6%3F%23%25%2F%26", project.path);
    let first = world.create(&path, &json!({})).await.expect(202);
    let again = world.create(&path, &json!({})).await.expect(202);
    assert_eq!(first.text_at("user_hash"), again.text_at("user_hash"));
    assert_eq!(
        (first.text_at("status"), first.text_at("project_id")),
        ("pending".to_owned(), project.id.clone())
    );
    let log = world.read_audit_log(&project.account).await;
    let items = log.json["items"].as_array().expect("items");
    let recorded: Vec<_> = items.iter().filter(|record| record["action"] == "user.erase").collect();
    assert_eq!(recorded.len(), 2);
    assert_eq!(recorded[0]["target"], json!({ "kind": "user", "id": first.text_at("user_hash") }));
    assert!(!log.text.contains("ada …"), "a permanent record names no user");
}

#[tokio::test]
async fn s12_an_erasure_names_one_user_in_its_query() {
    let world = World::shared();
    let project = project_with_users(&world, &["u"]).await;
    for query in ["", "?user=", "?user=u&user=u", "?user=u&limit=1", "?users=u", "?user=%00"] {
        let answer = world.create(&format!("{}/users/erase{query}", project.path), &json!({})).await;
        answer.expect_invalid("user");
    }
    world.create(&format!("{}/users/u/erase", project.path), &json!({})).await.expect(404);
}

#[tokio::test]
async fn s12_an_erasure_needs_the_delete_scope_on_the_projects_own_entity() {
    let world = World::shared();
    let project = project_with_users(&world, &["u"]).await;
    let (path, list) = (format!("{}/users/erase?user=u", project.path), format!("{}/users", project.path));
    let body = json!({});
    let auditor = world.create_key_with_role(&project.account, "auditor").await;
    let token = world.redeem(&auditor).await.expect(200).text_at("token");
    world.get(&list).bearer(&token).send().await.expect(200);
    world.post(&path).bearer(&token).send().await.expect(403);
    let token = world.redeem(&world.rival.admin_key).await.expect(200).text_at("token");
    world.get(&list).bearer(&token).send().await.expect_problem(404, "not_found");
    world.post(&path).bearer(&token).send().await.expect_problem(404, "not_found");
    let elsewhere = path.replace(&project.account, &world.demo.account_id);
    world.create(&elsewhere, &body).await.expect_problem(404, "not_found");
    world.create(&path, &json!({ "user": "u" })).await.expect(400);
    world.call(Method::DELETE, &path).send().await.expect(405);
}
