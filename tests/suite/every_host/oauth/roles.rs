//! What the holder of each role may do with tokens (A8): issue, build, introspect and revoke them.

use serde_json::json;

use crate::support::oauth::{INTROSPECT, REVOKE};
use crate::support::world::World;
use crate::support::xdoc::{XdocProject, fields};

/// A role, and whether it issues or builds, introspects, and revokes tokens.
const ROLES: [(&str, bool, bool, bool); 9] = [
    ("customer_admin", true, true, true),
    ("organization_admin", true, true, true),
    ("account_admin", true, true, true),
    ("auditor", false, true, false),
    ("support", false, false, false),
    ("token_issuer", true, false, false),
    ("introspector", false, true, false),
    ("revoker", false, true, true),
    ("launchpad_user", false, false, false),
];

#[tokio::test]
async fn a8_each_role_issues_and_builds_tokens_only_with_the_scope_for_it() {
    let world = World::shared();
    let xdoc = XdocProject::new(&world).await;
    let (_, tokens) = world.create_provider(&xdoc.project.account).await;
    for (role, issues, ..) in ROLES {
        let key = world.create_key_with_role(&xdoc.project.account, role).await;
        let status = if issues { 200 } else { 403 };
        let issued = world.request_token(&tokens, &key).await;
        assert_eq!(issued.status, status, "{role} issues: {}", issued.text);
        let build = world.post(&xdoc.path("user-tokens")).with_token_of(&key);
        let built = build.json(&json!({ "fields": fields("user") })).send().await;
        assert_eq!(built.status, status, "{role} builds: {}", built.text);
    }
}

#[tokio::test]
async fn a8_each_role_introspects_and_revokes_tokens_only_with_the_scope_for_it() {
    let world = World::shared();
    let admin = &world.demo.admin_key;
    for (role, _, introspects, revokes) in ROLES {
        let key = world.create_key_with_role(&world.demo.account_id, role).await;
        let token = world.anonymous_token().await;
        assert_eq!(world.introspect(&key, &token).await.is_active(), introspects, "{role}");
        let answer = world.revoke(&key, &token).await;
        if revokes {
            answer.expect(200);
        } else {
            answer.expect_oauth_error(400, "unauthorized_client");
        }
        assert_eq!(world.introspect(admin, &token).await.is_active(), !revokes, "{role}");
    }
}

#[tokio::test]
async fn a8_a_narrow_role_acts_on_its_entity_and_below_only() {
    let world = World::shared();
    let (own, sibling) = (world.create_account().await, world.create_account().await);
    let (_, tokens_of_sibling) = world.create_provider(&sibling).await;
    let issuer = world.create_key_with_role(&own, "token_issuer").await;
    world.request_token(&tokens_of_sibling, &issuer).await.expect_problem(403, "insufficient_scope");
    let token = world.anonymous_token().await;
    let introspector = world.create_key_with_role(&own, "introspector").await;
    assert!(!world.introspect(&introspector, &token).await.is_active());
    let revoker = world.create_key_with_role(&own, "revoker").await;
    world.revoke(&revoker, &token).await.expect_oauth_error(400, "unauthorized_client");
}

#[tokio::test]
async fn a8_a_narrow_role_is_granted_by_administrators_only() {
    let world = World::shared();
    let account = world.create_account().await;
    let path = format!("/admin/v1/entities/{account}/integrations");
    let admin = world.create_key_with_role(&account, "account_admin").await;
    for role in ["token_issuer", "introspector", "revoker", "support"] {
        let grants = json!([{ "role": role, "entity_id": account }]);
        let body = json!({ "name": format!("by administrator {role}"), "grants": grants });
        world.post(&path).with_token_of(&admin).json(&body).send().await.expect(201);
        let holder = world.create_key_with_role(&account, role).await;
        let body = json!({ "name": format!("by holder {role}"), "grants": grants });
        let answer = world.post(&path).with_token_of(&holder).json(&body).send().await;
        answer.expect_problem(403, "insufficient_scope");
    }
}

#[tokio::test]
async fn a8_support_reads_no_secret() {
    let world = World::shared();
    let xdoc = XdocProject::new(&world).await;
    let project = xdoc.project.path.clone();
    let support = world.create_key_with_role(&xdoc.project.account, "support").await;
    let read = async |path: &str| world.get(path).with_token_of(&support).send().await;
    read(&format!("{project}/settings-file")).await.expect_problem(403, "insufficient_scope");
    for path in [project.clone(), format!("{project}/token-settings"), format!("{project}/token-sets")] {
        let answer = read(&path).await.expect(200);
        for secret in [&xdoc.project.api_secret, &xdoc.app_key] {
            assert!(!answer.text.contains(secret.as_str()), "{path}");
        }
    }
    for path in [INTROSPECT, REVOKE] {
        let answer = world.post_form(path, &support, &[("token", "unknown")]).await;
        assert!(answer.status == 200 && !answer.text.contains("true"), "{path}: {}", answer.text);
    }
}
