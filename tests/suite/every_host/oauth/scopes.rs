//! The scopes in the discovery documents (A1, K6).

use crate::support::oauth::TOKEN;
use crate::support::world::World;

#[tokio::test]
async fn a1_scopes_supported_lists_every_form_that_the_token_endpoint_grants() {
    let world = World::shared();
    let found = world.get("/.well-known/openid-configuration").send().await.expect(200);
    let listed = found.json["scopes_supported"].as_array().expect("scopes").clone();
    let listed: Vec<_> = listed.iter().map(|scope| scope.as_str().expect("a scope")).collect();
    let resources: Vec<_> = listed.iter().filter_map(|scope| scope.strip_suffix(":r")).collect();
    assert!(resources.contains(&"entity") && resources.contains(&"launchpad"), "{listed:?}");
    for resource in resources {
        for level in ["r", "rw", "rwd"] {
            let scope = format!("{resource}:{level}");
            let granted = is_granted(&world, &scope).await;
            assert_eq!(listed.contains(&scope.as_str()), granted, "{scope}");
        }
    }
}

/// Whether a key of any role gets a token with that scope.
async fn is_granted(world: &World, scope: &str) -> bool {
    let grant = [("grant_type", "client_credentials"), ("scope", scope)];
    for key in [&world.demo.admin_key, &world.demo.launchpad_key] {
        let answer = world.post_form(TOKEN, key, &grant).await;
        match answer.status.as_u16() {
            200 => return true,
            _ => drop(answer.expect_oauth_error(400, "invalid_scope")),
        }
    }
    false
}
