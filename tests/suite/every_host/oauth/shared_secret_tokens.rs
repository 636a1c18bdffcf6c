//! Introspection and revocation of tokens that are signed with a shared secret, in windows V and S (A2, V9).

use serde_json::{Value, json};

use crate::support::call::now;
use crate::support::jwt::claims;
use crate::support::oauth::{INTROSPECT, REVOKE};
use crate::support::partner::{Partner, introspection_response};
use crate::support::project::Project;
use crate::support::tenant::Key;
use crate::support::world::World;

#[tokio::test]
async fn v09_a2_a_site_token_is_introspected_by_keys_with_rights_on_its_partner_s_entity() {
    let world = World::shared();
    let partner = Partner::in_new_account(&world).await;
    let token = partner.site_token(&world).await;
    let expected = introspection_response(claims(&token));
    let auditor = world.create_key_with_role(&partner.entity, "auditor").await;
    for key in [&world.demo.admin_key, &auditor] {
        assert_eq!(world.introspect(key, &token).await.json, expected);
    }
    for key in [&world.rival.admin_key, &world.demo.api_key] {
        assert!(!world.introspect(key, &token).await.is_active());
    }
}

#[tokio::test]
async fn v09_a2_a_site_token_is_inactive_once_its_site_partner_entity_or_secret_ends() {
    let world = World::shared();
    let admin = &world.demo.admin_key;
    let off = json!({ "status": "disabled" });
    for (what, change) in [
        ("partner", off.clone()),
        ("site", off.clone()),
        ("deleted site", Value::Null),
        ("entity", off),
        ("switch", json!({ "api_enabled": false })),
        ("secret", json!({})),
    ] {
        let partner = Partner::in_new_account(&world).await;
        let token = partner.site_token(&world).await;
        assert!(world.introspect(admin, &token).await.is_active(), "{what}");
        match what {
            "partner" => world.change(&partner.path, &change).await.expect(200),
            "site" => world.change(&partner.site.path, &change).await.expect(200),
            "deleted site" => world.delete(&partner.site.path).await.expect(204),
            "secret" => {
                let at_once = json!({ "valid_until": timestamp(now() - 1) });
                world.create(&format!("{}/rotate", partner.site.path), &at_once).await.expect(201)
            }
            _ => world.change(&format!("/admin/v1/entities/{}", partner.entity), &change).await.expect(200),
        };
        world.wait_until_inactive(admin, &token).await;
    }
}

fn timestamp(second: i64) -> String {
    model::Timestamp::from_second(second).expect("a time").to_string()
}

#[tokio::test]
async fn v09_a2_a_rotated_site_secret_verifies_during_its_overlap() {
    let world = World::shared();
    let partner = Partner::in_new_account(&world).await;
    let old = partner.site_token(&world).await;
    world.create(&format!("{}/rotate", partner.site.path), &json!({})).await.expect(201);
    let new = partner.site_token(&world).await;
    for token in [old, new] {
        assert!(world.introspect(&world.demo.admin_key, &token).await.is_active());
    }
}

#[tokio::test]
async fn a2_a_revoked_site_token_is_inactive() {
    let world = World::shared();
    let partner = Partner::in_new_account(&world).await;
    let (token, other) = (partner.site_token(&world).await, partner.site_token(&world).await);
    let auditor = world.create_key_with_role(&partner.entity, "auditor").await;
    world.revoke(&auditor, &token).await.expect_oauth_error(400, "unauthorized_client");
    world.revoke(&world.rival.admin_key, &token).await.expect(200);
    assert!(world.introspect(&auditor, &token).await.is_active());
    world.revoke(&world.demo.admin_key, &token).await.expect(200);
    assert!(!world.introspect(&auditor, &token).await.is_active());
    assert!(world.introspect(&auditor, &other).await.is_active());
    let log = world.read_audit_log(&partner.entity).await;
    let items = log.json["items"].as_array().expect("items");
    let revoked = items.iter().find(|item| item["action"] == "token.revoke").expect("a record");
    let id = revoked["target"]["id"].as_str().expect("an id");
    assert_eq!(id.len(), 64, "the hash of the token, because a partner can write anything into jti");
}

#[tokio::test]
async fn a2_a_signed_token_is_introspected_by_its_kid_or_by_project_id() {
    let world = World::shared();
    let project = Project::new(&world).await;
    let claims = json!({ "user": "u", "iat": now(), "exp": now() as f64 + 600.5, "nbf": now() - 10, "jti": "j", "x": [1] });
    let exp = claims["exp"].as_f64().expect("a number").floor() as i64;
    let (with_kid, without_kid) = (project.sign(&claims, true), project.sign(&claims, false));
    let admin = &world.demo.admin_key;
    let expected = json!({
        "active": true, "kind": "signed_security", "token_type": "N_A", "sub": "u", "user": "u",
        "project_id": project.id, "iat": claims["iat"], "exp": exp, "nbf": claims["nbf"], "jti": "j",
        "entity_path": [world.demo.customer_id, world.demo.organization_id, project.account],
    });
    assert_eq!(world.introspect(admin, &with_kid).await.json, expected);
    for token in [&with_kid, &without_kid] {
        assert_eq!(project.introspect(&world, admin, token).await.json, expected);
        assert!(!project.introspect(&world, &world.rival.admin_key, token).await.is_active());
    }
    assert!(
        !world.introspect(admin, &without_kid).await.is_active(),
        "without kid and project_id the project is unknown"
    );
    let other = Project::new(&world).await;
    assert!(!other.introspect(&world, admin, &without_kid).await.is_active(), "another project's");
    let minimal = project.introspect(&world, admin, &project.sign(&json!({ "user": "" }), false)).await;
    assert_eq!(minimal.json.as_object().expect("an object").len(), 7, "{}", minimal.text);
    for inactive in
        [json!({ "user": "u", "exp": now() - 5 }), json!({ "user": "u", "nbf": now() + 60 }), json!({})]
    {
        assert!(
            !project.introspect(&world, admin, &project.sign(&inactive, true)).await.is_active(),
            "{inactive}"
        );
    }
}

#[tokio::test]
async fn a2_a_project_introspects_its_own_tokens_only() {
    let world = World::shared();
    let (project, other) = (Project::new(&world).await, Project::new(&world).await);
    let rival = world.rival.project.client_credentials();
    let claims = json!({ "user": "u", "exp": now() + 600 });
    for with_kid in [true, false] {
        let token = project.sign(&claims, with_kid);
        assert_eq!(world.introspect(&project.client_credentials(), &token).await.json["user"], "u");
        assert!(!world.introspect(&other.client_credentials(), &token).await.is_active());
        assert!(!project.introspect(&world, &other.client_credentials(), &token).await.is_active());
        assert!(!project.introspect(&world, &rival, &token).await.is_active());
    }
    let anonymous = world.anonymous_token().await;
    assert!(!world.introspect(&project.client_credentials(), &anonymous).await.is_active());
    let wrong = Key { secret: other.api_secret.clone(), ..project.client_credentials() };
    world.post_form(INTROSPECT, &wrong, &[("token", "x")]).await.expect_oauth_error(401, "invalid_client");
    let grant = [("grant_type", "client_credentials")];
    let refused = world.post_form("/oauth2/token", &project.client_credentials(), &grant).await;
    refused.expect_oauth_error(401, "invalid_client");
}

#[tokio::test]
async fn a2_a_signed_token_is_inactive_once_its_project_or_entity_is_disabled_or_deleted() {
    let world = World::shared();
    let admin = &world.demo.admin_key;
    let off = json!({ "status": "disabled" });
    for (what, change) in [("project", off.clone()), ("deleted", Value::Null), ("entity", off)] {
        let project = Project::new(&world).await;
        let token = project.sign(&json!({ "user": "u" }), true);
        assert!(world.introspect(admin, &token).await.is_active(), "{what}");
        match what {
            "project" => world.change(&project.path, &change).await.expect(200),
            "deleted" => world.delete(&project.path).await.expect(204),
            _ => world.change(&format!("/admin/v1/entities/{}", project.account), &change).await.expect(200),
        };
        world.wait_until_inactive(admin, &token).await;
        let status = if what == "deleted" { 401 } else { 400 };
        let send =
            async || world.post_form(INTROSPECT, &project.client_credentials(), &[("token", &*token)]).await;
        world.wait_for_status(status, send).await;
    }
}

#[tokio::test]
async fn a2_a_signed_token_is_revoked_by_its_project_or_by_a_key_with_the_scope() {
    let world = World::shared();
    let (project, other) = (Project::new(&world).await, Project::new(&world).await);
    let admin = &world.demo.admin_key;
    let tokens = ["a", "b"].map(|user| project.sign(&json!({ "user": user, "jti": "two\nlines" }), false));
    for key in [&other.client_credentials(), &world.rival.admin_key] {
        let parameters = [("token", &*tokens[0]), ("project_id", &*project.id)];
        world.post_form(REVOKE, key, &parameters).await.expect(200);
    }
    for token in &tokens {
        assert!(project.introspect(&world, admin, token).await.is_active());
    }
    world.revoke(&project.client_credentials(), &tokens[0]).await.expect(200);
    let parameters = [("token", &*tokens[1]), ("project_id", &*project.id)];
    world.post_form(REVOKE, admin, &parameters).await.expect(200);
    for token in &tokens {
        assert!(!project.introspect(&world, admin, token).await.is_active());
        assert!(!world.introspect(&project.client_credentials(), token).await.is_active());
    }
    let log = world.read_audit_log(&project.account).await;
    let items = log.json["items"].as_array().expect("items");
    let by_key: Vec<_> = items.iter().filter(|item| item["action"] == "token.revoke").collect();
    let by_project = world.read_notices(&project.account).await;
    assert_eq!((by_key.len(), by_project.len()), (1, 1), "only the key's revocation is permanent");
    assert_eq!(by_key[0]["actor"], json!({ "client_id": admin.id, "via": "api_key" }));
    assert_eq!(by_project[0]["actor"], json!({ "client_id": project.client_id, "via": "project" }));
    for record in [by_key[0], &by_project[0]] {
        let id = record["target"]["id"].as_str().expect("an id");
        assert_eq!(
            id.len(),
            64,
            "the hash of the token, because a project's server can write anything into jti"
        );
    }
}

#[tokio::test]
async fn s03_a2_a_token_from_sign_is_introspected_and_refused_after_revocation() {
    let world = World::shared();
    let project = world.create_signing_project().await;
    let sign = world
        .post("/token/sign")
        .bearer(&project.api_secret)
        .json(&json!({ "user": "u", "purpose": "attach" }));
    let token = sign.send().await.expect(200).text_at("secret");
    let admin = &world.demo.admin_key;
    let introspected = world.introspect(admin, &token).await;
    let claims = ["user", "project_id", "purpose"].map(|name| &introspected.json[name]);
    assert_eq!(claims, [&json!("u"), &json!(project.id), &json!("attach")]);
    let body = json!({ "user": "u", "device_id": "d" });
    world.attach(&project, &token, &body).await.expect(200);
    world.revoke(admin, &token).await.expect(200);
    assert!(!world.introspect(admin, &token).await.is_active());
    world.attach(&project, &token, &body).await.expect(401);
}
