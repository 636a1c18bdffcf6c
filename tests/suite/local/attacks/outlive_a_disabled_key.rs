//! An attacker holds an administrator's key that is about to be disabled, and wants a right that lasts: a key of its own,
//! a secret, or its entity switched on again. It sends its change at the same time as the administrator's.

use reqwest::Method;
use serde_json::{Value, json};

use crate::local::embedded::{ProxiedBooth, booth_behind_proxy};
use crate::local::proxy::Fault;
use crate::support::call::{Answer, Call};
use crate::support::oauth::REVOKE;
use crate::support::tenant::Key;
use crate::support::world::{World, unique};

const ENTITIES: &str = "/admin/v1/entities";

/// A key with the role `account_admin` on an account, and what its rights depend on.
struct Attacker {
    organization: String,
    account: String,
    integration: String,
    key: Key,
    token: String,
    /// The keys of another integration of the account. The attacker may create some.
    keys: String,
}

impl Attacker {
    async fn new(world: &World) -> Self {
        let organization = world.create_entity(&world.demo.customer_id).await;
        let account = world.create_entity(&organization).await;
        let integration = world.create_integration(&account, "account_admin").await;
        let key = world.create_key(&account, &integration).await;
        let other = world.create_integration(&account, "launchpad_user").await;
        let token = world.redeem(&key).await.expect(200).text_at("token");
        let keys = format!("{ENTITIES}/{account}/integrations/{other}/keys");
        let integration = format!("{ENTITIES}/{account}/integrations/{integration}");
        Self { organization, account, integration, key, token, keys }
    }

    /// A request of the attacker.
    fn call(&self, world: &World, method: Method, path: &str) -> Call {
        world.call(method, path).bearer(&self.token)
    }

    fn create_key(&self, world: &World) -> Call {
        self.call(world, Method::POST, &self.keys).json(&json!({ "name": unique("successor") }))
    }

    fn path_of_key(&self) -> String {
        format!("{}/keys/{}", self.integration, self.key.id)
    }

    /// Every way to take the attacker's rights away: what it is, the path, and the changed fields, or `None` to delete.
    fn dismissals(&self) -> Vec<(&'static str, String, Option<Value>)> {
        let grants = json!([{ "role": "launchpad_user", "entity_id": self.account }]);
        let of = |id: &str| format!("{ENTITIES}/{id}");
        let disabled = || Some(json!({ "status": "disabled" }));
        vec![
            ("the key is disabled", self.path_of_key(), disabled()),
            ("the key is deleted", self.path_of_key(), None),
            ("the integration loses its role", self.integration.clone(), Some(json!({ "grants": grants }))),
            ("the account is disabled", of(&self.account), disabled()),
            ("the account's API is off", of(&self.account), Some(json!({ "api_enabled": false }))),
            ("the organization is disabled", of(&self.organization), disabled()),
        ]
    }
}

/// Sends the change of the administrator, which must succeed.
async fn dismiss(world: &World, path: &str, change: Option<Value>) {
    match change {
        Some(fields) => world.change(path, &fields).await.expect(200),
        None => world.delete(path).await.expect(204),
    };
}

/// Sends `slow`, and holds its first call of `operation` until `quick` is finished.
async fn overtake(
    booth: &ProxiedBooth,
    operation: &'static str,
    slow: Call,
    quick: impl Future<Output = ()>,
) -> Answer {
    booth.proxy.take_calls();
    booth.proxy.fail_on(operation, 1, Fault::Held);
    let answer = tokio::spawn(slow.send());
    while !booth.proxy.take_calls().contains_key(operation) {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    quick.await;
    booth.proxy.release();
    answer.await.expect("an answer")
}

#[tokio::test]
async fn a4_no_key_is_created_after_the_caller_lost_its_rights() {
    let booth = booth_behind_proxy(0).await;
    let world = &booth.world;
    let dismissals = Attacker::new(world).await.dismissals().len();
    for index in 0..dismissals {
        let attacker = Attacker::new(world).await;
        let (what, path, change) = attacker.dismissals().swap_remove(index);
        let create = attacker.create_key(world);
        let answer = overtake(&booth, "TransactWriteItems", create, dismiss(world, &path, change)).await;
        assert_eq!(answer.status, 409, "{what}: {}", answer.text);
        answer.expect_problem(409, "conflict");
        let list = world.read(&attacker.keys).await;
        assert_eq!(list.expect(200).json["items"], json!([]), "{what}");
    }
}

/// Every kind of change, as the attacker's request.
async fn changes(world: &World, attacker: &Attacker) -> Vec<(&'static str, Call)> {
    let account = format!("{ENTITIES}/{}", attacker.account);
    let project = world.create(&format!("{account}/projects"), &json!({ "name": unique("project") })).await;
    let project = format!("{account}/projects/{}", project.expect(201).text_at("id"));
    let (provider, _) = world.create_provider(&attacker.account).await;
    let provider = format!("{account}/providers/{provider}");
    let own_integration = attacker.integration.clone();
    let call = |method, path: &str| attacker.call(world, method, path);
    vec![
        ("create", attacker.create_key(world)),
        ("create with an idempotency key", attacker.create_key(world).header("Idempotency-Key", "one")),
        ("rotate", call(Method::POST, &format!("{project}/rotate")).json(&json!({}))),
        ("read the secrets", call(Method::GET, &format!("{project}/settings-file"))),
        ("change", call(Method::PATCH, &provider).json(&json!({ "description": "other" }))),
        ("delete", call(Method::DELETE, &provider)),
        ("change its own integration", call(Method::PATCH, &own_integration).json(&json!({ "name": "own" }))),
    ]
}

#[tokio::test]
async fn a4_no_change_of_any_kind_follows_the_end_of_the_caller_s_key() {
    let booth = booth_behind_proxy(0).await;
    let world = &booth.world;
    for index in 0..7 {
        let attacker = Attacker::new(world).await;
        let (what, change) = changes(world, &attacker).await.swap_remove(index);
        let disabled = Some(json!({ "status": "disabled" }));
        let path = attacker.path_of_key();
        let answer = overtake(&booth, "TransactWriteItems", change, dismiss(world, &path, disabled)).await;
        assert_eq!((answer.status.as_u16(), &answer.json["code"]), (409, &json!("conflict")), "{what}");
    }
}

#[tokio::test]
async fn a4_a_caller_does_not_change_its_own_item_at_a_version_that_it_was_not_authenticated_at() {
    let booth = booth_behind_proxy(0).await;
    let world = &booth.world;
    let attacker = Attacker::new(world).await;
    let account = format!("{ENTITIES}/{}", attacker.account);
    let enable = attacker.call(world, Method::PATCH, &account).json(&json!({ "status": "active" }));
    // The attacker is authenticated, and then reads the account that was disabled in between.
    let disabled = Some(json!({ "status": "disabled" }));
    let answer = overtake(&booth, "GetItem", enable, dismiss(world, &account, disabled)).await;
    answer.expect_problem(409, "conflict");
    assert_eq!(world.read(&account).await.expect(200).json["status"], "disabled");
}

#[tokio::test]
async fn a4_a_disabled_key_is_not_enabled_by_itself() {
    let booth = booth_behind_proxy(0).await;
    let world = &booth.world;
    let attacker = Attacker::new(world).await;
    let path = attacker.path_of_key();
    let enable = json!({ "status": "active", "name": unique("key") });
    let enable = attacker.call(world, Method::PATCH, &path).json(&enable);
    let disabled = Some(json!({ "status": "disabled" }));
    let answer = overtake(&booth, "GetItem", enable, dismiss(world, &path, disabled)).await;
    answer.expect_problem(409, "conflict");
    world.redeem(&attacker.key).await.expect(401);
}

#[tokio::test]
async fn a2_a_key_that_is_disabled_meanwhile_revokes_nothing() {
    let booth = booth_behind_proxy(0).await;
    let world = &booth.world;
    let attacker = Attacker::new(world).await;
    let victim = world.create_key_with_role(&attacker.account, "account_admin").await;
    let token = world.client_token(&victim, "").await;
    let call = world.post(REVOKE).basic(&attacker.key.id, &attacker.key.secret);
    let revoke = call.form(&[("token", &token)]);
    let disabled = Some(json!({ "status": "disabled" }));
    let path = attacker.path_of_key();
    let answer = overtake(&booth, "TransactWriteItems", revoke, dismiss(world, &path, disabled)).await;
    assert_eq!(answer.expect(503).header("retry-after"), "1");
    assert!(world.introspect(&world.demo.admin_key, &token).await.is_active());
}

#[tokio::test]
async fn a4_of_200_races_no_successor_is_created_after_the_end_of_its_creator() {
    let booth = booth_behind_proxy(0).await;
    let world = &booth.world;
    let mut successors = Vec::new();
    for race in 0..200 {
        let attacker = Attacker::new(world).await;
        let (what, path, change) = attacker.dismissals().swap_remove(race % 6);
        booth.proxy.take_commits().await;
        let (created, ()) = tokio::join!(attacker.create_key(world).send(), dismiss(world, &path, change));
        let commits = booth.proxy.take_commits().await;
        let of_creation = commits.iter().position(|commit| commit.actor() == Some(&*attacker.key.id));
        let of_dismissal =
            commits.iter().position(|commit| commit.actor() == Some(&*world.demo.admin_key.id));
        assert_eq!(created.status == 201, of_creation.is_some(), "{what}: {}", created.text);
        if of_creation > of_dismissal {
            successors.push(what);
        }
    }
    assert!(successors.is_empty(), "{} of 200: {successors:?}", successors.len());
}

#[tokio::test]
async fn a4_a_new_name_above_the_caller_does_not_disturb_it() {
    let booth = booth_behind_proxy(0).await;
    let world = &booth.world;
    let attacker = Attacker::new(world).await;
    for entity in [&attacker.organization, &attacker.account] {
        let path = format!("{ENTITIES}/{entity}");
        let change = Some(json!({ "name": unique("renamed"), "secure_anonymous_enabled": false }));
        let create = attacker.create_key(world);
        overtake(&booth, "TransactWriteItems", create, dismiss(world, &path, change)).await.expect(201);
    }
}
