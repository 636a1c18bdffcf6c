//! The archive of the audit log: the function, and what the template creates for it (A13).

mod bucket;
mod template;

use std::collections::HashMap;

use api::{BootError, Clock, Job as _, JobRun};
use audit_archive::{App, Archive, StreamEvent};
use aws_sdk_dynamodb::config::Credentials;
use aws_sdk_dynamodb::types::AttributeValue;
use model::SignedDuration;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokenbooth::TABLE;

use self::bucket::Bucket;
use super::alarms::{assert_counts, lines_of};
use super::embedded::{ProxiedBooth, booth_behind_proxy, client};
use super::process::{command, run, stdout};
use super::signed_limits::items;
use crate::support::world::unique;

/// The function with its bucket, and a booth whose table has the audit records of an account.
struct Archived {
    booth: ProxiedBooth,
    account: String,
    bucket: Bucket,
    app: App,
}

impl Archived {
    /// The account has three records.
    async fn new() -> Self {
        let booth = booth_behind_proxy(0).await;
        let account = booth.world.create_account().await;
        for _ in 0..2 {
            let path = format!("/admin/v1/entities/{account}");
            booth.world.change(&path, &json!({ "name": unique("account") })).await.expect(200);
        }
        let bucket = Bucket::start().await;
        let credentials = Credentials::new("test", "test", None, None, "test");
        let archive = Archive::at_emulator(&bucket.url, credentials, bucket::NAME);
        Self { booth, account, bucket, app: App::new(archive, Clock::system()) }
    }

    /// Every audit record in the table, with its copies, as the stream has it.
    async fn inserts(&self) -> Vec<Value> {
        let records = items(&client(&self.booth.proxy.url), "audit#").await;
        let mut inserts: Vec<_> = records.iter().map(|item| change("INSERT", item)).collect();
        inserts.sort_by_key(|insert| insert["dynamodb"]["Keys"]["sk"]["S"].to_string());
        inserts
    }

    /// The changes of the account's own log.
    async fn own(&self) -> Vec<Value> {
        let log = format!("audit#{}", self.account);
        let inserts = self.inserts().await.into_iter();
        inserts.filter(|insert| insert["dynamodb"]["Keys"]["pk"]["S"] == *log).collect()
    }

    /// Sends a batch to the function.
    async fn send(&self, changes: &[Value]) -> Result<JobRun, BootError> {
        let event: StreamEvent = serde_json::from_value(json!({ "Records": changes })).expect("an event");
        self.app.run(event, Clock::system().now() + SignedDuration::from_secs(30)).await
    }

    /// Runs `tokenbooth audit verify` with all objects of the bucket in one file.
    async fn verify(&self) -> (bool, String) {
        let folder = TempDir::new().expect("a folder");
        let file = folder.path().join("archive.jsonl");
        std::fs::write(&file, self.bucket.objects().into_values().collect::<String>()).expect("a file");
        let mut verify = command(["audit", "verify", "--file"]);
        verify.arg(&file);
        let output = run(verify).await;
        (output.status.success(), stdout(&output))
    }
}

/// A record of the stream (Lambda Developer Guide, *Using AWS Lambda with Amazon DynamoDB*).
fn change(name: &str, item: &HashMap<String, AttributeValue>) -> Value {
    let image = item.iter().map(|(name, value)| (name.clone(), attribute(value)));
    let image: serde_json::Map<String, Value> = image.collect();
    let keys = json!({ "pk": image["pk"], "sk": image["sk"] });
    json!({
        "eventID": "c4ca4238a0b923820dcc509a6f75849b", "eventName": name, "eventVersion": "1.1",
        "eventSource": "aws:dynamodb", "awsRegion": "us-east-1",
        "eventSourceARN": format!("arn:aws:dynamodb:us-east-1:123456789012:table/{TABLE}/stream/2026-11-26"),
        "dynamodb": {
            "ApproximateCreationDateTime": 1_795_651_200.0, "SequenceNumber": "4421584500000000017450439091",
            "SizeBytes": 26, "StreamViewType": "NEW_IMAGE", "Keys": keys, "NewImage": image,
        },
    })
}

/// The JSON of DynamoDB for an attribute.
fn attribute(value: &AttributeValue) -> Value {
    match value {
        AttributeValue::S(text) => json!({ "S": text }),
        AttributeValue::N(number) => json!({ "N": number }),
        AttributeValue::Bool(it) => json!({ "BOOL": it }),
        AttributeValue::Null(_) => json!({ "NULL": true }),
        AttributeValue::L(list) => json!({ "L": list.iter().map(attribute).collect::<Vec<_>>() }),
        AttributeValue::M(map) => {
            let fields = map.iter().map(|(name, value)| (name.clone(), attribute(value)));
            json!({ "M": fields.collect::<serde_json::Map<_, _>>() })
        }
        other => panic!("{other:?} is in no audit record"),
    }
}

/// The codes and causes of the lines that `action` logs.
async fn faults_of(action: impl Future<Output = ()>) -> Vec<(Value, Value)> {
    let lines = lines_of(action).await;
    if !lines.is_empty() {
        assert_counts("AuditChainBroken", &lines);
    }
    lines.into_iter().map(|line| (line["audit_entity"].clone(), line["cause"].clone())).collect()
}

#[tokio::test]
async fn a13_each_record_is_archived_once_as_it_is_exported_and_the_archive_verifies() {
    let archived = Archived::new().await;
    let inserts = archived.inserts().await;
    let records: Vec<&Value> = inserts.iter().map(|it| &it["dynamodb"]["NewImage"]).collect();
    let own = records
        .iter()
        .filter(|it| it["pk"]["S"] == format!("audit#{}", it["entity_id"]["S"].as_str().unwrap_or("")));
    let own = own.count();
    assert!(own > 3 && own < records.len(), "the table has copies");
    let first = archived.send(&inserts).await.expect("archived");
    assert_eq!(first, JobRun { items: own as u64, stuck: 0 });

    let objects = archived.bucket.objects();
    assert_eq!(objects.len(), own);
    let log = archived.booth.world.read_audit_log(&archived.account).await.json["items"].clone();
    let of_account: Vec<_> = objects.iter().filter(|(key, _)| key.starts_with(&archived.account)).collect();
    assert_eq!(of_account.len(), 3);
    for ((key, body), sequence) in of_account.into_iter().zip(1..) {
        let record: Value = serde_json::from_str(body).expect("JSON");
        let logged = log.as_array().expect("items").iter().find(|it| it["sequence"] == sequence);
        let hash = logged.expect("a record")["hash"].as_str().expect("a hash");
        assert_eq!((&record["sequence"], &record["hash"]), (&json!(sequence), &json!(hash)));
        assert_eq!(*key, format!("{}/{sequence:020}-{hash}.json", archived.account));
        assert!(record["pk"].is_null() && body.ends_with("}\n"), "{body}");
    }
    let (intact, output) = archived.verify().await;
    assert!(intact && output.contains(&format!("{own} records")), "{output}");

    let mut export = command(["audit", "export", "--entity", &archived.booth.world.demo.customer_id]);
    export.envs(archived.booth.environment());
    let exported = stdout(&run(export).await);
    let exported: Vec<_> = exported.lines().filter(|line| line.contains(&archived.account)).collect();
    let bodies: Vec<_> = objects.values().map(|body| body.trim_end()).collect();
    assert!(exported.len() >= 3 && exported.iter().all(|line| bodies.contains(line)), "{exported:?}");
}

#[tokio::test]
async fn a13_a_batch_that_comes_again_writes_nothing_twice() {
    let archived = Archived::new().await;
    let own = archived.own().await;
    assert_eq!(archived.send(&own).await.expect("archived").items, 3);
    let before = archived.bucket.objects();
    let mut again = None;
    let faults = faults_of(async { again = Some(archived.send(&own).await.expect("archived")) }).await;
    assert_eq!((again, faults), (Some(JobRun::default()), vec![]));
    assert_eq!((archived.bucket.objects(), archived.bucket.refused()), (before, 3));
}

#[tokio::test]
async fn a13_a_batch_is_sent_again_if_the_bucket_refuses_a_record() {
    let archived = Archived::new().await;
    let own = archived.own().await;
    archived.bucket.fail_after(Some(1));
    let error = archived.send(&own).await.expect_err("a failure");
    assert_eq!(error.to_string(), "cannot write to the bucket");
    assert_eq!(archived.bucket.objects().len(), 1);
    archived.bucket.fail_after(None);
    assert_eq!(archived.send(&own).await.expect("archived").items, 2);
    assert!(archived.verify().await.0);
}

#[tokio::test]
async fn a13_a_batch_that_does_not_end_in_time_is_sent_again() {
    let archived = Archived::new().await;
    let own = archived.own().await;
    let event: StreamEvent = serde_json::from_value(json!({ "Records": own })).expect("an event");
    archived.app.run(event, Clock::system().now()).await.expect_err("a failure");
    assert!(archived.bucket.objects().is_empty());
}

#[tokio::test]
async fn a13_a_record_that_is_changed_or_deleted_in_the_table_is_reported_and_stays_in_the_archive() {
    let archived = Archived::new().await;
    let own = archived.own().await;
    archived.send(&own).await.expect("archived");
    let before = archived.bucket.objects();
    let renamed = |name: &str| {
        let mut change = own[1].clone();
        change["eventName"] = json!(name);
        change["dynamodb"]["NewImage"]["action"]["S"] = json!("entity.read");
        change
    };
    for (name, expected) in [("MODIFY", "a record was changed"), ("REMOVE", "a record was deleted")] {
        let faults = faults_of(async {
            archived.send(&[renamed(name)]).await.expect("no reason to send it again");
        });
        assert_eq!(faults.await, [(json!(archived.account), json!(expected))]);
    }
    let mut ended = renamed("REMOVE");
    ended["userIdentity"] = json!({ "type": "Service", "principalId": "dynamodb.amazonaws.com" });
    let faults = faults_of(async {
        assert_eq!(archived.send(&[ended]).await.expect("handled"), JobRun::default());
    });
    let faults = faults.await;
    assert_eq!(faults, [], "refused calls of earlier versions end");
    assert_eq!(archived.bucket.objects(), before);
}

#[tokio::test]
async fn a13_a_forged_record_does_not_keep_the_true_one_out_of_the_archive() {
    for forged_field in ["action", "hash"] {
        let archived = Archived::new().await;
        let own = archived.own().await;
        let mut forged = own[1].clone();
        forged["dynamodb"]["NewImage"][forged_field]["S"] = json!("entity.read");
        let faults = faults_of(async {
            let batch = [own[0].clone(), forged, own[1].clone(), own[2].clone()];
            assert_eq!(archived.send(&batch).await.expect("archived").items, 4, "{forged_field}");
        });
        let expected = "a record was written that does not have its hash";
        assert_eq!(faults.await, [(json!(archived.account), json!(expected))], "{forged_field}");
        let (intact, output) = archived.verify().await;
        assert!(!intact && output.contains("record 2 exists twice"), "{forged_field}: {output}");
    }
}

#[tokio::test]
async fn a13_a_second_record_with_the_same_number_is_archived_as_well() {
    let archived = Archived::new().await;
    let own = archived.own().await;
    let mut other = own[1]["dynamodb"]["NewImage"].clone();
    other["action"]["S"] = json!("entity.read");
    let hash = record_hash_of(&other);
    other["hash"]["S"] = json!(hash);
    let mut second = own[1].clone();
    second["dynamodb"]["NewImage"] = other;
    assert_eq!(archived.send(&[second, own[1].clone()]).await.expect("archived").items, 2);
    assert!(archived.bucket.objects().keys().any(|key| key.ends_with(&format!("2-{hash}.json"))));
    let (intact, output) = archived.verify().await;
    assert!(!intact && output.contains("record 2 exists twice"), "{output}");
}

/// The hash of an audit record in the JSON of DynamoDB.
fn record_hash_of(image: &Value) -> String {
    let mut fields = plain(&json!({ "M": image }));
    let fields = fields.as_object_mut().expect("fields");
    fields.retain(|name, _| !["pk", "sk"].contains(&name.as_str()));
    model::record_hash(fields).expect("a hash")
}

/// The value of an attribute in the JSON of DynamoDB.
fn plain(attribute: &Value) -> Value {
    let (kind, value) = attribute.as_object().expect("an attribute").iter().next().expect("a kind");
    match &**kind {
        "N" => serde_json::from_str(value.as_str().expect("a number")).expect("a number"),
        "NULL" => Value::Null,
        "L" => value.as_array().expect("a list").iter().map(plain).collect(),
        "M" => {
            let fields = value.as_object().expect("a map").iter();
            fields.map(|(name, value)| (name.clone(), plain(value))).collect()
        }
        _ => value.clone(),
    }
}

#[tokio::test]
async fn a13_nothing_that_is_written_to_the_log_stops_the_archive() {
    let archived = Archived::new().await;
    let own = archived.own().await;
    let with = |pointer: &str, value: Value| {
        let mut change = own[0].clone();
        *change.pointer_mut(pointer).expect("a value") = value;
        change
    };
    let image = "/dynamodb/NewImage";
    let log = "/dynamodb/Keys/pk/S";
    for (case, strange, is_fault) in [
        ("no entity", with(log, json!("audit#nobody")), true),
        ("binary", with(&format!("{image}/action"), json!({ "B": "AAEC" })), true),
        ("no content", with(image, Value::Null), true),
        ("a number of another kind", with(&format!("{image}/sequence"), json!({ "N": "-1" })), false),
        ("from before the chain", with(&format!("{image}/sequence"), json!({ "NULL": true })), false),
        ("not of the log", with(log, json!("chain#x")), false),
    ] {
        let faults = faults_of(async {
            let run = archived.send(&[strange]).await.expect("no reason to send it again");
            assert_eq!(run, JobRun::default(), "{case}");
        });
        assert_eq!(faults.await.len(), usize::from(is_fault), "{case}");
    }
    assert_eq!(archived.send(&own).await.expect("archived").items, 3);
}
