//! The rules for all lists of the Admin API (A4).

use serde_json::{Value, json};

use crate::support::world::{World, unique};

const ENTITIES: &str = "/admin/v1/entities";

/// The paths of all lists. The lists of the resources that are created here have at least two items.
async fn lists(world: &World) -> Vec<String> {
    let organization = world.create_entity(&world.demo.customer_id).await;
    for _ in 0..2 {
        world.create_entity(&organization).await;
    }
    let of = |list: &str| format!("{ENTITIES}/{organization}/{list}");
    let grants = json!([{ "role": "launchpad_user", "entity_id": organization }]);
    let named = |mut fields: Value| {
        fields["name"] = json!(unique("list").replace(' ', "-"));
        fields
    };
    let integration = two(world, &of("integrations"), || named(json!({ "grants": grants }))).await;
    let provider = json!({ "description": "list", "token_duration": 60, "grants": grants });
    two(world, &of("providers"), || provider.clone()).await;
    let partner = two(world, &of("partners"), || named(json!({}))).await;
    let project = two(world, &of("projects"), || named(json!({}))).await;
    let keys = of(&format!("integrations/{integration}/keys"));
    let partner_keys = of(&format!("partners/{partner}/keys"));
    let sites = of(&format!("partners/{partner}/sites"));
    let token_sets = of(&format!("projects/{project}/token-sets"));
    for path in [&keys, &partner_keys, &sites, &token_sets] {
        two(world, path, || named(json!({}))).await;
    }
    let children = format!("{ENTITIES}?parent_id={organization}");
    let log = format!("/admin/v1/audit-log?entity_id={organization}");
    let mut lists = vec![children, log, keys, partner_keys, sites, token_sets];
    lists.extend(["integrations", "providers", "partners", "projects"].map(of));
    lists.push(ENTITIES.to_owned());
    lists
}

/// Creates two resources, and returns the id of the second one.
async fn two(world: &World, path: &str, body: impl Fn() -> Value) -> String {
    world.create(path, &body()).await.expect(201);
    let made = world.create(path, &body()).await.expect(201);
    made.json["id"].as_str().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn a4_the_list_of_token_sets_has_one_page_and_takes_no_cursor() {
    let world = World::shared();
    let projects = format!("{ENTITIES}/{}/projects", world.demo.account_id);
    let project = two(&world, &projects, || json!({ "name": unique("project") })).await;
    let path = format!("{projects}/{project}/token-sets");
    assert_eq!(world.read(&path).await.expect(200).json["next_cursor"], Value::Null);
    world.read(&format!("{path}?cursor=a.b")).await.expect_invalid("cursor");
}

#[tokio::test]
async fn a4_the_list_of_roles_takes_no_parameter() {
    let world = World::shared();
    world.read("/admin/v1/roles").await.expect(200);
    for query in ["cursor=a.b", "limit=1"] {
        let name = query.split('=').next().expect("a name");
        world.read(&format!("/admin/v1/roles?{query}")).await.expect_invalid(name);
    }
}

#[tokio::test]
async fn a4_every_moment_has_milliseconds() {
    fn check(value: &Value) -> usize {
        match value {
            Value::Object(members) => {
                let is_moment = |name: &str| name == "at" || name.ends_with("_at") || name == "valid_until";
                members
                    .iter()
                    .map(|(name, value)| match value.as_str() {
                        Some(text) if is_moment(name) => {
                            let (_, fraction) =
                                text.rsplit_once('.').unwrap_or_else(|| panic!("{name}: {text}"));
                            assert!(fraction.len() == 4 && fraction.ends_with('Z'), "{name}: {text}");
                            1
                        }
                        _ => check(value),
                    })
                    .sum()
            }
            Value::Array(items) => items.iter().map(check).sum(),
            _ => 0,
        }
    }
    let world = World::shared();
    let lists = lists(&world).await;
    let keys = &lists[2];
    let end = json!({ "name": unique("key"), "valid_until": "2030-01-31T01:00:00.1239+01:00" });
    let made = world.create(keys, &end).await.expect(201);
    assert_eq!(made.json["valid_until"], "2030-01-31T00:00:00.123Z");
    let one = format!("{keys}/{}", made.text_at("client_id"));
    let changed = world.change(&one, &json!({ "valid_until": "2031-01-31T00:00:00Z" })).await.expect(200);
    assert_eq!(changed.json["valid_until"], "2031-01-31T00:00:00.000Z");
    for list in &lists {
        assert!(check(&world.read(list).await.expect(200).json) > 0, "{list}");
    }
}
