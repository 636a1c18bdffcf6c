//! Window X: building security and user tokens (X2–X6, X9).

use serde_json::{Value, json};

use crate::support::world::World;
use crate::support::xdoc::{CONTEXT, XdocProject, compatible, fields};

#[tokio::test]
async fn x06_a_security_token_is_built_from_its_fields_and_the_settings() {
    let world = World::shared();
    let xdoc = XdocProject::with_token_sets(&world, [compatible("vendor", "CBC")]).await;
    let given = json!({ "AppId": "MyAppId", "GenDT": "2023-03-08T14:15:53-08:00", "Client": "a > b & c" });
    let built = xdoc.build(&world, "security", &json!({ "fields": given })).await.expect(200);
    let plaintext = format!(
        "<SecurityToken>\r\n    <Context>{CONTEXT}</Context>\r\n    <AppId>MyAppId</AppId>\r\n    \
         <AppKey>{}</AppKey>\r\n    <GenDT>2023-03-08T14:15:53-08:00</GenDT>\r\n    \
         <Client>a &gt; b &amp; c</Client>\r\n</SecurityToken>",
        xdoc.app_key
    );
    assert_eq!(built.text_at("plaintext"), plaintext);
    assert_eq!((built.header("cache-control"), &built.json["parameter"]), ("no-store", &json!("XST")));
    assert_eq!((&built.json["token_set"], &built.json["mode"]), (&json!("vendor"), &json!("CBC")));
    let own = json!({ "Context": "Other", "AppId": "a", "AppKey": "other" });
    let built = xdoc.build(&world, "security", &json!({ "fields": own })).await.expect(200);
    assert!(built.text_at("plaintext").contains("<Context>Other</Context>"));
    assert!(
        !built.text_at("plaintext").contains(&xdoc.app_key),
        "the fields of the request replace the settings"
    );
}

#[tokio::test]
async fn x06_a_missing_gen_dt_is_filled_in_with_a_timestamp() {
    let world = World::shared();
    let xdoc = XdocProject::new(&world).await;
    let body = json!({ "format": "json", "fields": fields("security") });
    let built = xdoc.build(&world, "security", &body).await.expect(200);
    let plaintext: Value = serde_json::from_str(&built.text_at("plaintext")).expect("JSON");
    let gen_dt = plaintext["GenDT"].as_str().expect("a time");
    assert!(gen_dt.len() == 20 && gen_dt.ends_with('Z'), "{gen_dt}");
    gen_dt.parse::<model::Timestamp>().expect("a time");
    let user_body = json!({ "format": "json", "fields": fields("user") });
    let user_token = xdoc.build(&world, "user", &user_body).await.expect(200);
    assert!(!user_token.text_at("plaintext").contains("GenDT"), "a user token has no GenDT");
}

#[tokio::test]
async fn x02_x06_a_combined_token_verifies_in_every_format() {
    let world = World::shared();
    let xdoc = XdocProject::new(&world).await;
    for (format, first) in [("xml", '<'), ("json", '{'), ("form", 'C')] {
        let body = json!({ "format": format, "fields": fields("combined") });
        let built = xdoc.build(&world, "combined", &body).await.expect(200);
        assert_eq!(built.text_at("plaintext").chars().next(), Some(first), "{format}");
        let verified = xdoc.verify(&world, &json!({ "XST": built.json["encrypted"] })).await.expect(200);
        assert_eq!(verified.json["security_token"]["AppId"], "MyAppId", "{format}");
        assert_eq!(verified.json["user_token"], fields("user"), "{format}");
    }
}

#[tokio::test]
async fn x02_the_fields_of_a_user_token_keep_the_documented_order() {
    let world = World::shared();
    let xdoc = XdocProject::new(&world).await;
    let all = json!({
        "ExtFlags": "8", "ExtData": "7", "ExtRef": "6", "ExtId": "5", "Profile": "4", "Email": "3", "Display": "2",
        "UserName": "1",
    });
    let body = json!({ "format": "form", "fields": all });
    let built = xdoc.build(&world, "user", &body).await.expect(200);
    let order = "UserName=1&Display=2&Email=3&Profile=4&ExtId=5&ExtRef=6&ExtData=7&ExtFlags=8";
    assert_eq!((built.text_at("plaintext").as_str(), &built.json["parameter"]), (order, &json!("XUT")));
}

#[tokio::test]
async fn x03_the_url_encoded_token_is_padded_base64_and_works_in_a_form() {
    let world = World::shared();
    let xdoc = XdocProject::with_token_sets(&world, [compatible("vendor", "CBC")]).await;
    let body = json!({ "fields": fields("security") });
    let built = xdoc.build(&world, "security", &body).await.expect(200);
    let (token, encoded) = (built.text_at("encrypted"), built.text_at("url_encoded"));
    assert_eq!(token.len() % 4, 0, "padded Base64");
    assert_eq!(encoded, token.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D"));
    let form = format!("XST={encoded}&XSC={CONTEXT}");
    let call = xdoc.post(&world, "tokens/verify").body("application/x-www-form-urlencoded", form);
    call.send().await.expect(200);
}

#[tokio::test]
async fn x04_the_documented_samples_have_the_documented_lengths() {
    let world = World::shared();
    let xdoc = XdocProject::with_token_sets(&world, [compatible("vendor", "CBC")]).await;
    let security = json!({
        "Context": "MySecurityContext", "AppId": "MyAppId", "AppKey": "MyAppKey", "GenDT": "2023-03-08T14:15:53-08:00",
    });
    for (kind, fields, bytes) in [("security", security, 192), ("user", fields("user"), 96)] {
        let built = xdoc.build(&world, kind, &json!({ "fields": fields })).await.expect(200);
        assert_eq!(built.text_at("encrypted").len(), bytes / 3 * 4, "{kind}: whole blocks, no IV in front");
        let again = xdoc.build(&world, kind, &json!({ "fields": fields })).await.expect(200);
        assert_eq!(
            built.json["encrypted"], again.json["encrypted"],
            "{kind}: the IV is configured, not random"
        );
    }
}

#[tokio::test]
async fn x09_a_built_token_says_whether_its_mode_authenticates() {
    let world = World::shared();
    let sets = [
        json!({ "name": "GCM" }),
        json!({ "name": "JWE", "mode": "JWE" }),
        compatible("CBC", "CBC"),
        compatible("ECB", "ECB"),
    ];
    let xdoc = XdocProject::with_token_sets(&world, sets).await;
    for (name, authenticated) in [("GCM", true), ("JWE", true), ("CBC", false), ("ecb", false)] {
        let body = json!({ "token_set": name, "fields": fields("security") });
        let (one, other) = (
            xdoc.build(&world, "security", &body).await.expect(200),
            xdoc.build(&world, "security", &body).await.expect(200),
        );
        assert_eq!(one.json["authenticated"], authenticated, "{name}");
        assert!(!authenticated || one.json["encrypted"] != other.json["encrypted"], "{name}: a random IV");
        let tokens = json!({ "XST": one.json["encrypted"] });
        let verified = xdoc.verify(&world, &tokens).await.expect(200);
        assert_eq!(verified.json["authenticated"], authenticated, "{name}");
    }
}

#[tokio::test]
async fn x06_x09_without_a_name_the_first_token_set_that_authenticates_builds() {
    let world = World::shared();
    let sets = [
        compatible("CBC", "CBC"),
        json!({ "name": "off", "active": false }),
        json!({ "name": "JWE", "mode": "JWE" }),
    ];
    let xdoc = XdocProject::with_token_sets(&world, sets).await;
    let body = json!({ "fields": fields("user") });
    let built = xdoc.build(&world, "user", &body).await.expect(200);
    assert_eq!((&built.json["token_set"], &built.json["authenticated"]), (&json!("JWE"), &json!(true)));
    let weak =
        XdocProject::with_token_sets(&world, [compatible("ECB", "ECB"), compatible("CBC", "CBC")]).await;
    let built = weak.build(&world, "user", &body).await.expect(200);
    assert_eq!((&built.json["token_set"], &built.json["authenticated"]), (&json!("ECB"), &json!(false)));
}

#[tokio::test]
async fn x06_building_without_an_active_token_set_is_refused() {
    let world = World::shared();
    let xdoc = XdocProject::with_token_sets(
        &world,
        [json!({ "name": "old", "active": false }), json!({ "name": "own" })],
    )
    .await;
    let body = |set: &str| json!({ "token_set": set, "fields": fields("user") });
    let built = xdoc.build(&world, "user", &json!({ "fields": fields("user") })).await.expect(200);
    assert_eq!(built.json["token_set"], "own", "the only active one");
    for name in ["old", "other"] {
        let refused = xdoc.build(&world, "user", &body(name)).await.expect_problem(409, "conflict");
        assert_eq!(refused.json["field"], "token_set", "{name}");
    }
    let none = XdocProject::with_token_sets(&world, []).await;
    none.build(&world, "user", &json!({ "fields": fields("user") })).await.expect_problem(409, "conflict");
}

#[tokio::test]
async fn x06_an_invalid_field_is_named() {
    let world = World::shared();
    let xdoc = XdocProject::new(&world).await;
    let with = |name: &str, value: Value| {
        let mut changed_fields = fields("security");
        changed_fields[name] = value;
        json!({ "fields": changed_fields })
    };
    for (case, kind, body, field) in [
        ("a field of a user", "security", with("UserName", json!("a")), "fields"),
        ("an unknown field", "security", with("Password", json!("a")), "Password"),
        ("an empty field", "security", with("AppId", json!("")), "fields"),
        ("a number", "security", with("AppId", json!(1)), "fields.AppId"),
        ("null", "security", with("AppId", json!(null)), "fields.AppId"),
        ("a time without an offset", "security", with("GenDT", json!("2023-03-08T14:15:53")), "fields"),
        ("a long text", "security", with("Client", json!("x".repeat(257))), "fields"),
        ("no fields", "security", json!({}), "fields"),
        ("half of a user", "user", json!({ "fields": { "UserName": "a" } }), "fields"),
        ("half of both", "combined", json!({ "fields": fields("security") }), "fields"),
        ("another format", "user", json!({ "format": "yaml", "fields": fields("user") }), "format"),
        ("no format", "user", json!({ "format": null, "fields": fields("user") }), "format"),
        ("no name", "user", json!({ "token_set": null, "fields": fields("user") }), "token_set"),
        ("an array", "user", json!({ "fields": ["admin"] }), "fields"),
    ] {
        let answer = xdoc.build(&world, kind, &body).await.expect_problem(400, "invalid_request");
        assert_eq!(answer.json["field"], field, "{case}");
    }
    let long = json!({ "format": "form", "fields": {
        "UserName": "😀".repeat(256), "Display": "a", "ExtData": "😀".repeat(2048),
    } });
    xdoc.build(&world, "user", &long).await.expect_invalid("fields");
    let twice = r#"{"fields":{"UserName":"a","Display":"b","Display":"c"}}"#;
    let call = xdoc.post(&world, "user-tokens").body("application/json", twice);
    call.send().await.expect_problem(400, "invalid_request");
    let form = xdoc.post(&world, "user-tokens").body("application/x-www-form-urlencoded", "fields=x");
    form.send().await.expect_problem(415, "unsupported_media_type");
}
