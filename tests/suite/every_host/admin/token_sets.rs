//! Token sets of projects in the Admin API (X1, X5, X9).

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::world::{World, unique};
use crate::support::xdoc::{XdocProject, compatible, fields};

/// An IV. It is not secret and differs from every key here.
const IV: &str = "101112131415161718191a1b1c1d1e1f";
/// A key of 128 bits as hex and as Base64.
const HEX: &str = "000102030405060708090a0b0c0d0e0f";
const BASE64: &str = "AAECAwQFBgcICQoLDA0ODw==";

#[tokio::test]
async fn x01_x09_a_new_token_set_is_gcm_with_a_key_that_is_shown_once() {
    let world = World::shared();
    let xdoc = XdocProject::with_token_sets(&world, []).await;
    let key = unique("app-key");
    let created = xdoc.add_token_set(&world, &json!({ "name": "own", "app_keys": [key] })).await.expect(201);
    assert_eq!((created.header("etag"), created.header("cache-control")), ("\"1\"", "no-store"));
    let chosen = [
        &created.json["mode"],
        &created.json["key_bits"],
        &created.json["active"],
        &created.json["authenticated"],
    ];
    assert_eq!(chosen, [&json!("GCM"), &json!(256), &json!(true), &json!(true)]);
    assert_eq!((&created.json["cipher"], &created.json["iv"]), (&json!("AES"), &Value::Null));
    assert_eq!(created.text_at("key").len(), 44, "256 bits");
    let one = format!("{}/{}", xdoc.token_sets_path(), created.text_at("id"));
    let read = world.read(&one).await.expect(200);
    let mut without_key = created.json.clone();
    without_key.as_object_mut().expect("an object").remove("key");
    assert_eq!(read.json, without_key);
    for answer in [
        read,
        world.read(&xdoc.token_sets_path()).await.expect(200),
        world.change(&one, &json!({ "name": "renamed" })).await.expect(200),
        world.read(&xdoc.project.path).await.expect(200),
        world.read(&format!("{}/token-settings", xdoc.project.path)).await.expect(200),
        world.read("/admin/v1/audit-log?limit=100").await.expect(200),
    ] {
        let secret = [created.text_at("key"), key.clone(), "sealed".to_owned()];
        assert!(!secret.iter().any(|secret| answer.text.contains(secret)), "{}", answer.text);
    }
}

#[tokio::test]
async fn x05_keys_and_ivs_are_base64_or_hex_of_their_size_or_eight_characters() {
    let world = World::shared();
    for (case, mut set, legacy) in [
        ("hex", json!({ "key": HEX, "key_bits": 128, "mode": "CBC", "iv": IV }), false),
        (
            "Base64",
            json!({ "key": BASE64, "key_bits": 128, "mode": "CBC", "iv": "EBESExQVFhcYGRobHB0eHw==" }),
            false,
        ),
        (
            "8 characters",
            json!({ "key": HEX.to_uppercase(), "key_bits": 128, "mode": "CBC", "iv": "MyIV1234" }),
            true,
        ),
        ("blank", json!({ "mode": "", "padding": "", "iv": IV }), false),
        ("a number with a point", json!({ "key_bits": 192.0, "mode": "ECB", "padding": "zeros" }), false),
    ] {
        let xdoc = XdocProject::with_token_sets(&world, []).await;
        set["name"] = json!("vendor");
        let created = xdoc.add_token_set(&world, &set).await.expect(201);
        assert_eq!(created.json["legacy_iv"], legacy, "{case}");
        assert_eq!(created.json["authenticated"], false, "{case}");
        assert!(set["key"].is_null() || created.json["key"] == BASE64, "{case}");
        if case == "blank" {
            assert_eq!((&created.json["mode"], &created.json["padding"]), (&json!("CBC"), &json!("PKCS7")));
        }
        let built = xdoc.build(&world, "user", &json!({ "fields": fields("user") })).await.expect(200);
        assert_eq!(built.json["authenticated"], false, "{case}");
    }
}

#[tokio::test]
async fn x05_an_invalid_cipher_setting_is_refused_with_its_field() {
    let world = World::shared();
    let xdoc = XdocProject::with_token_sets(&world, []).await;
    for (case, set, field) in [
        ("CBC without an IV", json!({ "mode": "CBC" }), "iv"),
        ("a blank mode without one", json!({ "mode": "" }), "iv"),
        ("JWE of 128 bits", json!({ "mode": "JWE", "key_bits": 128 }), "key_bits"),
        ("another mode", json!({ "mode": "CTR" }), "mode"),
        ("another case", json!({ "mode": "gcm" }), "mode"),
        ("another size", json!({ "key_bits": 512 }), "key_bits"),
        ("another padding", json!({ "padding": "ISO" }), "padding"),
        ("an IV too long", json!({ "mode": "CBC", "iv": "123456789" }), "iv"),
        ("a short key", json!({ "key": BASE64 }), "key"),
        ("a key of no text", json!({ "key": "%%%" }), "key"),
        ("null", json!({ "key": null }), "key"),
        ("no IV", json!({ "iv": null }), "iv"),
        ("an empty app key", json!({ "app_keys": [""] }), "app_keys[0]"),
        ("many app keys", json!({ "app_keys": vec!["k"; 21] }), "app_keys"),
        ("a cipher", json!({ "cipher": "DES" }), "cipher"),
        ("another name", json!({ "name": " " }), "name"),
    ] {
        let mut body = json!({ "name": "own" });
        body.as_object_mut().expect("an object").extend(set.as_object().expect("an object").clone());
        let answer = xdoc.add_token_set(&world, &body).await.expect_problem(400, "invalid_request");
        assert_eq!(answer.json["field"], field, "{case}: {}", answer.text);
        assert!(!answer.text.contains(BASE64), "{case}");
    }
    assert!(world.read(&xdoc.token_sets_path()).await.expect(200).ids("id").is_empty());
}

#[tokio::test]
async fn x01_a_project_has_at_most_five_token_sets_with_unique_names() {
    let world = World::shared();
    let xdoc = XdocProject::with_token_sets(&world, [json!({ "name": "One" })]).await;
    xdoc.add_token_set(&world, &json!({ "name": "one" })).await.expect_problem(409, "name_taken");
    for name in ["two", "three", "four", "five"] {
        xdoc.add_token_set(&world, &compatible(name, "CBC")).await.expect(201);
    }
    xdoc.add_token_set(&world, &json!({ "name": "six" })).await.expect_problem(409, "limit_exceeded");
    xdoc.add_token_set(&world, &json!({ "name": "one" })).await.expect_problem(409, "limit_exceeded");
    let ids = world.read(&xdoc.token_sets_path()).await.expect(200).ids("id");
    let last = format!("{}/{}", xdoc.token_sets_path(), ids[4]);
    world.change(&last, &json!({ "name": "ONE" })).await.expect_problem(409, "name_taken");
    world.change(&last, &json!({ "name": "FIVE" })).await.expect(200);
    world.delete(&last).await.expect(204);
    world.read(&last).await.expect_problem(404, "not_found");
    world.delete(&last).await.expect_problem(404, "not_found");
    xdoc.add_token_set(&world, &json!({ "name": "five" })).await.expect(201);
}

#[tokio::test]
async fn x01_a_token_set_is_updated_by_etag_and_keeps_its_key() {
    let world = World::shared();
    let xdoc =
        XdocProject::with_token_sets(&world, [json!({ "name": "own" }), json!({ "name": "other" })]).await;
    let before = json!(xdoc.settings_file(&world).await);
    let ids = world.read(&xdoc.token_sets_path()).await.expect(200).ids("id");
    let one = format!("{}/{}", xdoc.token_sets_path(), ids[0]);
    let key = unique("app-key");
    let body = json!({ "name": "main", "active": false, "app_keys": [key] });
    assert_eq!(world.change(&one, &body).await.expect(200).header("etag"), "\"2\"");
    for tag in ["\"1\"", "\"3\""] {
        let late =
            world.call(Method::PATCH, &one).header("If-Match", tag).with_token_of(&world.demo.admin_key);
        late.json(&json!({ "active": true })).send().await.expect_problem(412, "precondition_failed");
        let late =
            world.call(Method::DELETE, &one).header("If-Match", tag).with_token_of(&world.demo.admin_key);
        late.send().await.expect_problem(412, "precondition_failed");
    }
    for (name, value) in
        [("mode", json!("ECB")), ("key", json!(BASE64)), ("iv", json!(HEX)), ("app_keys", json!(null))]
    {
        world.change(&one, &json!({ name: value })).await.expect_invalid(name);
    }
    let after = json!(xdoc.settings_file(&world).await);
    assert_eq!(after["token_sets"][0]["key"], before["token_sets"][0]["key"]);
    assert_eq!(after["token_sets"][0]["app_keys"], json!([key]));
    assert_eq!(after["token_sets"][1], before["token_sets"][1], "the other token set is unchanged");
}

#[tokio::test]
async fn x01_a_repeated_create_makes_one_token_set() {
    let world = World::shared();
    let xdoc = XdocProject::with_token_sets(&world, []).await;
    let send = async |name: &str| {
        let call = world.post(&xdoc.token_sets_path()).header("Idempotency-Key", &xdoc.project.id);
        call.with_token_of(&world.demo.admin_key).json(&json!({ "name": name })).send().await
    };
    let (first, again) = (send("own").await.expect(201), send("own").await.expect(201));
    assert_eq!(first.text, again.text, "the replayed response has the key");
    assert_eq!(again.header("idempotent-replayed"), "true");
    send("other").await.expect_problem(422, "idempotency_key_reused");
    assert_eq!(world.read(&xdoc.token_sets_path()).await.expect(200).ids("id").len(), 1);
}

#[tokio::test]
async fn x01_a06_a_token_set_is_found_only_in_its_project() {
    let world = World::shared();
    let (one, other) = (XdocProject::new(&world).await, XdocProject::new(&world).await);
    let id = world.read(&one.token_sets_path()).await.expect(200).ids("id").remove(0);
    let path = format!("{}/{id}", one.token_sets_path());
    world.read(&format!("{}/{id}", other.token_sets_path())).await.expect_problem(404, "not_found");
    world.delete(&format!("{}/{id}", other.token_sets_path())).await.expect_problem(404, "not_found");
    world.change(&format!("{}/x", one.token_sets_path()), &json!({})).await.expect_problem(404, "not_found");
    world.get(&path).with_token_of(&world.rival.admin_key).send().await.expect_problem(404, "not_found");
    world.get(&path).bearer(&one.project.api_secret).send().await.expect(401);
    let auditor = world.create_key_with_role(&one.project.account, "auditor").await;
    world.get(&path).with_token_of(&auditor).send().await.expect(200);
    let make = world.post(&one.token_sets_path()).with_token_of(&auditor).json(&json!({ "name": "mine" }));
    make.send().await.expect_problem(403, "insufficient_scope");
    world
        .call(Method::DELETE, &path)
        .with_token_of(&auditor)
        .send()
        .await
        .expect_problem(403, "insufficient_scope");
}
