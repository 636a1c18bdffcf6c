//! Sites of partners and their secrets in the Admin API (V5, V9, A4).

use serde_json::{Value, json};

use super::read_all_pages;
use crate::support::assertions::assert_secret_format;
use crate::support::partner::{Partner, create_site};
use crate::support::world::World;

#[tokio::test]
async fn v09_a_site_s_secret_is_shown_once() {
    let world = World::shared();
    let partner = Partner::new(&world, &world.create_account().await).await;
    let sites = format!("{}/sites", partner.path);
    let created = world.create(&sites, &json!({ "name": "Shop.example-1_a" })).await.expect(201);
    let (id, secret) = (created.text_at("id"), created.text_at("secret"));
    assert!(id.starts_with("site-") && id.len() == 41, "{id}");
    assert_eq!(created.header("cache-control"), "no-store");
    assert_secret_format(&secret, "tbss_");
    assert_eq!((&created.json["token_duration"], &created.json["allow_get"]), (&json!(3600), &json!(false)));
    assert_eq!(
        created.json["secrets"],
        json!([{ "created_at": created.json["created_at"], "valid_until": null }])
    );
    let one = format!("{sites}/{id}");
    let read = world.read(&one).await.expect(200);
    let mut without_secret = created.json.clone();
    without_secret.as_object_mut().expect("an object").remove("secret");
    assert_eq!(read.json, without_secret);
    for answer in [
        read,
        world.read(&sites).await.expect(200),
        world.change(&one, &json!({ "token_duration": 60, "allow_get": true })).await.expect(200),
        world.read("/admin/v1/audit-log?limit=100").await.expect(200),
    ] {
        assert!(!answer.text.contains(&secret) && !answer.text.contains("sealed"), "{}", answer.text);
    }
}

#[tokio::test]
async fn v03_a_site_s_name_is_unique_in_its_partner_and_never_changes() {
    let world = World::shared();
    let account = world.create_account().await;
    let (partner, other) = (Partner::new(&world, &account).await, Partner::new(&world, &account).await);
    let name = json!({ "name": partner.site.name });
    let sites = format!("{}/sites", partner.path);
    world.create(&sites, &name).await.expect_problem(409, "name_taken");
    create_site(&world, &other.path, name.clone()).await;
    world.change(&partner.site.path, &json!({ "name": "renamed" })).await.expect_invalid("name");
    world.delete(&partner.site.path).await.expect(204);
    let again = create_site(&world, &partner.path, name).await;
    assert_ne!(again.id, partner.site.id);
    assert_ne!(again.secret, partner.site.secret);
}

#[tokio::test]
async fn v03_an_invalid_field_of_a_site_is_named() {
    let world = World::shared();
    let partner = Partner::new(&world, &world.create_account().await).await;
    let sites = format!("{}/sites", partner.path);
    for (name, value) in [
        ("name", json!("")),
        ("name", json!("a b")),
        ("name", json!("a/b")),
        ("name", json!("ä")),
        ("name", json!("s".repeat(65))),
        ("token_duration", json!(59)),
        ("token_duration", json!(86_401)),
        ("token_duration", json!(null)),
        ("token_duration", json!("3600")),
        ("allow_get", json!(1)),
        ("secret", json!("tbss_mine")),
    ] {
        let mut body = json!({ "name": "fits" });
        body[name] = value;
        world.create(&sites, &body).await.expect_invalid(name);
    }
    world.create(&sites, &json!({ "name": "whole", "token_duration": 3600.0 })).await.expect(201);
}

#[tokio::test]
async fn v05_sites_are_listed_by_name_page_by_page() {
    let world = World::shared();
    let partner = Partner::new(&world, &world.create_account().await).await;
    world.delete(&partner.site.path).await.expect(204);
    let mut names = ["b.x_Y-1", "A", "a", "C"];
    for name in names {
        create_site(&world, &partner.path, json!({ "name": name })).await;
    }
    names.sort_unstable();
    let listed = read_all_pages(&world, &format!("{}/sites?limit=1", partner.path), 1, "name").await;
    assert_eq!(listed, names);
}

#[tokio::test]
async fn v09_a_secret_rotates_with_overlap() {
    let world = World::shared();
    let partner = Partner::new(&world, &world.create_account().await).await;
    let rotate = format!("{}/rotate", partner.site.path);
    let rotated = world.post(&rotate).with_token_of(&world.demo.admin_key).send().await.expect(201);
    assert_eq!(rotated.header("etag"), "\"2\"");
    assert_eq!(rotated.header("cache-control"), "no-store");
    let secret = rotated.text_at("secret");
    assert_ne!(secret, partner.site.secret);
    let site = world.read(&partner.site.path).await.expect(200);
    assert_eq!(site.header("etag"), "\"2\"");
    assert!(!site.text.contains(&secret));
    let secrets = site.json["secrets"].as_array().expect("secrets");
    assert_eq!((secrets.len(), &secrets[0]["valid_until"]), (2, &Value::Null));
    assert!(secrets[1]["valid_until"].is_string(), "the default overlap is 24 h");

    let now = json!({ "valid_until": "2020-01-01T00:00:00Z" });
    let at_once = world.create(&rotate, &now).await.expect(201);
    assert_eq!(at_once.json["secrets"].as_array().expect("secrets").len(), 1, "ended secrets are removed");
    let late = json!({ "valid_until": "2099-01-01T00:00:00Z" });
    world.create(&rotate, &late).await.expect_problem(409, "limit_exceeded");
    for _ in 1..5 {
        world.create(&rotate, &json!({})).await.expect(201);
    }
    world.create(&rotate, &json!({})).await.expect_problem(409, "limit_exceeded");
    for bad in [json!("soon"), json!(null), json!(1)] {
        world.create(&rotate, &json!({ "valid_until": bad })).await.expect_invalid("valid_until");
    }
    let call = world.post(&rotate).with_token_of(&world.demo.admin_key).header("If-Match", "\"1\"");
    call.send().await.expect_problem(412, "precondition_failed");
    let log = world.read("/admin/v1/audit-log?limit=100").await.expect(200);
    let records = log.json["items"].as_array().expect("items");
    let of_site = |it: &&Value| it["target"]["id"] == *partner.site.id && it["action"] == "site.rotate";
    assert!(records.iter().any(|it| of_site(&it)), "{}", log.text);
}

#[tokio::test]
async fn v09_a_replayed_rotate_gives_the_same_secret() {
    let world = World::shared();
    let partner = Partner::new(&world, &world.create_account().await).await;
    let once = uuid::Uuid::new_v4().to_string();
    let send = async || {
        let call = world.post(&format!("{}/rotate", partner.site.path)).with_token_of(&world.demo.admin_key);
        call.header("Idempotency-Key", &once).send().await.expect(201)
    };
    let (first, again) = (send().await, send().await);
    assert_eq!(first.text, again.text);
    assert_eq!((first.header("etag"), again.header("etag")), ("\"2\"", "\"2\""));
    assert_eq!(again.header("idempotent-replayed"), "true");
    let site = world.read(&partner.site.path).await.expect(200);
    assert_eq!(site.header("etag"), "\"2\"", "rotated once");
}
