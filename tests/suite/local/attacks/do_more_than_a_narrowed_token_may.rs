//! An attacker has a token that is narrowed to one scope (A8), and sends every request of `openapi.yaml` with it. Each
//! operation that accepts an access token has its scope there, as `x-required-scope`.

use std::collections::BTreeMap;

use reqwest::Method;
use serde_json::{Value, json};

use crate::local::contract::yaml;
use crate::support::call::Answer;
use crate::support::oauth::{FORM, INTROSPECT, REVOKE};
use crate::support::world::{World, options, unique};

/// The scopes of the booth with the highest level that an administrator of a customer has.
const HELD: [(&str, &str); 11] = [
    ("entity", "rwd"),
    ("integration", "rwd"),
    ("api_key", "rwd"),
    ("provider", "rwd"),
    ("audit_log", "r"),
    ("secure_anonymous_token", "rw"),
    ("partner", "rwd"),
    ("project", "rwd"),
    ("project_token", "rw"),
    ("token", "rw"),
    ("api", "rwd"),
];

/// An operation of the contract that accepts an access token.
pub(super) struct Operation {
    pub(super) method: Method,
    /// Its path, with the query that it requires.
    pub(super) path: String,
    /// The scope that it requires.
    pub(super) scope: String,
    /// An example of its body.
    body: Option<Value>,
}

/// Each single scope of an administrator at each level.
fn narrowings() -> impl Iterator<Item = String> {
    HELD.into_iter().flat_map(|(resource, highest)| {
        let levels = ["r", "rw", "rwd"].into_iter().filter(move |level| level.len() <= highest.len());
        levels.map(move |level| format!("{resource}:{level}"))
    })
}

/// Whether the scope `held` includes `required`.
pub(super) fn covers(held: &str, required: &str) -> bool {
    let (held, required) =
        (held.split_once(':').expect("a level"), required.split_once(':').expect("a level"));
    held.0 == required.0 && held.1.len() >= required.1.len()
}

/// The operations that accept an access token. One without its scope in the contract fails the test.
pub(super) fn operations() -> Vec<Operation> {
    let contract: Value = serde_json::to_value(yaml("openapi.yaml")).expect("JSON");
    let mut operations = Vec::new();
    for (path, item) in contract["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("methods") {
            if operation.get("operationId").is_none() || !accepts_access_tokens(&contract, operation) {
                continue;
            }
            let scope = operation["x-required-scope"].as_str();
            let scope = scope.unwrap_or_else(|| panic!("{method} {path} has no x-required-scope"));
            assert!(narrowings().any(|known| known == scope), "{method} {path}: {scope} is no scope");
            let method = method.to_uppercase().parse().expect("a method");
            let body = example(&contract, operation);
            let path = format!("{path}{}", required_query(&contract, [item, operation]));
            operations.push(Operation { method, path, scope: scope.to_owned(), body });
        }
    }
    operations
}

/// The query with the example of each parameter that is required there, also of one that others can replace
/// (`x-one-of-required`).
fn required_query(contract: &Value, parents: [&Value; 2]) -> String {
    let parameters = parents.iter().filter_map(|parent| parent["parameters"].as_array()).flatten();
    let parameters = parameters.map(|parameter| match parameter["$ref"].as_str() {
        Some(reference) => contract.pointer(reference.trim_start_matches('#')).expect("a parameter"),
        None => parameter,
    });
    let is_required = |it: &Value| it["required"] == true || it.get("x-one-of-required").is_some();
    let required = parameters.filter(|it| it["in"] == "query" && is_required(it));
    let pairs: Vec<String> = required
        .map(|it| {
            format!(
                "{}={}",
                it["name"].as_str().expect("a name"),
                it["example"].as_str().expect("an example")
            )
        })
        .collect();
    if pairs.is_empty() { String::new() } else { format!("?{}", pairs.join("&")) }
}

fn accepts_access_tokens(contract: &Value, operation: &Value) -> bool {
    let security = operation.get("security").unwrap_or(&contract["security"]);
    security.as_array().expect("requirements").iter().any(|it| it.get("accessToken").is_some())
}

/// The first example of the operation's JSON body.
fn example(contract: &Value, operation: &Value) -> Option<Value> {
    let mut body = operation.get("requestBody")?;
    if let Some(reference) = body["$ref"].as_str() {
        body = contract.pointer(reference.trim_start_matches('#')).expect("a body");
    }
    let json = &body["content"]["application/json"];
    let first = || json["examples"].as_object()?.values().next()?.get("value").cloned();
    json.get("example").cloned().or_else(first).or(Some(json!({})))
}

/// A tenant's entities and one resource of each kind, which no request of these tests changes.
pub(super) struct Resources {
    pub(super) world: World,
    ids: BTreeMap<&'static str, String>,
}

impl Resources {
    pub(super) async fn create() -> Self {
        let world = World::own(options());
        let organization = world.create_entity(&world.demo.customer_id).await;
        let account = world.create_entity(&organization).await;
        let entity = format!("/admin/v1/entities/{account}");
        let integration = world.create_integration(&account, "launchpad_user").await;
        let key = world.create_key(&account, &integration).await.id;
        let (provider, _) = world.create_provider(&account).await;
        let mut ids = BTreeMap::from([
            ("customer", world.demo.customer_id.clone()),
            ("organization", organization),
            ("account", account.clone()),
            ("entity_id", account),
            ("integration_id", integration),
            ("client_id", key),
            ("provider_id", provider),
        ]);
        for (parameter, parent, collection) in [
            ("api_id", None, "apis"),
            ("partner_id", None, "partners"),
            ("key_id", Some(("partners", "partner_id")), "keys"),
            ("site_id", Some(("partners", "partner_id")), "sites"),
            ("project_id", None, "projects"),
            ("token_set_id", Some(("projects", "project_id")), "token-sets"),
        ] {
            let parent = parent.map(|(of, id)| format!("/{of}/{}", ids[id])).unwrap_or_default();
            let name = unique("narrow").replace(' ', "-");
            let body = match collection {
                "apis" => json!({ "name": name, "identifier": format!("https://{name}.example") }),
                "token-sets" => json!({ "name": name, "app_keys": ["narrow"] }),
                _ => json!({ "name": name }),
            };
            let made = world.create(&format!("{entity}{parent}/{collection}"), &body).await;
            ids.insert(parameter, made.expect(201).text_at("id"));
        }
        let settings = format!("{entity}/projects/{}/token-settings", ids["project_id"]);
        let context = json!({ "security_context": { "value": "narrow", "required": false } });
        world.change(&settings, &context).await.expect(200);
        Self { world, ids }
    }

    /// Sends the operation with this token. Its If-Match fits no version, so that it changes and deletes nothing.
    pub(super) async fn send(&self, operation: &Operation, token: &str) -> Answer {
        let Operation { method, path, body, .. } = operation;
        let segments = path.split('/').map(|segment| match segment.strip_prefix('{') {
            Some(parameter) => self.id(parameter.trim_end_matches('}')),
            None => segment,
        });
        let path = segments.collect::<Vec<_>>().join("/");
        let call = self.world.call(method.clone(), &path).bearer(token).header("If-Match", "\"0\"");
        match body {
            Some(body) => call.json(&self.with_own_ids(body)).send().await,
            None => call.send().await,
        }
    }

    fn id(&self, parameter: &str) -> &str {
        self.ids.get(parameter).unwrap_or_else(|| panic!("this test creates no {parameter}"))
    }

    /// The body with our entities in place of those of the example, and with the lowest role.
    fn with_own_ids(&self, example: &Value) -> Value {
        match example {
            Value::Array(items) => items.iter().map(|item| self.with_own_ids(item)).collect(),
            Value::Object(members) => {
                let own = |(name, value): (&String, &Value)| match name.as_str() {
                    "role" => (name.clone(), json!("launchpad_user")),
                    _ => (name.clone(), self.with_own_ids(value)),
                };
                Value::Object(members.iter().map(own).collect())
            }
            Value::String(text) => {
                let kind = text.split_once('-').map(|(kind, _)| kind).filter(|_| text.len() > 36);
                let kind = kind.filter(|kind| ["customer", "organization", "account"].contains(kind));
                kind.map_or_else(|| example.clone(), |kind| json!(self.id(kind)))
            }
            _ => example.clone(),
        }
    }
}

/// Whether the answer is the refusal of a caller without the right.
pub(super) fn is_forbidden(answer: &Answer) -> bool {
    answer.status == 403 && answer.json["code"] == "insufficient_scope"
}

#[tokio::test]
async fn a08_a_narrowed_token_may_do_what_its_scope_allows_and_nothing_else() {
    let (resources, operations) = (Resources::create().await, operations());
    assert!(operations.len() > 50, "only {} operations", operations.len());
    let world = &resources.world;
    let whole = world.redeem(&world.demo.admin_key).await.expect(200).text_at("token");
    for operation in &operations {
        let answer = resources.send(operation, &whole).await;
        let (method, path, status) = (&operation.method, &operation.path, answer.status.as_u16());
        let is_decided =
            [200, 201, 202, 204, 409, 412].contains(&status) || answer.json["code"] == "tokens_refused";
        assert!(is_decided, "{method} {path} must reach the decision: {status} {}", answer.text);
    }
    let mut faults = Vec::new();
    for narrowing in narrowings() {
        let token = world.client_token(&world.demo.admin_key, &narrowing).await;
        for operation in &operations {
            let answer = resources.send(operation, &token).await;
            let is_allowed = covers(&narrowing, &operation.scope);
            if is_forbidden(&answer) == is_allowed || answer.status == 401 || answer.status == 404 {
                let Operation { method, path, .. } = operation;
                faults.push(format!("{narrowing} at {method} {path}: {} {}", answer.status, answer.text));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// OAuth's endpoints authenticate clients, not tokens: no token of a client revokes or introspects.
#[tokio::test]
async fn a08_no_narrowed_token_introspects_or_revokes() {
    let world = World::own(options());
    for narrowing in narrowings() {
        let token = world.client_token(&world.demo.admin_key, &narrowing).await;
        for path in [INTROSPECT, REVOKE] {
            let answer = world.post(path).bearer(&token).body(FORM, format!("token={token}")).send().await;
            answer.expect_oauth_error(401, "invalid_client");
        }
    }
}
