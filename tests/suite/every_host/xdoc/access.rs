//! Window X: who may build and verify a project's tokens (X6, A6).

use serde_json::json;

use crate::support::call::Call;
use crate::support::world::World;
use crate::support::xdoc::{XdocProject, fields};

/// A request to build a token and one to verify a token, each with the credentials that `authenticate` adds.
fn build_and_verify(
    world: &World,
    xdoc: &XdocProject,
    authenticate: impl Fn(Call) -> Call,
) -> [(&'static str, Call); 2] {
    [
        (
            "build",
            authenticate(world.post(&xdoc.path("user-tokens"))).json(&json!({ "fields": fields("user") })),
        ),
        ("verify", authenticate(world.post(&xdoc.path("tokens/verify"))).json(&json!({ "XST": "A" }))),
    ]
}

#[tokio::test]
async fn x06_missing_wrong_or_double_credentials_get_401() {
    let world = World::shared();
    let (xdoc, other) = (XdocProject::new(&world).await, XdocProject::new(&world).await);
    let secret = &xdoc.project.api_secret;
    let flipped = format!("{}{}", &secret[..63], if secret.ends_with('a') { "b" } else { "a" });
    let wrong = [
        ("none", None),
        ("another project's", Some(other.project.api_secret.clone())),
        ("one character", Some(flipped)),
        ("an API key's", Some(world.demo.admin_key.secret.clone())),
        ("a partner's", Some(world.demo.partner.api_key.clone())),
        ("two", Some(format!("{secret}, {secret}"))),
    ];
    for (case, wrong) in &wrong {
        let authenticate = |call: Call| match wrong {
            Some(wrong) => call.bearer(wrong),
            None => call,
        };
        for (what, call) in build_and_verify(&world, &xdoc, authenticate) {
            let answer = call.send().await.expect_problem(401, "invalid_credentials");
            assert!(answer.header("www-authenticate").starts_with("Bearer"), "{what} with {case}");
        }
    }
    for (what, call) in
        build_and_verify(&world, &xdoc, |call| call.bearer(secret).signed(&world.demo.admin_key))
    {
        let answer = call.send().await;
        assert_eq!(answer.status, 401, "{what} with both credentials");
    }
}

#[tokio::test]
async fn x06_an_api_key_needs_the_right_on_the_project_s_entity() {
    let world = World::shared();
    let xdoc = XdocProject::new(&world).await;
    let account = &xdoc.project.account;
    for (role, build, verify) in
        [("account_admin", 200, 403), ("auditor", 403, 403), ("launchpad_user", 403, 403)]
    {
        let key = world.create_key_with_role(account, role).await;
        for ((what, call), status) in
            build_and_verify(&world, &xdoc, |call| call.with_token_of(&key)).into_iter().zip([build, verify])
        {
            let answer = call.send().await.expect(status);
            let code = if role == "account_admin" { "tokens_refused" } else { "insufficient_scope" };
            assert!(status == 200 || answer.json["code"] == code, "{role} {what}: {}", answer.text);
        }
    }
    let token = world.redeem(&world.demo.admin_key).await.expect(200).text_at("token");
    let tokens = json!({ "XST": xdoc.token(&world, "security").await });
    world.post(&xdoc.path("tokens/verify")).bearer(&token).json(&tokens).send().await.expect(200);
}

#[tokio::test]
async fn x06_the_app_key_is_returned_only_to_callers_who_may_change_it() {
    let world = World::shared();
    let xdoc = XdocProject::new(&world).await;
    let tokens = json!({ "XST": xdoc.token(&world, "security").await });
    let key = world.create_key_with_role(&xdoc.project.account, "account_admin").await;
    for (scope, sees) in [
        ("project_token:r", false),
        ("project_token:rw", false),
        ("project_token:r project:r", false),
        ("project_token:r project:rw", true),
        ("project_token:r project:rwd", true),
    ] {
        let token = world.client_token(&key, scope).await;
        let call = world.post(&xdoc.path("tokens/verify")).bearer(&token).json(&tokens);
        let answer = call.send().await.expect(200);
        assert_eq!(answer.text.contains(&xdoc.app_key), sees, "{scope}: {}", answer.text);
        assert_eq!(answer.json["security_token"]["AppId"], "MyAppId", "{scope}");
    }
    let own = xdoc.verify(&world, &tokens).await.expect(200);
    assert_eq!(own.json["security_token"]["AppKey"], xdoc.app_key);
}

#[tokio::test]
async fn x06_a06_another_tenant_s_key_gets_404_and_its_api_secret_401() {
    let world = World::shared();
    let xdoc = XdocProject::new(&world).await;
    for (what, call) in build_and_verify(&world, &xdoc, |call| call.with_token_of(&world.rival.admin_key)) {
        let answer = call.send().await;
        assert_eq!((answer.status.as_u16(), &answer.json["code"]), (404, &json!("not_found")), "{what}");
    }
    for (what, call) in build_and_verify(&world, &xdoc, |call| call.bearer(&world.rival.project.api_secret)) {
        assert_eq!(call.send().await.status, 401, "{what}");
    }
    let missing = "/v1/projects/project-0195f3a0-1111-7222-8333-444455556666/tokens/verify";
    for path in [missing, "/v1/projects/shop/tokens/verify"] {
        world
            .post(path)
            .with_token_of(&world.demo.admin_key)
            .json(&json!({}))
            .send()
            .await
            .expect_problem(404, "not_found");
        world.post(path).bearer(&xdoc.project.api_secret).json(&json!({})).send().await.expect(401);
    }
}

#[tokio::test]
async fn x06_a06_a_token_of_one_project_is_refused_by_another() {
    let world = World::shared();
    let (one, other) = (XdocProject::new(&world).await, XdocProject::new(&world).await);
    let tokens = json!({ "XST": one.token(&world, "security").await });
    one.verify(&world, &tokens).await.expect(200);
    other.verify(&world, &tokens).await.expect_problem(403, "tokens_refused");
}

#[tokio::test]
async fn x06_only_a_caller_with_the_secret_learns_that_a_project_is_disabled() {
    let world = World::shared();
    let xdoc = XdocProject::new(&world).await;
    let account = format!("/admin/v1/entities/{}", xdoc.project.account);
    for (path, off, on) in [
        (&xdoc.project.path, json!({ "status": "disabled" }), json!({ "status": "active" })),
        (&account, json!({ "api_enabled": false }), json!({ "api_enabled": true })),
        (&account, json!({ "status": "disabled" }), json!({ "status": "active" })),
    ] {
        world.change(path, &off).await.expect(200);
        let refused = world.wait_for_status(403, async || xdoc.build(&world, "user", &json!({})).await).await;
        refused.expect_problem(403, "entity_disabled");
        world.post(&xdoc.path("user-tokens")).bearer("tbas_x").json(&json!({})).send().await.expect(401);
        world.change(path, &on).await.expect(200);
        world.wait_for_status(400, async || xdoc.build(&world, "user", &json!({})).await).await;
    }
}

#[tokio::test]
async fn x06_a_rotated_api_secret_works_beside_the_new_one() {
    let world = World::shared();
    let xdoc = XdocProject::new(&world).await;
    let rotate = format!("{}/rotate", xdoc.project.path);
    let new = world.create(&rotate, &json!({})).await.expect(201).text_at("api_secret");
    let body = json!({ "fields": fields("user") });
    let send =
        async |secret: &str| world.post(&xdoc.path("user-tokens")).bearer(secret).json(&body).send().await;
    world.wait_for_status(200, async || send(&new).await).await;
    send(&xdoc.project.api_secret).await.expect(200);
}

#[tokio::test]
async fn x06_a_get_is_refused_with_allow_post() {
    let world = World::shared();
    let project = &world.demo.project;
    for path in ["security-tokens", "user-tokens", "combined-tokens", "tokens/verify"] {
        let full_path = format!("/v1/projects/{}/{path}", project.id);
        let answer = world.get(&full_path).bearer(&project.api_secret).send().await;
        assert_eq!(answer.expect_problem(405, "method_not_allowed").header("allow"), "POST", "{path}");
    }
}

#[tokio::test]
async fn x06_x09_the_demo_project_builds_and_verifies_with_both_of_its_token_sets() {
    let world = World::shared();
    let project = &world.demo.project;
    let send = async |path: &str, body: serde_json::Value| {
        let call = world.post(&format!("/v1/projects/{}/{path}", project.id)).bearer(&project.api_secret);
        call.json(&body).send().await.expect(200)
    };
    for (set, authenticated) in [("compatible", false), ("authenticated", true)] {
        let built = send("combined-tokens", json!({ "token_set": set, "fields": fields("combined") })).await;
        let tokens = json!({ "XST": built.json["encrypted"], "XSC": project.tokens.security_context });
        let verified = send("tokens/verify", tokens).await;
        assert_eq!(verified.json["security_token"]["AppKey"], project.tokens.app_key);
        assert_eq!(verified.json["authenticated"], authenticated, "{set}");
    }
}
