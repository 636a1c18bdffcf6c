//! Window X: formats of plaintexts and request bodies, and limits on their parsers (X2, X8).

use serde_json::json;

use super::verify::{comparable_parts, set_of_each_mode};
use crate::support::call::now;
use crate::support::world::World;
use crate::support::xdoc::{CONTEXT, XdocProject};

#[tokio::test]
async fn x08_unsafe_xml_deep_json_and_repeated_form_fields_get_the_same_403() {
    let world = World::shared();
    let xdoc = XdocProject::with_token_sets(&world, set_of_each_mode()).await;
    let set = &xdoc.ciphers(&world).await[2];
    let valid = xdoc.plaintext(now());
    let entities = (0..9).fold(String::from("<!ENTITY l0 \"ha\">"), |text, at| {
        format!("{text}<!ENTITY l{} \"{}\">", at + 1, format!("&l{at};").repeat(10))
    });
    let refused = comparable_parts(&xdoc.verify(&world, &json!({})).await.expect(403));
    for (case, text) in [
        ("an entity bomb", format!("<!DOCTYPE l [{entities}]>{}", valid.replace("MyAppId", "&l9;"))),
        ("an external DTD", format!("<!DOCTYPE l SYSTEM \"file:///etc/passwd\">{valid}")),
        ("an external entity", format!("<!DOCTYPE l [<!ENTITY e SYSTEM \"file:///etc/passwd\">]>{valid}")),
        ("an unknown entity", valid.replace("MyAppId", "&e;")),
        ("deep JSON", format!("{}{}", "{\"a\":".repeat(1500), "}".repeat(1500))),
        ("deep arrays", format!("{{\"AppId\":{}", "[".repeat(9000))),
        ("many elements", format!("<SecurityToken>{}", "<a>".repeat(3000))),
        ("a form's field twice", "Context=a&Context=b".to_owned()),
    ] {
        let token = model::seal_text(set, text).expect("sealed").token;
        let answer = xdoc.verify(&world, &json!({ "XST": token })).await;
        assert_eq!(comparable_parts(&answer), refused, "{case}");
    }
}

#[tokio::test]
async fn x02_x08_the_first_non_blank_character_selects_the_format() {
    let world = World::shared();
    let xdoc = XdocProject::with_token_sets(&world, set_of_each_mode()).await;
    let set = &xdoc.ciphers(&world).await[2];
    let at = model::Timestamp::from_second(now()).expect("a time").to_string();
    let flat = json!({ "Context": CONTEXT, "AppId": "MyAppId", "AppKey": xdoc.app_key, "GenDT": at });
    for (case, text) in [
        ("XML", format!("\r\n  {}", xdoc.plaintext(now()))),
        ("JSON", format!("\t{flat}")),
        ("JSON in JSON", json!({ "SecurityToken": flat }).to_string()),
        ("a form", format!("\nGenDT={at}&Context={CONTEXT}&AppId=MyAppId&AppKey={}", xdoc.app_key)),
    ] {
        let token = model::seal_text(set, text).expect("sealed").token;
        let verified = xdoc.verify(&world, &json!({ "XST": token })).await.expect(200);
        assert_eq!(verified.json["security_token"]["AppId"], "MyAppId", "{case}");
    }
}

#[tokio::test]
async fn x08_a_malformed_request_body_is_refused_with_its_field() {
    let world = World::shared();
    let xdoc = XdocProject::new(&world).await;
    let (json, form) = ("application/json", "application/x-www-form-urlencoded");
    for (case, media_type, body, status, field) in [
        ("a parameter twice", form, "XST=a&XST=b".to_owned(), 400, "XST"),
        ("a parameter twice in JSON", json, r#"{"XSC":"a","XSC":"b"}"#.to_owned(), 400, "XSC"),
        ("an unknown one", form, "xst=a".to_owned(), 400, "xst"),
        ("null", json, r#"{"XST":null}"#.to_owned(), 400, "XST"),
        ("a number", json, r#"{"XST":1}"#.to_owned(), 400, "XST"),
        ("an array", json, r#"["a","b","c"]"#.to_owned(), 400, "body"),
        ("deep JSON", json, format!("{{\"XST\":{}", "[".repeat(60_000)), 400, "body"),
        ("another media type", "text/xml", "<XST/>".to_owned(), 400, "content-type"),
        ("a megabyte", json, format!(r#"{{"XST":"{}"}}"#, "A".repeat(1 << 20)), 413, ""),
        ("a form of a megabyte", form, format!("XST={}", "A".repeat(1 << 20)), 413, ""),
    ] {
        let answer = xdoc.post(&world, "tokens/verify").body(media_type, body).send().await.expect(status);
        assert_eq!(answer.json["field"].as_str().unwrap_or_default(), field, "{case}");
    }
}
