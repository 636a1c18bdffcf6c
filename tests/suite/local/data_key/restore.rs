//! A table that DynamoDB restored under another name: `tokenbooth restore`, and functions that use it.

use api::Start;
use serde_json::json;
use store::Table;
use tokenbooth::TABLE;

use crate::local::embedded::{ProxiedBooth, booth_behind_proxy, serve};
use crate::local::kms::copy_table;
use crate::local::process::{command, error_message, run, stdout};
use crate::support::jwt;
use crate::support::project::Project;
use crate::support::world::World;

const COPY: &str = "tokenbooth-copy";

/// The ids that must not change: V's user and S's device and identity.
async fn ids(world: &World, project: &Project) -> [String; 3] {
    let token = world.request_device_token("app-1").await.expect(200).text_at("authorizationToken");
    let user = jwt::claims(&token)["userId"].as_str().expect("a user").to_owned();
    let signals = json!({ "iosVendorIdentifier": "A" });
    let attached =
        world.attach(project, &project.token("u"), &json!({ "user": "u", "signals": signals })).await;
    let identified = world.identify(project, "", &json!({ "signals": signals })).await;
    [user, attached.expect(200).text_at("device_id"), identified.expect(200).text_at("identity")]
}

/// Functions that use the copy.
async fn serve_copy(booth: &ProxiedBooth) -> World {
    let table = Table::new(booth.start.table.client().clone(), COPY);
    let url = serve(&Start { table, ..booth.start.clone() }).await;
    World::new(&url, booth.world.demo.clone(), booth.world.rival.clone())
}

async fn restore(booth: &ProxiedBooth, arguments: &[&str]) -> std::process::Output {
    let mut restore = command(["restore", "--table", COPY].iter().chain(arguments));
    restore.envs(booth.environment());
    run(restore).await
}

#[tokio::test]
async fn a10_functions_on_a_restored_copy_issue_tokens_and_keep_every_id() {
    let booth = booth_behind_proxy(0).await;
    let project = booth.world.create_project(&json!({})).await;
    let before = ids(&booth.world, &project).await;
    copy_table(booth.start.table.client(), COPY).await;
    let world = serve_copy(&booth).await;
    world.redeem(&world.demo.api_key).await.expect(200);
    world.request_token(&world.demo_tokens(), &world.demo.api_key).await.expect(200);
    assert_eq!(ids(&world, &project).await, before);

    let output = restore(&booth, &[]).await;
    let text = stdout(&output);
    assert!(output.status.success(), "{output:?}");
    for line in [
        "the data key opens",
        "the signing keys open; tokens have the issuer http://127.0.0.1",
        "switched TTL on",
        "the newest audit record is of 20",
        "--current lists them",
        "this copy can be used",
    ] {
        assert!(text.contains(line), "{line}: {text}");
    }
    assert!(!stdout(&restore(&booth, &[]).await).contains("switched TTL on"), "a second run changes nothing");
}

#[tokio::test]
async fn a10_restore_lists_what_comes_back_and_carries_revocations_over() {
    let booth = booth_behind_proxy(0).await;
    let world = &booth.world;
    let account = &world.demo.account_id;
    let integration = world.create_integration(account, "account_admin").await;
    let keys = format!("/admin/v1/entities/{account}/integrations/{integration}/keys");
    let (deleted, disabled) =
        (world.create_key(account, &integration).await, world.create_key(account, &integration).await);
    let token = world.redeem(&world.demo.api_key).await.expect(200).text_at("token");
    copy_table(booth.start.table.client(), COPY).await;
    world.delete(&format!("{keys}/{}", deleted.id)).await.expect(204);
    world.change(&format!("{keys}/{}", disabled.id), &json!({ "status": "disabled" })).await.expect(200);
    let revoke = world.post("/oauth2/revoke").form(&[("token", &*token)]);
    revoke.basic(&world.demo.admin_key.id, &world.demo.admin_key.secret).send().await.expect(200);

    let copy = serve_copy(&booth).await;
    let is_active = async || {
        let introspect = copy.post("/oauth2/introspect").form(&[("token", &*token)]);
        introspect
            .basic(&copy.demo.admin_key.id, &copy.demo.admin_key.secret)
            .send()
            .await
            .expect(200)
            .is_active()
    };
    assert!(is_active().await, "the copy does not know of the revocation");
    let output = restore(&booth, &["--current", TABLE]).await;
    let text = stdout(&output);
    assert_eq!(output.status.code(), Some(3), "{output:?}");
    let owners = format!("of {integration} of {account}");
    for line in [
        "API keys: 2 changed after the copy's time",
        &format!("{} {owners}: was deleted, and is in the copy: delete it again", deleted.id),
        &format!("{} {owners}: status is active in the copy, and disabled now: set it again", disabled.id),
        "1 were deleted, 1 were changed, 0 were created; carried over 1 revocations",
        "this copy can be used, and 2 things in it are as they were before",
    ] {
        assert!(text.contains(line), "{line}: {text}");
    }
    assert!(!is_active().await);
}

#[tokio::test]
async fn a10_a_copy_with_a_damaged_value_is_refused() {
    let booth = booth_behind_proxy(0).await;
    let dynamodb = booth.start.table.client();
    copy_table(dynamodb, COPY).await;
    let key = booth.world.demo.api_key.id.clone();
    let text = |text: String| aws_sdk_dynamodb::types::AttributeValue::S(text);
    let update = dynamodb.update_item().table_name(COPY).key("pk", text(format!("key#{key}")));
    let update = update.key("sk", text("key".to_owned())).update_expression("SET secret = :secret");
    let garbage = aws_sdk_dynamodb::types::AttributeValue::B([2_u8; 60].to_vec().into());
    update.expression_attribute_values(":secret", garbage).send().await.expect("damaged");
    let output = restore(&booth, &[]).await;
    assert!(stdout(&output).contains(&format!("key#{key}|key")), "{output:?}");
    let error = error_message(&output);
    assert!(error.contains("this copy cannot be used"), "{error}");
}
