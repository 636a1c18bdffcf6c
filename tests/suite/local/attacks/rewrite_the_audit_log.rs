//! An attacker with write access to the table wants to hide a change: with a record that is changed, removed or moved, or
//! with a new head of the chain. Or the attacker wants to add a record of a change that nobody made (A13).

use std::collections::HashMap;
use std::process::Output;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokenbooth::TABLE;

use super::super::embedded::{ProxiedBooth, booth_behind_proxy, client};
use super::super::process::{command, run, stdout};
use crate::support::call::send_concurrently;
use crate::support::world::unique;

type Item = HashMap<String, AttributeValue>;

/// An account with five records in its chain, and the table behind the booth.
struct Victim {
    booth: ProxiedBooth,
    account: String,
    dynamodb: Client,
}

impl Victim {
    async fn new() -> Self {
        let booth = booth_behind_proxy(0).await;
        let account = booth.world.create_account().await;
        for _ in 0..4 {
            let path = format!("/admin/v1/entities/{account}");
            booth.world.change(&path, &json!({ "name": unique("account") })).await.expect(200);
        }
        let dynamodb = client(&booth.proxy.url);
        Self { booth, account, dynamodb }
    }

    /// Runs `tokenbooth audit` with these arguments.
    async fn audit(&self, arguments: &[&str]) -> Output {
        let mut audit = command(["audit"]);
        audit.args(arguments).env("TOKENBOOTH_TABLE", TABLE);
        audit.env("AWS_ENDPOINT_URL_DYNAMODB", &self.booth.proxy.url).env("AWS_REGION", "us-east-1");
        audit.env("AWS_ACCESS_KEY_ID", "local").env("AWS_SECRET_ACCESS_KEY", "local");
        run(audit).await
    }

    /// Verifies all customers. Returns whether all is intact, and the output.
    async fn verify(&self) -> (bool, String) {
        let output = self.audit(&["verify"]).await;
        (output.status.success(), stdout(&output))
    }

    /// The account's records in the log of `entity`, in the order of the chain.
    async fn records(&self, entity: &str) -> Vec<Item> {
        let query = self.dynamodb.query().table_name(TABLE).key_condition_expression("pk = :pk");
        let pk = AttributeValue::S(format!("audit#{entity}"));
        let found = query.expression_attribute_values(":pk", pk).send().await.expect("records");
        let own = AttributeValue::S(self.account.clone());
        let mut records: Vec<_> =
            found.items.expect("items").into_iter().filter(|it| it["entity_id"] == own).collect();
        records.sort_by_key(|it| it["sequence"].as_n().expect("a number").parse::<u64>().expect("a number"));
        records
    }

    async fn head(&self) -> Item {
        let get = self.dynamodb.get_item().table_name(TABLE);
        let pk = AttributeValue::S(format!("chain#{}", self.account));
        let get = get.key("pk", pk).key("sk", AttributeValue::S("head".to_owned()));
        get.send().await.expect("a head").item.expect("an item")
    }

    async fn put(&self, item: &Item) {
        let put = self.dynamodb.put_item().table_name(TABLE).set_item(Some(item.clone()));
        put.send().await.expect("put");
    }

    async fn delete(&self, item: &Item) {
        let delete = self.dynamodb.delete_item().table_name(TABLE);
        let delete = delete.key("pk", item["pk"].clone()).key("sk", item["sk"].clone());
        delete.send().await.expect("deleted");
    }
}

fn with(item: &Item, name: &str, value: AttributeValue) -> Item {
    let mut changed = item.clone();
    changed.insert(name.to_owned(), value);
    changed
}

fn text(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

#[tokio::test]
async fn a13_verify_names_the_first_record_that_was_changed_removed_or_moved() {
    let victim = Victim::new().await;
    let (account, customer) = (victim.account.clone(), victim.booth.world.demo.customer_id.clone());
    let (intact, output) = victim.verify().await;
    assert!(intact, "{output}");
    let own = victim.records(&account).await;
    let copies = victim.records(&customer).await;
    assert_eq!((own.len(), copies.len()), (5, 5));
    let head = victim.head().await;
    let old_head = with(&with(&head, "sequence", own[3]["sequence"].clone()), "hash", own[3]["hash"].clone());
    let moved = with(&own[1], "pk", text(&format!("audit#{}", victim.booth.world.rival.customer_id)));
    let swapped = [
        with(&own[1], "sequence", own[2]["sequence"].clone()),
        with(&own[2], "sequence", own[1]["sequence"].clone()),
    ];
    for (case, put, delete, expected) in [
        ("changed", vec![with(&own[2], "action", text("entity.delete"))], vec![], "record 3 ("),
        (
            "a field added",
            vec![with(&own[2], "expires_at", AttributeValue::N("1".into()))],
            vec![],
            "record 3 (",
        ),
        ("swapped", swapped.to_vec(), vec![], "record 2 ("),
        ("removed", vec![], vec![&own[2]], "record 3 is missing"),
        ("the first removed", vec![], vec![&own[0]], "record 1 is missing"),
        ("the last removed", vec![], vec![&own[4]], "record 5 is missing"),
        ("the last ones removed", vec![], vec![&own[3], &own[4]], "record 4 is missing"),
        ("the head removed", vec![], vec![&head], "the head of the chain is missing"),
        ("the head set back", vec![old_head.clone()], vec![], "behind record 5"),
        ("the head changed", vec![with(&head, "hash", own[3]["hash"].clone())], vec![], "hash of record 5"),
        ("a copy changed", vec![with(&copies[3], "action", text("entity.read"))], vec![], "record 4 ("),
        ("a copy removed", vec![], vec![&copies[3]], "record 4 ("),
        ("moved to another log", vec![moved.clone()], vec![], "it was moved"),
    ] {
        for item in &delete {
            victim.delete(item).await;
        }
        for item in &put {
            victim.put(item).await;
        }
        let (intact, output) = victim.verify().await;
        assert!(!intact && output.contains(expected), "{case}: {output}");
        for item in own.iter().chain(&copies).chain([&head]) {
            victim.put(item).await;
        }
        victim.delete(&moved).await;
    }
    assert!(victim.verify().await.0, "everything is as it was");
}

#[tokio::test]
async fn a13_a_chain_that_was_cut_everywhere_is_found_by_a_log_line() {
    let victim = Victim::new().await;
    let (account, demo) = (victim.account.clone(), &victim.booth.world.demo);
    let own = victim.records(&account).await;
    let logged = format!("5:{}", own[4]["hash"].as_s().expect("a hash"));
    let verify = ["verify", "--entity", &account, "--logged", &logged];
    assert!(victim.audit(&verify).await.status.success());
    for entity in [&account, &demo.organization_id, &demo.customer_id] {
        victim.delete(&victim.records(entity).await[4]).await;
    }
    let head = victim.head().await;
    let old_head = with(&with(&head, "sequence", own[3]["sequence"].clone()), "hash", own[3]["hash"].clone());
    victim.put(&old_head).await;
    assert!(victim.verify().await.0, "the table alone shows nothing");
    let output = victim.audit(&verify).await;
    assert!(!output.status.success());
    assert!(stdout(&output).contains("record 5 with the hash"), "{}", stdout(&output));
}

#[tokio::test]
async fn a13_an_exported_log_is_verified_without_the_table() {
    let victim = Victim::new().await;
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("export.jsonl");
    let file = path.to_str().expect("a path");
    let customer = &victim.booth.world.demo.customer_id;
    let from = "2020-01-01T00:00:00Z";
    let export = ["export", "--entity", customer, "--from", from, "--output", file];
    assert!(victim.audit(&export).await.status.success());
    let lines = std::fs::read_to_string(&path).expect("a file");
    let records: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(records.iter().filter(|it| it["entity_id"] == *victim.account).count(), 5);
    assert!(records.is_sorted_by_key(|it| it["at"].as_str().expect("a time").to_owned()), "the oldest first");
    let output = victim.audit(&["verify", "--file", file]).await;
    assert!(output.status.success(), "{}", stdout(&output));
    let own: Vec<_> = records.iter().filter(|it| it["entity_id"] == *victim.account).collect();
    let logged =
        [own[0], own[4]].map(|it| format!("{}:{}", it["sequence"], it["hash"].as_str().expect("a hash")));
    let range = format!("{}: records {} to {}", victim.account, logged[0], logged[1]);
    assert!(stdout(&output).contains(&range), "{}", stdout(&output));
    let later = format!("6:{}", &logged[1][2..]);
    for (logged, is_there) in [(&*logged[1], true), (&*later, false)] {
        let verify = ["verify", "--file", file, "--entity", &victim.account, "--logged", logged];
        assert_eq!(victim.audit(&verify).await.status.success(), is_there, "{logged}");
    }

    let later = ["export", "--entity", customer, "--from", "2100-01-01T00:00:00Z"];
    assert_eq!(stdout(&victim.audit(&later).await), "");

    let third = records.iter().position(|it| it["entity_id"] == *victim.account && it["sequence"] == 3);
    let without: Vec<_> = lines.lines().enumerate().filter(|(at, _)| Some(*at) != third).collect();
    let without: String = without.into_iter().map(|(_, line)| format!("{line}\n")).collect();
    std::fs::write(&path, without).expect("written");
    let output = victim.audit(&["verify", "--file", file]).await;
    assert!(!output.status.success());
    assert!(stdout(&output).contains("record 3 is missing"), "{}", stdout(&output));
}

/// A record like `record`, without a place in the chain.
fn unlinked(record: &Item, id: &str, at: &str) -> Item {
    let mut unlinked = record.clone();
    for name in ["sequence", "previous", "hash", "ancestors", "source_ip_hash"] {
        unlinked.remove(name);
    }
    [("sk", id), ("id", id), ("at", at)]
        .into_iter()
        .fold(unlinked, |item, (name, value)| with(&item, name, text(value)))
}

/// With an end in the year 2100.
fn temporary(record: &Item) -> Item {
    with(record, "expires_at", AttributeValue::N("4102444800".into()))
}

#[tokio::test]
async fn a13_verify_names_a_record_that_was_added_without_a_place_in_the_chain() {
    let victim = Victim::new().await;
    let own = victim.records(&victim.account).await;
    let (newest, oldest) = ("ffffffff-ffff-7fff-8fff-ffffffffffff", "01000000-0000-7000-8000-000000000000");
    let moved =
        [("pk", &*format!("audit#{}", victim.booth.world.demo.customer_id)), ("sk", newest), ("id", newest)];
    let moved = moved.into_iter().fold(own[0].clone(), |item, (name, value)| with(&item, name, text(value)));
    let (late, early) = ("2090-01-01T00:00:00.000Z", "2004-01-01T00:00:00.000Z");
    let added = unlinked(&own[4], newest, late);
    let customer = text(&format!("audit#{}", victim.booth.world.demo.customer_id));
    let unknown = text("account-0195f3a0-1111-7222-8333-444455556666");
    for (case, id, forged) in [
        ("permanent", newest, added.clone()),
        ("temporary", newest, temporary(&added)),
        ("a copy only", newest, with(&temporary(&added), "pk", customer.clone())),
        (
            "a copy of an unknown entity",
            newest,
            with(&with(&added, "pk", customer.clone()), "entity_id", unknown),
        ),
        ("with an old id", oldest, temporary(&unlinked(&own[4], oldest, late))),
        (
            "with an old id and time, a copy only",
            oldest,
            with(&unlinked(&own[4], oldest, early), "pk", customer),
        ),
        ("of an entity that is none", newest, with(&moved, "entity_id", text("gone"))),
        ("with a sequence that is no number", newest, with(&added, "sequence", text("6"))),
    ] {
        victim.put(&forged).await;
        let (intact, output) = victim.verify().await;
        assert!(!intact && output.contains(id), "{case}: {output}");
        victim.delete(&forged).await;
    }
    assert!(victim.verify().await.0, "everything is as it was");
}

#[tokio::test]
async fn a13_records_from_before_the_chain_are_readable_and_are_no_fault() {
    let victim = Victim::new().await;
    let first = victim.records(&victim.account).await[0].clone();
    let (id, later_id) = ("01000000-0000-7000-8000-000000000000", "01000000-0000-7000-8000-000000000001");
    let old = unlinked(&first, id, "2004-01-01T00:00:00.000Z");
    let old = with(&old, "source_ip", text("192.0.2.1"));
    let refused = temporary(&unlinked(&first, later_id, "2004-01-02T00:00:00.000Z"));
    let customer = text(&format!("audit#{}", victim.booth.world.demo.customer_id));
    for record in [&old, &refused] {
        victim.put(record).await;
        victim.put(&with(record, "pk", customer.clone())).await;
    }
    let output = victim.audit(&["verify"]).await;
    assert!(output.status.success(), "{}", stdout(&output));
    assert!(stdout(&output).contains("2 records are not in a chain"), "{}", stdout(&output));
    let path = format!("/admin/v1/audit-log?entity_id={}&to=2005-01-01T00:00:00Z", victim.account);
    let log = victim.booth.world.read(&path).await.expect(200);
    assert_eq!(log.json["items"][1]["source_ip"], "192.0.2.1");
    assert_eq!(log.json["items"][1]["sequence"], Value::Null);
}

#[tokio::test]
async fn a13_concurrent_changes_of_one_entity_make_one_chain() {
    let victim = Victim::new().await;
    let path = format!("/admin/v1/entities/{}/projects", victim.account);
    let answers = send_concurrently(12, |_| {
        let (world, path) = (victim.booth.world.clone(), path.clone());
        async move { world.create(&path, &json!({ "name": unique("project") })).await }
    });
    let created = answers.await.iter().filter(|answer| answer.status == 201).count();
    assert_eq!(created, 12);
    assert_eq!(victim.records(&victim.account).await.len(), 5 + created);
    let (intact, output) = victim.verify().await;
    assert!(intact, "{output}");
}
