//! Window X: security and user tokens are verified, or refused in one way (X7).

use reqwest::header::HeaderMap;
use serde_json::{Value, json};

use crate::support::call::{Answer, now};
use crate::support::world::World;
use crate::support::xdoc::{CONTEXT, XdocProject, compatible, fields};

/// A set of every mode; PKCS7 where there is padding.
pub(super) fn sets() -> [Value; 4] {
    let [cbc, ecb] = ["CBC", "ECB"].map(|mode| compatible(mode, mode));
    [cbc, ecb, json!({ "name": "GCM" }), json!({ "name": "JWE", "mode": "JWE" })]
}

/// All of an answer but what changes from one to the next anyway.
pub(super) fn face(answer: &Answer) -> (u16, HeaderMap, String) {
    let mut headers = answer.headers.clone();
    for name in ["date", "apigw-requestid", "x-amz-request-id", "x-amzn-requestid"] {
        headers.remove(name);
    }
    (answer.status.as_u16(), headers, answer.text.clone())
}

#[tokio::test]
async fn x07_tokens_are_verified_and_their_fields_returned() {
    let world = World::shared();
    let sealed = XdocProject::new(&world).await;
    let tokens = [
        sealed.token(&world, "security").await,
        sealed.token(&world, "user").await,
        sealed.token(&world, "combined").await,
    ];
    let [xst, xut, both] = &tokens;
    for (case, presented, has_user) in [
        ("both", json!({ "XST": xst, "XUT": xut, "XSC": CONTEXT }), true),
        ("without the context", json!({ "XST": xst, "XUT": xut }), true),
        ("a security token", json!({ "XST": xst }), false),
        ("a combined one as XST", json!({ "XST": both, "XSC": CONTEXT }), true),
        ("a combined one as XUT", json!({ "XUT": both }), true),
    ] {
        let verified = sealed.verify(&world, &presented).await.expect(200);
        assert_eq!(verified.json["security_token"]["Context"], CONTEXT, "{case}");
        assert_eq!(verified.json["security_token"]["AppKey"], sealed.app_key, "{case}");
        assert_eq!(verified.json["user_token"]["UserName"] == "admin", has_user, "{case}");
        assert_eq!(
            (verified.header("cache-control"), &verified.json["authenticated"]),
            ("no-store", &json!(true))
        );
    }
}

/// What is wrong, and what is presented; all of it in the same set, and nothing of it accepted.
async fn wrong(world: &World, sealed: &XdocProject, at: usize) -> Vec<(&'static str, Value)> {
    let set = &sealed.ciphers(world).await[at];
    let seal = |text: &str| model::seal_text(set, text.to_owned()).expect("sealed").token;
    let sound = sealed.plaintext(now());
    let token = seal(&sound);
    let other = XdocProject::with(world, sets()).await;
    let foreign = &other.ciphers(world).await[at];
    let xst = |token: String| json!({ "XST": token });
    let bytes = |bytes: &[u8]| xst(set.cipher.seal(bytes).expect("sealed"));
    vec![
        ("nothing", json!({})),
        ("the context alone", json!({ "XSC": CONTEXT })),
        ("an empty token", json!({ "XST": "" })),
        ("no Base64", json!({ "XST": "%%%" })),
        ("half a token", xst(token[..token.len() / 2].to_owned())),
        ("a block more", xst(format!("{token}{token}"))),
        ("a line break behind", xst(format!("{token}\n"))),
        ("another key", xst(foreign.cipher.seal(sound.as_bytes()).expect("sealed"))),
        ("another project's token", xst(other.token(world, "security").await)),
        ("another context", xst(seal(&sound.replace(CONTEXT, "Other")))),
        ("the call's context", json!({ "XST": token, "XSC": "Other" })),
        ("an empty context", json!({ "XST": token, "XSC": "" })),
        ("another app key", xst(seal(&sound.replace(&sealed.app_key, "other")))),
        ("no app key", xst(seal(&sound.replace(&format!("<AppKey>{}</AppKey>", sealed.app_key), "")))),
        ("a time long ago", xst(seal(&sealed.plaintext(now() - 330)))),
        ("a time ahead", xst(seal(&sealed.plaintext(now() + 90)))),
        ("no time", xst(seal(&sound.replace("GenDT", "Client")))),
        ("an open root", xst(seal(sound.trim_end_matches("</SecurityToken>")))),
        ("a field twice", xst(seal(&sound.replace("</SecurityToken>", "<AppId>b</AppId></SecurityToken>")))),
        ("a field of none", xst(seal(&sound.replace("AppId>", "Password>")))),
        ("no text", bytes(&[0xFF; 64])),
        ("an empty plaintext", bytes(&[b' '; 16])),
        ("a user token alone", json!({ "XUT": sealed.token(world, "user").await })),
        ("the wrong way round", json!({ "XUT": token, "XST": sealed.token(world, "user").await })),
        ("one twice", json!({ "XST": token, "XUT": token })),
        ("a long token", xst("A".repeat(16 * 1024 + 4))),
        ("a long context", json!({ "XST": token, "XSC": "x".repeat(257) })),
    ]
}

#[tokio::test]
async fn x07_every_failure_is_the_same_403() {
    let world = World::shared();
    let sealed = XdocProject::with(&world, sets()).await;
    let mut first = None;
    for at in 0..sets().len() {
        for (case, presented) in wrong(&world, &sealed, at).await {
            let answer = sealed.verify(&world, &presented).await.expect_problem(403, "tokens_refused");
            let face = face(&answer);
            assert_eq!(&face, first.get_or_insert_with(|| face.clone()), "{at}: {case}");
        }
        let set = &sealed.ciphers(&world).await[at];
        let sound = model::seal_text(set, sealed.plaintext(now())).expect("sealed").token;
        sealed.verify(&world, &json!({ "XST": sound })).await.expect(200);
    }
}

#[tokio::test]
async fn x07_a_token_with_one_changed_character_gets_the_same_403() {
    let world = World::shared();
    for set in sets() {
        let sealed = XdocProject::with(&world, [set.clone()]).await;
        let token = sealed.token(&world, "security").await;
        let nothing = face(&sealed.verify(&world, &json!({})).await.expect(403));
        for at in (0..token.len()).step_by(7) {
            let with = if &token[at..=at] == "A" { "B" } else { "A" };
            let changed = format!("{}{with}{}", &token[..at], &token[at + 1..]);
            let answer = sealed.verify(&world, &json!({ "XST": changed })).await;
            assert_eq!(face(&answer), nothing, "{} {at}", set["name"]);
        }
    }
}

#[tokio::test]
async fn x01_x07_a_required_token_or_context_must_be_present() {
    let world = World::shared();
    let sealed = XdocProject::new(&world).await;
    let [xst, xut] = [sealed.token(&world, "security").await, sealed.token(&world, "user").await];
    let user = async |context: Option<&str>| {
        let mut tokens = json!({ "XUT": xut });
        if let Some(context) = context {
            tokens["XSC"] = json!(context);
        }
        sealed.verify(&world, &tokens).await
    };
    sealed.ask(&world, &json!({ "security_token": { "required": false } })).await;
    let alone = world.eventually(200, async || user(None).await).await;
    assert_eq!(alone.json["security_token"], Value::Null);
    user(Some("Other")).await.expect_problem(403, "tokens_refused");
    sealed.ask(&world, &json!({ "security_context": { "value": CONTEXT, "required": true } })).await;
    world.eventually(403, async || user(None).await).await;
    user(Some(CONTEXT)).await.expect(200);
    sealed.verify(&world, &json!({ "XST": xst })).await.expect(403);
    sealed.verify(&world, &json!({ "XST": xst, "XSC": CONTEXT })).await.expect(200);
}

#[tokio::test]
async fn x07_an_app_key_must_be_one_of_the_token_set_s_unless_it_has_none() {
    let world = World::shared();
    let sealed = XdocProject::with(&world, [json!({ "name": "any", "app_keys": [] })]).await;
    let build = async |key: &str| {
        let body = json!({ "fields": { "AppId": "a", "AppKey": key } });
        json!({ "XST": sealed.build(&world, "security", &body).await.expect(200).json["encrypted"] })
    };
    let (one, other) = (build("one").await, build("other").await);
    sealed.verify(&world, &other).await.expect(200);
    let set = world.read(&sealed.sets()).await.expect(200).ids("id").remove(0);
    let keys = json!({ "app_keys": ["none", "one"] });
    world.change(&format!("{}/{set}", sealed.sets()), &keys).await.expect(200);
    world.eventually(403, async || sealed.verify(&world, &other).await).await;
    sealed.verify(&world, &one).await.expect(200);
}

#[tokio::test]
async fn x01_x07_two_active_token_sets_verify_until_one_is_deactivated() {
    let world = World::shared();
    let sealed = XdocProject::with(&world, [compatible("old", "CBC")]).await;
    let old = json!({ "XST": sealed.token(&world, "security").await });
    let id = world.read(&sealed.sets()).await.expect(200).ids("id").remove(0);
    sealed.add(&world, &json!({ "name": "new", "app_keys": [sealed.app_key] })).await.expect(201);
    let body = json!({ "token_set": "new", "fields": fields("security") });
    let built = world.eventually(200, async || sealed.build(&world, "security", &body).await).await;
    let new = json!({ "XST": built.json["encrypted"] });
    for tokens in [&old, &new] {
        sealed.verify(&world, tokens).await.expect(200);
    }
    let mixed = json!({ "XST": old["XST"], "XUT": sealed.token(&world, "user").await });
    assert_eq!(sealed.verify(&world, &mixed).await.expect(200).json["authenticated"], false);
    world.change(&format!("{}/{id}", sealed.sets()), &json!({ "active": false })).await.expect(200);
    world.eventually(403, async || sealed.verify(&world, &old).await).await;
    sealed.verify(&world, &new).await.expect(200);
    world.change(&format!("{}/{id}", sealed.sets()), &json!({ "active": true })).await.expect(200);
    world.eventually(200, async || sealed.verify(&world, &old).await).await;
    world.delete(&format!("{}/{id}", sealed.sets())).await.expect(204);
    world.eventually(403, async || sealed.verify(&world, &old).await).await;
}

#[tokio::test]
async fn x07_refused_tokens_count_against_the_project_s_limit() {
    let world = World::shared();
    let sealed = XdocProject::new(&world).await;
    world
        .change(&sealed.project.path, &json!({ "rate_limit": { "requests": 2, "seconds": 3600 } }))
        .await
        .expect(200);
    let limited = async || sealed.verify(&world, &json!({ "XST": "A" })).await;
    let used_up = world.eventually(429, limited).await;
    used_up.expect_problem(429, "quota_exceeded");
    sealed.build(&world, "user", &json!({ "fields": fields("user") })).await.expect(200);
}
