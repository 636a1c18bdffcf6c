//! A partner has the secret of its site. It wants tokens that live longer than the site's duration allows.

use serde_json::{Value, json};

use crate::support::jwt::{claims, sign_hs256};
use crate::support::partner::Partner;
use crate::support::world::World;

const HEADER: &str = r#"{"alg":"HS256","typ":"JWT"}"#;

/// A token of the partner's site with these times, signed by the partner itself.
fn stretched(partner: &Partner, issued: &str, iat: i64, exp: i64) -> String {
    let mut changed = claims(issued);
    (changed["iat"], changed["exp"], changed["expiration"]) = (json!(iat), json!(exp), json!(exp));
    let header: Value = serde_json::from_str(HEADER).expect("JSON");
    sign_hs256(&header, &changed, &partner.site.secret)
}

#[tokio::test]
async fn v05_v09_a_partner_cannot_stretch_a_token_beyond_the_duration_of_its_site() {
    let world = World::shared();
    let partner = Partner::in_new_account(&world).await;
    let issued = partner.site_token(&world).await;
    let iat = claims(&issued)["iat"].as_i64().expect("a time");
    for (case, from, until, active) in [
        ("as it was issued", iat, iat + 3600, true),
        ("shorter", iat, iat + 600, true),
        ("one second longer", iat, iat + 3601, false),
        ("ten years", iat, iat + 315_360_000, false),
        ("issued long ago", iat - 86_400, iat + 600, false),
        ("the first of all seconds", i64::MIN, iat + 600, false),
        ("never ends", iat, i64::MAX, false),
    ] {
        let token = stretched(&partner, &issued, from, until);
        let answer = world.introspect(&world.demo.admin_key, &token).await;
        assert_eq!(answer.is_active(), active, "{case}");
    }
}

#[tokio::test]
async fn v05_v09_a_shorter_duration_ends_no_token_that_was_issued_before() {
    let world = World::shared();
    let partner = Partner::in_new_account(&world).await;
    let issued = partner.site_token(&world).await;
    let admin = &world.demo.admin_key;
    world.change(&partner.site.path, &json!({ "token_duration": 600 })).await.expect(200);
    assert!(world.introspect(admin, &issued).await.is_active(), "issued before the change");
    world.change(&partner.site.path, &json!({ "token_duration": 300 })).await.expect(200);
    assert!(world.introspect(admin, &issued).await.is_active(), "after two changes");
}
