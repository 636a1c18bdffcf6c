//! Window X with a test clock.

use serde_json::json;

use super::clock::world_with_clock;
use crate::support::xdoc::{XdocProject, fields};

#[tokio::test]
async fn x07_gen_dt_is_at_most_300_s_old_and_60_s_ahead_or_as_configured() {
    let (world, clock) = world_with_clock(0);
    let start = clock.unix_second();
    let configured = json!({ "gen_dt": { "past_seconds": 10, "future_seconds": 0 } });
    for (settings, seconds) in [
        (json!({}), [(-61, 403), (-60, 200), (0, 200), (300, 200), (301, 403)]),
        (configured, [(-1, 403), (0, 200), (1, 200), (10, 200), (11, 403)]),
    ] {
        clock.set(start);
        let xdoc = XdocProject::new(&world).await;
        xdoc.change_settings(&world, &settings).await;
        let set = &xdoc.ciphers(&world).await[0];
        let token = model::seal_text(set, xdoc.plaintext(start)).expect("sealed").token;
        for (second, status) in seconds {
            clock.set(start + second);
            let answer = xdoc.verify(&world, &json!({ "XST": token })).await;
            assert_eq!(answer.status, status, "{settings} {second}");
        }
    }
}

#[tokio::test]
async fn x06_gen_dt_is_the_booth_s_time() {
    let (world, clock) = world_with_clock(0);
    let xdoc = XdocProject::new(&world).await;
    clock.set(1_900_000_000);
    let body = json!({ "fields": fields("security") });
    let built = xdoc.build(&world, "security", &body).await.expect(200);
    assert!(built.text_at("plaintext").contains("<GenDT>2030-03-17T17:46:40Z</GenDT>"), "{}", built.text);
}

#[tokio::test]
async fn x01_a_deactivated_token_set_stops_within_the_published_bound() {
    let (world, clock) = world_with_clock(10);
    let xdoc = XdocProject::new(&world).await;
    let tokens = json!({ "XST": xdoc.token(&world, "security").await });
    xdoc.verify(&world, &tokens).await.expect(200);
    let set = world.read(&xdoc.token_sets_path()).await.expect(200).ids("id").remove(0);
    let start = clock.unix_second();
    let off = json!({ "active": false });
    clock.change(&world, &format!("{}/{set}", xdoc.token_sets_path()), &off).await.expect(200);
    clock.set(start + 9);
    xdoc.verify(&world, &tokens).await.expect(200);
    clock.set(start + 10);
    xdoc.verify(&world, &tokens).await.expect(403);
}

#[tokio::test]
async fn x06_a_rotated_api_secret_works_until_its_end_exclusive() {
    let (world, clock) = world_with_clock(0);
    let xdoc = XdocProject::new(&world).await;
    let rotate = world.post(&format!("{}/rotate", xdoc.project.path));
    let end = json!({ "valid_until": clock.timestamp_in(100) });
    rotate.with_token_of(&world.demo.admin_key).json(&end).send().await.expect(201);
    let start = clock.unix_second();
    for (second, status) in [(0, 200), (99, 200), (100, 401)] {
        clock.set(start + second);
        let body = json!({ "fields": fields("user") });
        assert_eq!(xdoc.build(&world, "user", &body).await.status, status, "{second}");
    }
}
