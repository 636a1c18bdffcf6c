//! An attacker wants to fill the permanent audit log, so that it costs a lot and hides what matters: with tokens that the
//! attacker makes and revokes, with calls that are refused, or with calls that change nothing (A13).

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::oauth::REVOKE;
use crate::support::project::Project;
use crate::support::world::{World, unique};

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

/// How many times the settings file of one project can be downloaded at once.
const DOWNLOADS: usize = 60;

/// An account with one resource of each kind that can be changed: the path of each, and fields that it has.
async fn resources(world: &World, account: &str) -> Vec<(String, Value)> {
    let entity = format!("/admin/v1/entities/{account}");
    let create = async |collection: &str, body: Value, id: &str| {
        let collection = format!("{entity}/{collection}");
        let created = world.create(&collection, &body).await.expect(201);
        format!("{collection}/{}", created.text_at(id))
    };
    let below = |path: &str, name: &str| format!("{}/{name}", &path[entity.len() + 1..]);
    let limit = json!({ "requests": 9, "seconds": 60 });
    let grants = json!([{ "role": "launchpad_user", "entity_id": account }]);
    let integration = json!({ "name": "server", "grants": grants });
    let key = json!({ "name": "first", "rate_limit": limit, "valid_until": "2100-01-31T00:00:00Z" });
    let provider = json!({ "description": "Demos", "token_duration": 60, "grants": grants });
    let partner = json!({ "name": "shop", "allow_get": true, "rate_limit": null });
    let partner_key = json!({ "name": "first", "valid_until": null });
    let site = json!({ "name": "site", "token_duration": 60 });
    let project = json!({ "name": "app", "history_days": 30, "signed_token_seconds": null });
    let token_set =
        json!({ "name": "one", "active": true, "app_keys": ["the-first-app-key", "the-second-app-key"] });
    let without_null = |body: &Value| {
        let mut body = body.clone();
        body.as_object_mut().expect("an object").retain(|_, value| !value.is_null());
        body
    };
    let integrations = create("integrations", integration.clone(), "id").await;
    let keys = create(&below(&integrations, "keys"), key.clone(), "client_id").await;
    let providers = create("providers", provider.clone(), "id").await;
    let partners = create("partners", without_null(&partner), "id").await;
    let partner_keys = create(&below(&partners, "keys"), without_null(&partner_key), "id").await;
    let sites = create(&below(&partners, "sites"), site, "id").await;
    let projects = create("projects", without_null(&project), "id").await;
    let token_sets = create(&below(&projects, "token-sets"), token_set.clone(), "id").await;
    // The default of new projects is an hour.
    world.change(&projects, &project).await.expect(200);
    let settings = format!("{projects}/token-settings");
    vec![
        (entity, json!({ "status": "active", "api_enabled": true })),
        (integrations, integration),
        (keys, key),
        (providers, provider),
        (partners, partner),
        (partner_keys, partner_key),
        (sites, json!({ "token_duration": 60, "status": "active" })),
        (projects, project),
        (settings, json!({ "security_token": { "required": true }, "gen_dt": {} })),
        (token_sets, token_set),
    ]
}

#[tokio::test]
async fn a13_an_update_that_changes_nothing_leaves_no_record_and_no_new_version() {
    let world = World::shared();
    let account = world.create_account().await;
    let resources = resources(&world, &account).await;
    let before = permanent_records(&world, &account).await;
    for (path, fields) in &resources {
        let old = world.read(path).await.expect(200);
        for body in [&json!({}), fields] {
            let update = world.call(Method::PATCH, path).with_token_of(&world.demo.admin_key);
            let same = update.header("If-Match", old.header("etag")).json(body).send().await.expect(200);
            assert_eq!(same.header("etag"), old.header("etag"), "{path}: {body}");
            assert_eq!(same.json["updated_at"], old.json["updated_at"], "{path}: {body}");
            let stale = world.call(Method::PATCH, path).with_token_of(&world.demo.admin_key);
            let stale = stale.header("If-Match", "\"99\"").json(body).send().await;
            stale.expect_problem(412, "precondition_failed");
        }
    }
    assert_eq!(permanent_records(&world, &account).await, before);
    let name = json!({ "name": unique("account") });
    world.change(&resources[0].0, &name).await.expect(200);
    assert_eq!(permanent_records(&world, &account).await, before + 1, "a change leaves one");
}

#[tokio::test]
async fn a13_downloads_of_the_keys_of_a_project_leave_a_bounded_number_of_records() {
    let world = World::shared();
    let (project, other) = (Project::new(&world).await, Project::new(&world).await);
    let before = permanent_records(&world, &project.account).await;
    let mut downloads = 0;
    let refused = loop {
        let answer = world.read(&format!("{}/settings-file", project.path)).await;
        if answer.status != 200 {
            break answer;
        }
        downloads += 1;
        assert!(downloads < DOWNLOADS + 5, "on a slow host, one a minute is added");
    };
    refused.expect_problem(429, "quota_exceeded");
    assert!(downloads >= DOWNLOADS, "{downloads}");
    assert_eq!(permanent_records(&world, &project.account).await, before + downloads);
    world.read(&format!("{}/settings-file", other.path)).await.expect(200);
}

#[tokio::test]
async fn a13_a_refused_erasure_leaves_a_notice() {
    let world = World::shared();
    let project = Project::new(&world).await;
    let auditor = world.create_key_with_role(&project.account, "auditor").await;
    let before = permanent_records(&world, &project.account).await;
    let erase = world.post(&format!("{}/users/erase?user=u", project.path)).with_token_of(&auditor);
    erase.json(&json!({})).send().await.expect_problem(403, "insufficient_scope");
    assert_eq!(permanent_records(&world, &project.account).await, before);
    let notices = world.read_notices(&project.account).await;
    assert_eq!(notices[0]["action"], "api_key.refuse_access");
    assert_eq!(notices[0]["details"]["call"], "project-users");
}
