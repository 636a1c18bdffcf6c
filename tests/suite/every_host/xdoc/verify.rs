//! Window X: verifying security and user tokens, with one response for every failure (X7).

use reqwest::header::HeaderMap;
use serde_json::{Value, json};

use crate::support::call::{Answer, now};
use crate::support::world::World;
use crate::support::xdoc::{CONTEXT, XdocProject, compatible, fields};

/// A token set of each mode. Modes that need padding use PKCS7.
pub(super) fn set_of_each_mode() -> [Value; 4] {
    let [cbc, ecb] = ["CBC", "ECB"].map(|mode| compatible(mode, mode));
    [cbc, ecb, json!({ "name": "GCM" }), json!({ "name": "JWE", "mode": "JWE" })]
}

/// Status, headers and body of a response, without the headers that differ in every response.
pub(super) fn comparable_parts(answer: &Answer) -> (u16, HeaderMap, String) {
    let mut headers = answer.headers.clone();
    for name in ["date", "apigw-requestid", "x-amz-request-id", "x-amzn-requestid"] {
        headers.remove(name);
    }
    (answer.status.as_u16(), headers, answer.text.clone())
}

#[tokio::test]
async fn x07_tokens_are_verified_and_their_fields_returned() {
    let world = World::shared();
    let xdoc = XdocProject::new(&world).await;
    let tokens = [
        xdoc.token(&world, "security").await,
        xdoc.token(&world, "user").await,
        xdoc.token(&world, "combined").await,
    ];
    let [xst, xut, both] = &tokens;
    for (case, presented, has_user) in [
        ("both", json!({ "XST": xst, "XUT": xut, "XSC": CONTEXT }), true),
        ("without the context", json!({ "XST": xst, "XUT": xut }), true),
        ("a security token", json!({ "XST": xst }), false),
        ("a combined one as XST", json!({ "XST": both, "XSC": CONTEXT }), true),
        ("a combined one as XUT", json!({ "XUT": both }), true),
    ] {
        let verified = xdoc.verify(&world, &presented).await.expect(200);
        assert_eq!(verified.json["security_token"]["Context"], CONTEXT, "{case}");
        assert_eq!(verified.json["security_token"]["AppKey"], xdoc.app_key, "{case}");
        assert_eq!(verified.json["user_token"]["UserName"] == "admin", has_user, "{case}");
        assert_eq!(
            (verified.header("cache-control"), &verified.json["authenticated"]),
            ("no-store", &json!(true))
        );
    }
}

/// Requests to verify that must all be refused, each with its case name. `at` is the index of the token set.
async fn invalid_requests(world: &World, xdoc: &XdocProject, at: usize) -> Vec<(&'static str, Value)> {
    let set = &xdoc.ciphers(world).await[at];
    let seal = |text: &str| model::seal_text(set, text.to_owned()).expect("sealed").token;
    let valid = xdoc.plaintext(now());
    let token = seal(&valid);
    let other = XdocProject::with_token_sets(world, set_of_each_mode()).await;
    let foreign = &other.ciphers(world).await[at];
    let xst = |token: String| json!({ "XST": token });
    let bytes = |bytes: &[u8]| xst(set.cipher.seal(bytes).expect("sealed"));
    vec![
        ("nothing", json!({})),
        ("the context alone", json!({ "XSC": CONTEXT })),
        ("an empty token", json!({ "XST": "" })),
        ("no Base64", json!({ "XST": "%%%" })),
        ("half a token", xst(token[..token.len() / 2].to_owned())),
        ("an extra block", xst(format!("{token}{token}"))),
        ("a trailing line break", xst(format!("{token}\n"))),
        ("another key", xst(foreign.cipher.seal(valid.as_bytes()).expect("sealed"))),
        ("another project's token", xst(other.token(world, "security").await)),
        ("another context", xst(seal(&valid.replace(CONTEXT, "Other")))),
        ("the call's context", json!({ "XST": token, "XSC": "Other" })),
        ("an empty context", json!({ "XST": token, "XSC": "" })),
        ("another app key", xst(seal(&valid.replace(&xdoc.app_key, "other")))),
        ("no app key", xst(seal(&valid.replace(&format!("<AppKey>{}</AppKey>", xdoc.app_key), "")))),
        ("a GenDT too old", xst(seal(&xdoc.plaintext(now() - 330)))),
        ("a GenDT in the future", xst(seal(&xdoc.plaintext(now() + 90)))),
        ("no GenDT", xst(seal(&valid.replace("GenDT", "Client")))),
        ("an unclosed root", xst(seal(valid.trim_end_matches("</SecurityToken>")))),
        ("a field twice", xst(seal(&valid.replace("</SecurityToken>", "<AppId>b</AppId></SecurityToken>")))),
        ("an unknown field", xst(seal(&valid.replace("AppId>", "Password>")))),
        ("not UTF-8", bytes(&[0xFF; 64])),
        ("an empty plaintext", bytes(&[b' '; 16])),
        ("a user token alone", json!({ "XUT": xdoc.token(world, "user").await })),
        ("XST and XUT swapped", json!({ "XUT": token, "XST": xdoc.token(world, "user").await })),
        ("the security token twice", json!({ "XST": token, "XUT": token })),
        ("a long token", xst("A".repeat(16 * 1024 + 4))),
        ("a long context", json!({ "XST": token, "XSC": "x".repeat(257) })),
    ]
}

#[tokio::test]
async fn x07_every_failure_is_the_same_403() {
    let world = World::shared();
    let xdoc = XdocProject::with_token_sets(&world, set_of_each_mode()).await;
    let mut first = None;
    for at in 0..set_of_each_mode().len() {
        for (case, presented) in invalid_requests(&world, &xdoc, at).await {
            let answer = xdoc.verify(&world, &presented).await.expect_problem(403, "tokens_refused");
            let refused = comparable_parts(&answer);
            assert_eq!(&refused, first.get_or_insert_with(|| refused.clone()), "{at}: {case}");
        }
        let set = &xdoc.ciphers(&world).await[at];
        let valid = model::seal_text(set, xdoc.plaintext(now())).expect("sealed").token;
        xdoc.verify(&world, &json!({ "XST": valid })).await.expect(200);
    }
}

#[tokio::test]
async fn x07_a_token_with_one_changed_character_gets_the_same_403() {
    let world = World::shared();
    for set in set_of_each_mode() {
        let xdoc = XdocProject::with_token_sets(&world, [set.clone()]).await;
        let token = xdoc.token(&world, "security").await;
        let refused = comparable_parts(&xdoc.verify(&world, &json!({})).await.expect(403));
        for at in (0..token.len()).step_by(7) {
            let with = if &token[at..=at] == "A" { "B" } else { "A" };
            let changed = format!("{}{with}{}", &token[..at], &token[at + 1..]);
            let answer = xdoc.verify(&world, &json!({ "XST": changed })).await;
            assert_eq!(comparable_parts(&answer), refused, "{} {at}", set["name"]);
        }
    }
}

#[tokio::test]
async fn x01_x07_a_required_token_or_context_must_be_present() {
    let world = World::shared();
    let xdoc = XdocProject::new(&world).await;
    let [xst, xut] = [xdoc.token(&world, "security").await, xdoc.token(&world, "user").await];
    let user = async |context: Option<&str>| {
        let mut tokens = json!({ "XUT": xut });
        if let Some(context) = context {
            tokens["XSC"] = json!(context);
        }
        xdoc.verify(&world, &tokens).await
    };
    xdoc.change_settings(&world, &json!({ "security_token": { "required": false } })).await;
    let alone = world.wait_for_status(200, async || user(None).await).await;
    assert_eq!(alone.json["security_token"], Value::Null);
    user(Some("Other")).await.expect_problem(403, "tokens_refused");
    xdoc.change_settings(&world, &json!({ "security_context": { "value": CONTEXT, "required": true } }))
        .await;
    world.wait_for_status(403, async || user(None).await).await;
    user(Some(CONTEXT)).await.expect(200);
    xdoc.verify(&world, &json!({ "XST": xst })).await.expect(403);
    xdoc.verify(&world, &json!({ "XST": xst, "XSC": CONTEXT })).await.expect(200);
}

#[tokio::test]
async fn x07_an_app_key_must_be_one_of_the_token_set_s_unless_it_has_none() {
    let world = World::shared();
    let xdoc = XdocProject::with_token_sets(&world, [json!({ "name": "any", "app_keys": [] })]).await;
    let build = async |key: &str| {
        let body = json!({ "fields": { "AppId": "a", "AppKey": key } });
        json!({ "XST": xdoc.build(&world, "security", &body).await.expect(200).json["encrypted"] })
    };
    let (one, other) = (build("one").await, build("other").await);
    xdoc.verify(&world, &other).await.expect(200);
    let set = world.read(&xdoc.token_sets_path()).await.expect(200).ids("id").remove(0);
    let keys = json!({ "app_keys": ["none", "one"] });
    world.change(&format!("{}/{set}", xdoc.token_sets_path()), &keys).await.expect(200);
    world.wait_for_status(403, async || xdoc.verify(&world, &other).await).await;
    xdoc.verify(&world, &one).await.expect(200);
}

#[tokio::test]
async fn x01_x07_two_active_token_sets_verify_until_one_is_deactivated() {
    let world = World::shared();
    let xdoc = XdocProject::with_token_sets(&world, [compatible("old", "CBC")]).await;
    let old = json!({ "XST": xdoc.token(&world, "security").await });
    let id = world.read(&xdoc.token_sets_path()).await.expect(200).ids("id").remove(0);
    xdoc.add_token_set(&world, &json!({ "name": "new", "app_keys": [xdoc.app_key] })).await.expect(201);
    let body = json!({ "token_set": "new", "fields": fields("security") });
    let built = world.wait_for_status(200, async || xdoc.build(&world, "security", &body).await).await;
    let new = json!({ "XST": built.json["encrypted"] });
    for tokens in [&old, &new] {
        xdoc.verify(&world, tokens).await.expect(200);
    }
    let mixed = json!({ "XST": old["XST"], "XUT": xdoc.token(&world, "user").await });
    assert_eq!(xdoc.verify(&world, &mixed).await.expect(200).json["authenticated"], false);
    world.change(&format!("{}/{id}", xdoc.token_sets_path()), &json!({ "active": false })).await.expect(200);
    world.wait_for_status(403, async || xdoc.verify(&world, &old).await).await;
    xdoc.verify(&world, &new).await.expect(200);
    world.change(&format!("{}/{id}", xdoc.token_sets_path()), &json!({ "active": true })).await.expect(200);
    world.wait_for_status(200, async || xdoc.verify(&world, &old).await).await;
    world.delete(&format!("{}/{id}", xdoc.token_sets_path())).await.expect(204);
    world.wait_for_status(403, async || xdoc.verify(&world, &old).await).await;
}

#[tokio::test]
async fn x07_refused_tokens_count_against_the_project_s_limit() {
    let world = World::shared();
    let xdoc = XdocProject::new(&world).await;
    world
        .change(&xdoc.project.path, &json!({ "rate_limit": { "requests": 2, "seconds": 3600 } }))
        .await
        .expect(200);
    let limited = async || xdoc.verify(&world, &json!({ "XST": "A" })).await;
    let used_up = world.wait_for_status(429, limited).await;
    used_up.expect_problem(429, "quota_exceeded");
    xdoc.build(&world, "user", &json!({ "fields": fields("user") })).await.expect(200);
}
