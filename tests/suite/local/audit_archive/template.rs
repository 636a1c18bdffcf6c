//! What the template creates for the archive, and only if it has a name for the bucket.

use serde_yaml_ng::Value;

use crate::local::contract::yaml;
use crate::local::parameters::{argument, assert_off_by_default, choice};
use crate::local::policies::reference;

const CONDITION: &str = "HasAuditBucket";

#[test]
fn a13_without_a_name_for_the_bucket_there_is_no_archive() {
    let template = yaml("template.yaml");
    assert_off_by_default(&template, CONDITION, "AuditBucket");
    let resources = &template["Resources"];
    for name in ["ArchiveBucket", "ArchiveBucketPolicy", "ArchiveRecords", "AuditArchive", "ArchiveStream"] {
        assert_eq!(resources[name]["Condition"], CONDITION, "{name}");
    }
    let (condition, stream, without) = choice(&resources["Table"]["Properties"]["StreamSpecification"]);
    assert_eq!((condition, &stream["StreamViewType"]), (CONDITION, &"NEW_IMAGE".into()));
    assert_eq!(argument(without, "Ref"), "AWS::NoValue");
}

#[test]
fn a13_the_archive_may_read_the_stream_and_put_objects_and_nothing_else() {
    let template = yaml("template.yaml");
    let function = &template["Resources"]["AuditArchive"]["Properties"];
    let policies = function["Policies"].as_sequence().expect("policies");
    assert_eq!((policies.len(), reference(&policies[0])), (1, "ArchiveRecords".to_owned()));
    assert!(
        function["Events"].is_null(),
        "SAM adds a policy for all streams to a function with such an event"
    );
    let document = &template["Resources"]["ArchiveRecords"]["Properties"]["PolicyDocument"];
    let statements = document["Statement"].as_sequence().expect("statements");
    let allowed: Vec<_> = statements.iter().map(|it| (actions(it), reference(&it["Resource"]))).collect();
    let stream = ["DescribeStream", "GetRecords", "GetShardIterator"].map(|it| format!("dynamodb:{it}"));
    let expected = [
        (stream.to_vec(), "Table.StreamArn"),
        (vec!["dynamodb:ListStreams".to_owned()], "${Table.Arn}/stream/*"),
        (vec!["s3:PutObject".to_owned()], "${ArchiveBucket.Arn}/*"),
    ];
    assert_eq!(allowed, expected.map(|(actions, resource)| (actions, resource.to_owned())));
}

fn actions(statement: &Value) -> Vec<String> {
    let action = &statement["Action"];
    let several = action.as_sequence().cloned().unwrap_or_else(|| vec![action.clone()]);
    several.iter().map(|it| it.as_str().expect("a text").to_owned()).collect()
}

#[test]
fn a13_the_bucket_keeps_what_is_written_and_is_not_public() {
    let template = yaml("template.yaml");
    let bucket = &template["Resources"]["ArchiveBucket"];
    assert_eq!(
        (&bucket["DeletionPolicy"], &bucket["UpdateReplacePolicy"]),
        (&"Retain".into(), &"Retain".into())
    );
    let bucket = &bucket["Properties"];
    assert_eq!(bucket["VersioningConfiguration"]["Status"], "Enabled");
    let lock = &bucket["ObjectLockConfiguration"];
    assert_eq!((&bucket["ObjectLockEnabled"], &lock["ObjectLockEnabled"]), (&true.into(), &"Enabled".into()));
    let retention = &lock["Rule"]["DefaultRetention"];
    assert_eq!(argument(&retention["Mode"], "Ref"), "AuditBucketMode");
    assert_eq!(argument(&retention["Days"], "Ref"), "AuditBucketDays");
    assert_eq!(template["Parameters"]["AuditBucketDays"]["Default"], 365);
    let access = bucket["PublicAccessBlockConfiguration"].as_mapping().expect("switches");
    assert!(access.len() == 4 && access.values().all(|it| it.as_bool() == Some(true)));
    let policy =
        &template["Resources"]["ArchiveBucketPolicy"]["Properties"]["PolicyDocument"]["Statement"][0];
    assert_eq!((&policy["Effect"], &policy["Action"]), (&"Deny".into(), &"s3:*".into()));
    assert_eq!(policy["Condition"]["Bool"]["aws:SecureTransport"], "false");
}

#[test]
fn a13_the_function_gets_every_change_of_the_audit_log_until_it_succeeds() {
    let template = yaml("template.yaml");
    let stream = &template["Resources"]["ArchiveStream"]["Properties"];
    assert_eq!(reference(&stream["FunctionName"]), "AuditArchive");
    assert_eq!(reference(&stream["EventSourceArn"]), "Table.StreamArn");
    assert_eq!(
        (&stream["MaximumRecordAgeInSeconds"], &stream["MaximumRetryAttempts"]),
        (&(-1).into(), &(-1).into())
    );
    assert_eq!(
        (&stream["StartingPosition"], &stream["BisectBatchOnFunctionError"]),
        (&"TRIM_HORIZON".into(), &true.into())
    );
    let filters = stream["FilterCriteria"]["Filters"].as_sequence().expect("filters");
    let pattern: serde_json::Value =
        serde_json::from_str(filters[0]["Pattern"].as_str().expect("a text")).expect("JSON");
    let expected = serde_json::json!({ "dynamodb": { "Keys": { "pk": { "S": [{ "prefix": "audit#" }] } } } });
    assert_eq!((filters.len(), pattern), (1, expected));
}
