//! `allowed_origins` of projects and providers in the Admin API (A9).

use serde_json::{Value, json};

use crate::support::world::{World, unique};

/// The path of a collection of a new account, and the body of a new resource without origins.
async fn collections(world: &World) -> [(String, Value); 2] {
    let account = world.create_account().await;
    let path = |name: &str| format!("/admin/v1/entities/{account}/{name}");
    let grants = json!([{ "role": "launchpad_user", "entity_id": account }]);
    let provider = json!({ "description": "Trials", "token_duration": 600, "grants": grants });
    [(path("projects"), json!({ "name": unique("project") })), (path("providers"), provider)]
}

fn with_origins(body: &Value, origins: &Value) -> Value {
    let mut body = body.clone();
    body["allowed_origins"] = origins.clone();
    body
}

#[tokio::test]
async fn a9_allowed_origins_are_created_read_and_changed() {
    let world = World::shared();
    for (path, body) in collections(&world).await {
        let origins = json!(["https://app.example.com", "http://localhost:3000"]);
        let created = world.create(&path, &with_origins(&body, &origins)).await.expect(201);
        assert_eq!(created.json["allowed_origins"], origins, "{path}");
        let one = format!("{path}/{}", created.text_at("id"));
        assert_eq!(world.read(&one).await.expect(200).json["allowed_origins"], origins, "{path}");
        let same = world.change(&one, &json!({ "allowed_origins": origins })).await.expect(200);
        assert_eq!(same.header("etag"), "\"1\"", "{path}: nothing changed");
        let other = json!(["https://xn--bcher-kva.example:8443"]);
        let changed = world.change(&one, &json!({ "allowed_origins": other })).await.expect(200);
        assert_eq!((&changed.json["allowed_origins"], changed.header("etag")), (&other, "\"2\""), "{path}");
        let none = world.change(&one, &json!({ "allowed_origins": [] })).await.expect(200);
        assert_eq!(none.json["allowed_origins"], json!([]), "{path}");
    }
}

#[tokio::test]
async fn a9_no_origin_is_allowed_unless_it_is_named() {
    let world = World::shared();
    for (path, body) in collections(&world).await {
        let created = world.create(&path, &body).await.expect(201);
        assert_eq!(created.json["allowed_origins"], json!([]), "{path}");
    }
}

#[tokio::test]
async fn a9_what_is_no_origin_is_refused_by_name() {
    let world = World::shared();
    let many: Value = (0..21).map(|number| json!(format!("https://{number}.example"))).collect();
    let one = |text: &str| json!([text]);
    for (path, body) in collections(&world).await {
        let created = world.create(&path, &body).await.expect(201);
        let resource = format!("{path}/{}", created.text_at("id"));
        for (bad, field) in [
            (one("null"), "allowed_origins[0]"),
            (one("*"), "allowed_origins[0]"),
            (one("https://*.example.com"), "allowed_origins[0]"),
            (one("https://app.example.com/"), "allowed_origins[0]"),
            (one("https://app.example.com/path"), "allowed_origins[0]"),
            (one("https://app.example.com?query"), "allowed_origins[0]"),
            (one("https://user@app.example.com"), "allowed_origins[0]"),
            (one("https://app.example.com:443"), "allowed_origins[0]"),
            (one("https://App.example.com"), "allowed_origins[0]"),
            (one("app.example.com"), "allowed_origins[0]"),
            (one("capacitor://localhost"), "allowed_origins[0]"),
            (one(&format!("https://{}.example", "a".repeat(300))), "allowed_origins[0]"),
            (json!(["https://a.example", 1]), "allowed_origins[1]"),
            (json!(["https://a.example", "https://a.example"]), "allowed_origins"),
            (many.clone(), "allowed_origins"),
            (json!("https://a.example"), "allowed_origins"),
            (Value::Null, "allowed_origins"),
        ] {
            world.create(&path, &with_origins(&body, &bad)).await.expect_invalid(field);
            world.change(&resource, &json!({ "allowed_origins": bad })).await.expect_invalid(field);
        }
    }
}
