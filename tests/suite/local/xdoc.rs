//! Window X at which second.

use serde_json::json;

use super::clock::world;
use crate::support::xdoc::{XdocProject, fields};

#[tokio::test]
async fn x07_gen_dt_is_at_most_300_s_old_and_60_s_ahead_or_as_configured() {
    let (world, hands) = world(0);
    let start = hands.second();
    let configured = json!({ "gen_dt": { "past_seconds": 10, "future_seconds": 0 } });
    for (settings, seconds) in [
        (json!({}), [(-61, 403), (-60, 200), (0, 200), (300, 200), (301, 403)]),
        (configured, [(-1, 403), (0, 200), (1, 200), (10, 200), (11, 403)]),
    ] {
        hands.put_at(start);
        let sealed = XdocProject::new(&world).await;
        sealed.ask(&world, &settings).await;
        let set = &sealed.ciphers(&world).await[0];
        let token = model::seal_text(set, sealed.plaintext(start)).expect("sealed").token;
        for (second, status) in seconds {
            hands.put_at(start + second);
            let answer = sealed.verify(&world, &json!({ "XST": token })).await;
            assert_eq!(answer.status, status, "{settings} {second}");
        }
    }
}

#[tokio::test]
async fn x06_gen_dt_is_the_booth_s_time() {
    let (world, hands) = world(0);
    let sealed = XdocProject::new(&world).await;
    hands.put_at(1_900_000_000);
    let body = json!({ "fields": fields("security") });
    let built = sealed.build(&world, "security", &body).await.expect(200);
    assert!(built.text_at("plaintext").contains("<GenDT>2030-03-17T17:46:40Z</GenDT>"), "{}", built.text);
}

#[tokio::test]
async fn x01_a_deactivated_token_set_stops_within_the_published_bound() {
    let (world, hands) = world(10);
    let sealed = XdocProject::new(&world).await;
    let tokens = json!({ "XST": sealed.token(&world, "security").await });
    sealed.verify(&world, &tokens).await.expect(200);
    let set = world.read(&sealed.sets()).await.expect(200).ids("id").remove(0);
    let start = hands.second();
    let off = json!({ "active": false });
    hands.change(&world, &format!("{}/{set}", sealed.sets()), &off).await.expect(200);
    hands.put_at(start + 9);
    sealed.verify(&world, &tokens).await.expect(200);
    hands.put_at(start + 10);
    sealed.verify(&world, &tokens).await.expect(403);
}

#[tokio::test]
async fn x06_a_rotated_api_secret_works_until_its_end_exclusive() {
    let (world, hands) = world(0);
    let sealed = XdocProject::new(&world).await;
    let rotate = world.post(&format!("{}/rotate", sealed.project.path));
    let end = json!({ "valid_until": hands.moment_in(100) });
    rotate.signed_at(&world.demo.admin_key, hands.second()).json(&end).send().await.expect(201);
    let start = hands.second();
    for (second, status) in [(0, 200), (99, 200), (100, 401)] {
        hands.put_at(start + second);
        let body = json!({ "fields": fields("user") });
        assert_eq!(sealed.build(&world, "user", &body).await.status, status, "{second}");
    }
}
