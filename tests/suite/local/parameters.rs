//! Parameters of `template.yaml` that are off by default, and what they switch on.

use std::collections::BTreeSet;

use serde_json::Value as Json;
use serde_yaml_ng::Value;

use super::contract::{project, yaml};

/// What DynamoDB does with a customer's key in the name of its callers (DynamoDB Developer Guide, *Key policy for a customer
/// managed key*).
const ACTIONS_OF_DYNAMODB: [&str; 6] = [
    "kms:CreateGrant",
    "kms:Decrypt",
    "kms:DescribeKey",
    "kms:Encrypt",
    "kms:GenerateDataKey*",
    "kms:ReEncrypt*",
];

/// The argument of the intrinsic function with that tag.
#[track_caller]
pub(super) fn argument<'v>(value: &'v Value, tag: &str) -> &'v Value {
    match value {
        Value::Tagged(tagged) if tagged.tag == tag => &tagged.value,
        other => panic!("{other:?} is no !{tag}"),
    }
}

/// The three arguments of `!If`: the condition, and the two values.
#[track_caller]
pub(super) fn choice(value: &Value) -> (&str, &Value, &Value) {
    let arguments = argument(value, "If").as_sequence().expect("arguments");
    (arguments[0].as_str().expect("a condition"), &arguments[1], &arguments[2])
}

/// Asserts that the condition holds unless the parameter is empty, which it is by default.
#[track_caller]
pub(super) fn assert_off_by_default(template: &Value, condition: &str, parameter: &str) {
    let equal = &argument(&template["Conditions"][condition], "Not").as_sequence().expect("arguments")[0];
    let equal = argument(equal, "Equals").as_sequence().expect("arguments");
    assert_eq!(argument(&equal[0], "Ref"), parameter);
    assert_eq!((&equal[1], &template["Parameters"][parameter]["Default"]), (&"".into(), &"".into()));
}

#[test]
fn the_settings_of_the_edge_reach_every_function() {
    let template = yaml("template.yaml");
    let variables = &template["Globals"]["Function"]["Environment"]["Variables"];
    for (variable, parameter, default) in [
        ("TOKENBOOTH_ORIGIN_SECRET_DIGESTS", "OriginSecretDigests", ""),
        ("TOKENBOOTH_REQUIRE_ORIGIN_SECRET", "RequireOriginSecret", "false"),
    ] {
        assert_eq!(argument(&variables[variable], "Ref"), parameter);
        assert_eq!(template["Parameters"][parameter]["Default"], default);
    }
}

#[test]
fn the_public_url_is_the_api_s_own_unless_it_is_set() {
    let template = yaml("template.yaml");
    let (condition, set, unset) = choice(&template["Outputs"]["PublicUrl"]["Value"]);
    assert_off_by_default(&template, condition, "PublicUrl");
    assert_eq!(argument(set, "Ref"), "PublicUrl");
    assert_eq!(argument(unset, "GetAtt"), "Api.ApiEndpoint");
}

#[test]
fn the_table_is_encrypted_with_the_operator_s_key_if_there_is_one() {
    let template = yaml("template.yaml");
    let (condition, with_key, without) =
        choice(&template["Resources"]["Table"]["Properties"]["SSESpecification"]);
    assert_off_by_default(&template, condition, "TableKmsKeyArn");
    assert_eq!((&with_key["SSEEnabled"], &with_key["SSEType"]), (&true.into(), &"KMS".into()));
    assert_eq!(argument(&with_key["KMSMasterKeyId"], "Ref"), "TableKmsKeyArn");
    assert_eq!(argument(without, "Ref"), "AWS::NoValue");
}

#[test]
fn the_documented_key_policy_allows_what_dynamodb_needs_and_only_through_it() {
    let page = std::fs::read_to_string(project("docs/operations.md")).expect("a page");
    let blocks = page.split("```json\n").skip(1).filter_map(|rest| rest.split("```").next());
    let mut documents = blocks.filter_map(|block| serde_json::from_str::<Json>(block).ok());
    let policy = documents.find(|it| it["Statement"].is_array()).expect("a policy");
    let used = &policy["Statement"][0];
    let actions = used["Action"].as_array().expect("actions").iter().filter_map(Json::as_str);
    assert_eq!(actions.collect::<BTreeSet<_>>(), BTreeSet::from(ACTIONS_OF_DYNAMODB));
    let conditions = used["Condition"]["StringEquals"].as_object().expect("conditions");
    let names: Vec<_> = conditions.keys().map(String::as_str).collect();
    assert_eq!(names, ["kms:CallerAccount", "kms:ViaService"]);
}

#[test]
fn a_budget_needs_an_amount_and_an_address() {
    let template = yaml("template.yaml");
    assert_eq!(template["Parameters"]["BudgetAmount"]["Default"], 0);
    let budget = &template["Resources"]["Budget"];
    let condition = budget["Condition"].as_str().expect("a condition");
    let both = argument(&template["Conditions"][condition], "And").as_sequence().expect("conditions");
    assert_eq!(argument(&both[0], "Condition"), "HasAlarmEmail");
    let subscribed = budget["Properties"]["NotificationsWithSubscribers"].as_sequence().expect("messages");
    for message in subscribed {
        assert_eq!(argument(&message["Subscribers"][0]["Address"], "Ref"), "AlarmEmail");
    }
}
