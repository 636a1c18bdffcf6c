//! Tokens of own APIs as the subject of introspection and revocation (A7, A2).

use serde_json::{Value, json};

use crate::support::api::OwnApi;
use crate::support::jwt::{claims, tampered};
use crate::support::tenant::Key;
use crate::support::world::World;

/// An API of one account, and a key of another account of the same organization.
struct Setup {
    world: World,
    owner: String,
    account: String,
    api: OwnApi,
    integration: String,
    key: Key,
    token: String,
}

impl Setup {
    async fn new() -> Self {
        let world = World::shared();
        let (owner, account) = (world.create_account().await, world.create_account().await);
        let api = OwnApi::new(&world, &owner, json!({ "token_duration": 3600 })).await;
        let (integration, key) = api.grant(&world, &account, "orders:read").await;
        let token = api.token(&world, &key).await;
        Self { world, owner, account, api, integration, key, token }
    }

    async fn is_active_for(&self, key: &Key) -> bool {
        self.world.introspect(key, &self.token).await.is_active()
    }
}

#[tokio::test]
async fn a7_a_token_of_an_own_api_is_introspected_with_its_claims() {
    for algorithm in ["RS256", "ES256", "EdDSA"] {
        let world = World::shared();
        let account = world.create_account().await;
        let api = OwnApi::new(&world, &account, json!({ "algorithm": algorithm })).await;
        let (_, key) = api.grant(&world, &account, "orders:read").await;
        let token = api.token(&world, &key).await;
        let mut expected = claims(&token);
        (expected["active"], expected["kind"], expected["token_type"]) =
            (json!(true), json!("api"), json!("Bearer"));
        assert_eq!(world.introspect(&key, &token).await.json, expected, "{algorithm}");
        assert!(!world.introspect(&key, &tampered(&token)).await.is_active(), "{algorithm}");
    }
}

#[tokio::test]
async fn a7_the_key_its_entity_and_the_owner_of_the_api_introspect_a_token() {
    let setup = Setup::new().await;
    let world = &setup.world;
    let auditor_of = async |entity: &str| world.create_key_with_role(entity, "auditor").await;
    let sibling = world.create_account().await;
    for (case, key, active) in [
        ("its own key", setup.key.clone(), true),
        ("the key's account", auditor_of(&setup.account).await, true),
        ("the API's account", auditor_of(&setup.owner).await, true),
        ("above both", world.demo.admin_key.clone(), true),
        ("a sibling", auditor_of(&sibling).await, false),
        ("a key without the scope", world.create_key_with_role(&setup.owner, "launchpad_user").await, false),
        ("another customer", world.rival.admin_key.clone(), false),
    ] {
        assert_eq!(setup.is_active_for(&key).await, active, "{case}");
    }
}

/// What ends a token: its name, and the resource and the change.
type Case = (&'static str, fn(&Setup) -> String, Value);

#[tokio::test]
async fn a7_a_token_ends_with_its_key_its_grant_its_api_and_their_entities() {
    let cases: [Case; 6] = [
        ("the API is disabled", |it| it.api.path.clone(), json!({ "status": "disabled" })),
        ("the grant is gone", |it| it.integration.clone(), json!({ "api_grants": [] })),
        (
            "the key is disabled",
            |it| format!("{}/keys/{}", it.integration, it.key.id),
            json!({ "status": "disabled" }),
        ),
        (
            "the key's entity is disabled",
            |it| format!("/admin/v1/entities/{}", it.account),
            json!({ "status": "disabled" }),
        ),
        (
            "the API's entity is disabled",
            |it| format!("/admin/v1/entities/{}", it.owner),
            json!({ "status": "disabled" }),
        ),
        (
            "the key's API is switched off",
            |it| format!("/admin/v1/entities/{}", it.account),
            json!({ "api_enabled": false }),
        ),
    ];
    for (case, path, change) in cases {
        let setup = Setup::new().await;
        let world = &setup.world;
        assert!(setup.is_active_for(&world.demo.admin_key).await, "{case}");
        world.change(&path(&setup), &change).await.expect(200);
        world.wait_until_inactive(&world.demo.admin_key, &setup.token).await;
    }
    let setup = Setup::new().await;
    let other = json!({ "scopes": [{ "name": "orders:write" }] });
    setup.world.change(&setup.api.path, &other).await.expect(200);
    setup.world.wait_until_inactive(&setup.world.demo.admin_key, &setup.token).await;
    let setup = Setup::new().await;
    let narrower = json!({ "api_grants": setup.api.grants("orders:write") });
    setup.world.change(&setup.integration, &narrower).await.expect(200);
    setup.world.wait_until_inactive(&setup.world.demo.admin_key, &setup.token).await;
    let setup = Setup::new().await;
    setup.world.delete(&setup.api.path).await.expect(204);
    setup.world.wait_until_inactive(&setup.world.demo.admin_key, &setup.token).await;
}

#[tokio::test]
async fn a7_its_own_key_and_the_owner_of_the_api_revoke_a_token() {
    for by_owner in [false, true] {
        let setup = Setup::new().await;
        let world = &setup.world;
        let auditor = world.create_key_with_role(&setup.owner, "auditor").await;
        world.revoke(&auditor, &setup.token).await.expect_oauth_error(400, "unauthorized_client");
        world.revoke(&world.rival.admin_key, &setup.token).await.expect(200);
        assert!(setup.is_active_for(&setup.key).await, "neither of them may revoke it");
        let revoker = match by_owner {
            true => world.create_key_with_role(&setup.owner, "account_admin").await,
            false => setup.key.clone(),
        };
        world.revoke(&revoker, &setup.token).await.expect(200);
        world.wait_until_inactive(&setup.key, &setup.token).await;
        let other = setup.api.token(world, &setup.key).await;
        assert!(world.introspect(&setup.key, &other).await.is_active(), "only the revoked token ends");
    }
}
