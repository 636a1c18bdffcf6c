//! Names that were stored before names had claims on their looks, and before invisible characters were refused.

use std::collections::HashMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::json;
use tokenbooth::TABLE;

use super::embedded::{booth_behind_proxy, client};
use super::signed_limits::items;
use crate::support::world::World;

type Item = HashMap<String, AttributeValue>;

/// An entity whose partners are made older.
struct OldTenant {
    dynamodb: Client,
    entity: String,
    partners: String,
}

impl OldTenant {
    async fn create(&self, world: &World, name: &str) -> String {
        world.create(&self.partners, &json!({ "name": name })).await.expect(201).text_at("id")
    }

    async fn partition(&self) -> Vec<Item> {
        items(&self.dynamodb, &format!("entity#{}", self.entity)).await
    }

    async fn put(&self, item: Item) {
        self.dynamodb.put_item().table_name(TABLE).set_item(Some(item)).send().await.expect("put");
    }

    async fn delete(&self, item: &Item) {
        let delete = self.dynamodb.delete_item().table_name(TABLE);
        delete.key("pk", item["pk"].clone()).key("sk", item["sk"].clone()).send().await.expect("deleted");
    }

    /// Stores a partner with its name as older versions stored it: any text, and a claim without looks.
    async fn make_older(&self, id: &str, name: &str) {
        for mut item in self.partition().await {
            let sk = text(&item["sk"]);
            let is_claim = item.get("id").is_some_and(|of| text(of) == id);
            if sk == format!("partner#{id}") {
                item.insert("name".into(), AttributeValue::S(name.into()));
                self.put(item).await;
            } else if is_claim {
                self.delete(&item).await;
                if sk.starts_with("partner-name#") {
                    item.remove("looks");
                    let older = AttributeValue::S(format!("partner-name#{}", name.to_lowercase()));
                    item.insert("sk".into(), older);
                    self.put(item).await;
                }
            }
        }
    }

    /// The sort keys of all claims on names and looks.
    async fn claims(&self) -> Vec<String> {
        let keys = self.partition().await.into_iter().map(|item| text(&item["sk"]).to_owned());
        keys.filter(|sk| sk.starts_with("partner-name#") || sk.starts_with("partner-look#")).collect()
    }
}

fn text(value: &AttributeValue) -> &str {
    value.as_s().expect("a text")
}

#[tokio::test]
async fn a04_an_older_name_is_read_changed_and_deleted_with_its_claim() {
    let booth = booth_behind_proxy(0).await;
    let world = &booth.world;
    let entity = world.create_account().await;
    let partners = format!("/admin/v1/entities/{entity}/partners");
    let old = OldTenant { dynamodb: client(&booth.proxy.url), entity, partners };

    let odd = "Cafe\u{301}\u{200b}";
    let (renamed, deleted) = (old.create(world, "x").await, old.create(world, "y").await);
    old.make_older(&renamed, odd).await;
    let path = format!("{}/{renamed}", old.partners);
    assert_eq!(world.read(&path).await.expect(200).text_at("name"), odd);
    world.change(&path, &json!({ "allow_get": true })).await.expect(200);
    world.change(&path, &json!({ "name": "Bar" })).await.expect(200);
    old.make_older(&deleted, odd).await;
    world.delete(&format!("{}/{deleted}", old.partners)).await.expect(204);
    world.delete(&path).await.expect(204);
    assert_eq!(old.claims().await, Vec::<String>::new());
}

#[tokio::test]
async fn a04_an_older_name_takes_no_claim_of_a_newer_one_with_it() {
    let booth = booth_behind_proxy(0).await;
    let world = &booth.world;
    let entity = world.create_account().await;
    let partners = format!("/admin/v1/entities/{entity}/partners");
    let old = OldTenant { dynamodb: client(&booth.proxy.url), entity, partners };

    let older = old.create(world, "Team 1").await;
    old.make_older(&older, "Team 1").await;
    old.create(world, "Team l").await;
    world.delete(&format!("{}/{older}", old.partners)).await.expect(204);
    world.create(&old.partners, &json!({ "name": "Team I" })).await.expect_problem(409, "name_taken");
}
