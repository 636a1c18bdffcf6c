//! Window X: who may build and verify a project's tokens (X6, A6).

use serde_json::json;

use crate::support::call::Call;
use crate::support::world::World;
use crate::support::xdoc::{XdocProject, fields};

/// Building and verifying, so that both are asked.
fn calls(world: &World, sealed: &XdocProject, proof: impl Fn(Call) -> Call) -> [(&'static str, Call); 2] {
    [
        ("build", proof(world.post(&sealed.at("user-tokens"))).json(&json!({ "fields": fields("user") }))),
        ("verify", proof(world.post(&sealed.at("tokens/verify"))).json(&json!({ "XST": "A" }))),
    ]
}

#[tokio::test]
async fn x06_missing_wrong_or_double_credentials_get_401() {
    let world = World::shared();
    let (sealed, other) = (XdocProject::new(&world).await, XdocProject::new(&world).await);
    let secret = &sealed.project.api_secret;
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
        let proof = |call: Call| match wrong {
            Some(wrong) => call.bearer(wrong),
            None => call,
        };
        for (what, call) in calls(&world, &sealed, proof) {
            let answer = call.send().await.expect_problem(401, "invalid_credentials");
            assert!(answer.header("www-authenticate").starts_with("Bearer"), "{what} with {case}");
        }
    }
    for (what, call) in calls(&world, &sealed, |call| call.bearer(secret).signed(&world.demo.admin_key)) {
        let answer = call.send().await;
        assert_eq!(answer.status, 401, "{what} with both proofs");
    }
}

#[tokio::test]
async fn x06_an_api_key_needs_the_right_on_the_project_s_entity() {
    let world = World::shared();
    let sealed = XdocProject::new(&world).await;
    let account = &sealed.project.account;
    for (role, build, verify) in
        [("account_admin", 200, 403), ("auditor", 403, 403), ("launchpad_user", 403, 403)]
    {
        let key = world.key(account, role).await;
        for ((what, call), status) in
            calls(&world, &sealed, |call| call.signed(&key)).into_iter().zip([build, verify])
        {
            let answer = call.send().await.expect(status);
            let code = if role == "account_admin" { "tokens_refused" } else { "insufficient_scope" };
            assert!(status == 200 || answer.json["code"] == code, "{role} {what}: {}", answer.text);
        }
    }
    let token = world.redeem(&world.demo.admin_key).await.expect(200).text_at("token");
    let tokens = json!({ "XST": sealed.token(&world, "security").await });
    world.post(&sealed.at("tokens/verify")).bearer(&token).json(&tokens).send().await.expect(200);
}

#[tokio::test]
async fn x06_the_app_key_is_returned_only_to_callers_who_may_change_it() {
    let world = World::shared();
    let sealed = XdocProject::new(&world).await;
    let tokens = json!({ "XST": sealed.token(&world, "security").await });
    let key = world.key(&sealed.project.account, "account_admin").await;
    for (scope, sees) in [
        ("project_token:r", false),
        ("project_token:rw", false),
        ("project_token:r project:r", false),
        ("project_token:r project:rw", true),
        ("project_token:r project:rwd", true),
    ] {
        let token = world.client_token(&key, scope).await;
        let call = world.post(&sealed.at("tokens/verify")).bearer(&token).json(&tokens);
        let answer = call.send().await.expect(200);
        assert_eq!(answer.text.contains(&sealed.app_key), sees, "{scope}: {}", answer.text);
        assert_eq!(answer.json["security_token"]["AppId"], "MyAppId", "{scope}");
    }
    let own = sealed.verify(&world, &tokens).await.expect(200);
    assert_eq!(own.json["security_token"]["AppKey"], sealed.app_key);
}

#[tokio::test]
async fn x06_a06_another_tenant_s_key_gets_404_and_its_api_secret_401() {
    let world = World::shared();
    let sealed = XdocProject::new(&world).await;
    for (what, call) in calls(&world, &sealed, |call| call.signed(&world.rival.admin_key)) {
        let answer = call.send().await;
        assert_eq!((answer.status.as_u16(), &answer.json["code"]), (404, &json!("not_found")), "{what}");
    }
    for (what, call) in calls(&world, &sealed, |call| call.bearer(&world.rival.project.api_secret)) {
        assert_eq!(call.send().await.status, 401, "{what}");
    }
    let missing = "/v1/projects/project-0195f3a0-1111-7222-8333-444455556666/tokens/verify";
    for path in [missing, "/v1/projects/shop/tokens/verify"] {
        world
            .post(path)
            .signed(&world.demo.admin_key)
            .json(&json!({}))
            .send()
            .await
            .expect_problem(404, "not_found");
        world.post(path).bearer(&sealed.project.api_secret).json(&json!({})).send().await.expect(401);
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
    let sealed = XdocProject::new(&world).await;
    let account = format!("/admin/v1/entities/{}", sealed.project.account);
    for (path, off, on) in [
        (&sealed.project.path, json!({ "status": "disabled" }), json!({ "status": "active" })),
        (&account, json!({ "api_enabled": false }), json!({ "api_enabled": true })),
        (&account, json!({ "status": "disabled" }), json!({ "status": "active" })),
    ] {
        world.change(path, &off).await.expect(200);
        let refused = world.eventually(403, async || sealed.build(&world, "user", &json!({})).await).await;
        refused.expect_problem(403, "entity_disabled");
        world.post(&sealed.at("user-tokens")).bearer("tbas_x").json(&json!({})).send().await.expect(401);
        world.change(path, &on).await.expect(200);
        world.eventually(400, async || sealed.build(&world, "user", &json!({})).await).await;
    }
}

#[tokio::test]
async fn x06_a_rotated_api_secret_works_beside_the_new_one() {
    let world = World::shared();
    let sealed = XdocProject::new(&world).await;
    let rotate = format!("{}/rotate", sealed.project.path);
    let new = world.create(&rotate, &json!({})).await.expect(201).text_at("api_secret");
    let body = json!({ "fields": fields("user") });
    let ask =
        async |secret: &str| world.post(&sealed.at("user-tokens")).bearer(secret).json(&body).send().await;
    world.eventually(200, async || ask(&new).await).await;
    ask(&sealed.project.api_secret).await.expect(200);
}

#[tokio::test]
async fn x06_a_get_is_refused_with_allow_post() {
    let world = World::shared();
    let project = &world.demo.project;
    for path in ["security-tokens", "user-tokens", "combined-tokens", "tokens/verify"] {
        let path = format!("/v1/projects/{}/{path}", project.id);
        let answer = world.get(&path).bearer(&project.api_secret).send().await;
        assert_eq!(answer.expect_problem(405, "method_not_allowed").header("allow"), "POST", "{path}");
    }
}

#[tokio::test]
async fn x06_x09_the_demo_project_builds_and_verifies_with_both_of_its_token_sets() {
    let world = World::shared();
    let project = &world.demo.project;
    let ask = async |path: &str, body: serde_json::Value| {
        let call = world.post(&format!("/v1/projects/{}/{path}", project.id)).bearer(&project.api_secret);
        call.json(&body).send().await.expect(200)
    };
    for (set, authenticated) in [("compatible", false), ("authenticated", true)] {
        let built = ask("combined-tokens", json!({ "token_set": set, "fields": fields("combined") })).await;
        let tokens = json!({ "XST": built.json["encrypted"], "XSC": project.tokens.security_context });
        let verified = ask("tokens/verify", tokens).await;
        assert_eq!(verified.json["security_token"]["AppKey"], project.tokens.app_key);
        assert_eq!(verified.json["authenticated"], authenticated, "{set}");
    }
}
