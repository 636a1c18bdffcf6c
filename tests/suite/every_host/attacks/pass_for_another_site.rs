//! A partner has the secret of its site. It wants tokens that pass for tokens of another partner's site.

use serde_json::{Value, json};

use crate::support::jwt::{claims, sign_hs256};
use crate::support::partner::Partner;
use crate::support::world::World;

#[tokio::test]
async fn v09_a_partner_cannot_name_the_site_of_another_partner() {
    let world = World::shared();
    let (partner, victim) = (Partner::in_new_account(&world).await, Partner::in_new_account(&world).await);
    let issued = claims(&partner.site_token(&world).await);
    let signed = |changes: Value| {
        let mut changed = issued.clone();
        for (name, value) in changes.as_object().expect("claims") {
            changed[name] = value.clone();
        }
        sign_hs256(&json!({ "alg": "HS256", "typ": "JWT" }), &changed, &partner.site.secret)
    };
    for (case, changes, active) in [
        ("its own site", json!({}), true),
        ("the other name", json!({ "site": victim.site.name }), false),
        ("the other id", json!({ "siteId": victim.site.id }), false),
        ("both", json!({ "site": victim.site.name, "siteId": victim.site.id }), false),
    ] {
        let answer = world.introspect(&world.demo.admin_key, &signed(changes)).await;
        assert_eq!(answer.is_active(), active, "{case}");
    }
}
