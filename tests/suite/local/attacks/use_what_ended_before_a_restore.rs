//! An attacker has a credential that the operator ended, and waits for a restore of the table, after which it works again.

use std::process::Output;

use serde_json::{Value, json};
use tokenbooth::TABLE;

use crate::local::embedded::{ProxiedBooth, booth_behind_proxy};
use crate::local::kms::copy_table;
use crate::local::process::{command, run, stdout};
use crate::support::partner::Partner;
use crate::support::project::Project;
use crate::support::world::{World, unique};

const COPY: &str = "tokenbooth-copy";
const IN_THE_PAST: &str = "2020-01-01T00:00:00Z";

async fn compare(booth: &ProxiedBooth) -> Output {
    let mut restore = command(["restore", "--table", COPY, "--current", TABLE]);
    restore.envs(booth.environment());
    run(restore).await
}

/// Asserts that the report has a line about `id` with each of `parts`.
#[track_caller]
fn assert_listed(report: &str, id: &str, parts: &[&str]) {
    let is_it =
        |line: &&str| line.trim_start().starts_with(id) && parts.iter().all(|part| line.contains(part));
    assert!(report.lines().any(|line| is_it(&line)), "{id} {parts:?}: {report}");
}

/// A project with a token set. Returns the project, and the path and the id of the token set.
async fn with_token_set(world: &World) -> (Project, String, String) {
    let project = world.create_project(&json!({})).await;
    let path = format!("{}/token-sets", project.path);
    let id = world.create(&path, &json!({ "name": unique("set"), "app_keys": ["a"] })).await.expect(201);
    let id = id.text_at("id");
    (project, format!("{path}/{id}"), id)
}

#[tokio::test]
async fn a10_restore_lists_everything_that_ended_since_the_copy() {
    let booth = booth_behind_proxy(0).await;
    let world = &booth.world;
    let account = world.create_account().await;
    let partner = Partner::new(world, &account).await;
    let disabled_partner = Partner::new(world, &account).await;
    let (provider, _) = world.create_provider(&account).await;
    let (project, token_set_path, token_set) = with_token_set(world).await;
    let integration = world.create_integration(&account, "account_admin").await;
    let (rotated, ended) =
        (world.create_key(&account, &integration).await, world.create_key(&account, &integration).await);
    let below = format!("/admin/v1/entities/{account}");
    let key_path = |id: &str| format!("{below}/integrations/{integration}/keys/{id}");
    copy_table(booth.start.table.client(), COPY).await;

    let at_once = json!({ "valid_until": IN_THE_PAST });
    let disabled = json!({ "status": "disabled" });
    let grants = json!({ "grants": [{ "role": "launchpad_user", "entity_id": account }] });
    for rotation in [&partner.site.path, &project.path, &key_path(&rotated.id)] {
        world.create(&format!("{rotation}/rotate"), &at_once).await.expect(201);
    }
    let change = async |path: &str, body: &Value| world.change(path, body).await.expect(200);
    change(&key_path(&ended.id), &at_once).await;
    change(&token_set_path, &json!({ "active": false })).await;
    change(&disabled_partner.path, &disabled).await;
    change(&format!("{below}/providers/{provider}"), &disabled).await;
    change(&format!("{below}/integrations/{integration}"), &grants).await;
    change(&below, &json!({ "api_enabled": false })).await;

    let output = compare(&booth).await;
    let report = stdout(&output);
    let end_again = ["in the copy, and not now", "remove it again"];
    assert_listed(&report, &partner.site.id, &[&["secrets has"], &end_again[..]].concat());
    assert_listed(&report, &project.id, &[&["secrets has"], &end_again[..]].concat());
    for key in [&rotated, &ended] {
        assert_listed(&report, &key.id, &["valid_until is none in the copy, and 20", "set it again"]);
    }
    let active = format!("token_sets {token_set} active is true in the copy, and false now");
    assert_listed(&report, &project.id, &[&active]);
    let disabled_partner = disabled_partner.path.rsplit('/').next().expect("an id");
    for id in [disabled_partner, &provider] {
        assert_listed(&report, id, &[" of ", &account, "status is active in the copy, and disabled now"]);
    }
    let lost = format!("grants has account_admin on {account} in the copy, and not now: remove it again");
    assert_listed(&report, &integration, &[&lost]);
    assert_listed(&report, &account, &["api_enabled is true in the copy, and false now: set it again"]);
    assert!(report.contains("0 were deleted, 8 were changed, 1 were created"), "{report}");
    assert_eq!(output.status.code(), Some(3), "{output:?}");
}

/// A site is stored by its name, and a new site of that name has a version of its own.
#[tokio::test]
async fn a10_restore_lists_a_site_whose_name_has_another_site_now() {
    let booth = booth_behind_proxy(0).await;
    let world = &booth.world;
    let partner = Partner::in_new_account(world).await;
    world.change(&partner.site.path, &json!({ "allow_get": false })).await.expect(200);
    copy_table(booth.start.table.client(), COPY).await;
    world.delete(&partner.site.path).await.expect(204);
    let same_name = json!({ "name": partner.site.name });
    world.create(&format!("{}/sites", partner.path), &same_name).await.expect(201);
    let output = compare(&booth).await;
    assert_listed(&stdout(&output), &partner.site.id, &["id is", "in the copy"]);
    assert_eq!(output.status.code(), Some(3), "{output:?}");
}

#[tokio::test]
async fn a10_restore_does_not_list_what_a_rotation_of_the_data_key_sealed_again() {
    let booth = booth_behind_proxy(0).await;
    copy_table(booth.start.table.client(), COPY).await;
    let unchanged = compare(&booth).await;
    assert!(unchanged.status.success(), "{unchanged:?}");
    assert!(stdout(&unchanged).contains("0 were deleted, 0 were changed, 0 were created"), "{unchanged:?}");

    let mut rotation = store::Rotation::new(&booth.start.table, &booth.start.data_key);
    let mut now = booth.start.clock.now();
    loop {
        match rotation.advance(now).await.expect("a step") {
            store::RotationStep::Wait { until } => now = until,
            // The file keeps the old key until the next step, so the copy still opens.
            store::RotationStep::Resealed { .. } => break,
            _ => {}
        }
    }
    let report = stdout(&compare(&booth).await);
    assert!(report.contains("0 were deleted, 1 were changed, 0 were created"), "{report}");
    assert_listed(&report, "deployment", &["data_keys has", "now, and not in the copy: add it again"]);
}
