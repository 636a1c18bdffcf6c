//! The permissions of each function in the template.

use std::collections::{BTreeMap, BTreeSet};

use serde_yaml_ng::Value;
use tokenbooth::Routes;

use super::contract::yaml;
use super::parameters::assert_off_by_default;

/// The partitions that only the operator writes.
const OPERATORS: [&str; 3] = ["issuer", "deployment", "signing-keys"];

/// The actions that only read.
const READS: [&str; 8] = [
    "dynamodb:GetItem",
    "dynamodb:BatchGetItem",
    "dynamodb:ConditionCheckItem",
    "dynamodb:Query",
    "dynamodb:Scan",
    "dynamodb:DescribeTable",
    "kms:Decrypt",
    "dynamodb:TransactGetItems",
];

/// The resources of that type, by logical id.
pub(super) fn resources(kind: &str) -> BTreeMap<String, Value> {
    let template = yaml("template.yaml");
    let resources = template["Resources"].as_mapping().expect("resources").clone();
    let named = resources.into_iter().map(|(id, it)| (id.as_str().expect("an id").to_owned(), it));
    named.filter(|(_, resource)| resource["Type"] == kind).collect()
}

/// One text or several.
fn texts(value: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    value.as_sequence().map_or_else(|| vec![text(value)], |values| values.iter().map(text).collect())
}

/// The policy and the function of the archive, which do not use the table. A test of their own checks them.
const ARCHIVE: [&str; 2] = ["ArchiveRecords", "AuditArchive"];

/// The resources of that type that use the table, by logical id.
fn users_of_the_table(kind: &str) -> impl Iterator<Item = (String, Value)> {
    resources(kind).into_iter().filter(|(id, _)| !ARCHIVE.contains(&id.as_str()))
}

/// The statements of each policy, by logical id.
fn policies() -> BTreeMap<String, Vec<Value>> {
    let statements = |policy: &Value| policy["Properties"]["PolicyDocument"]["Statement"].clone();
    let policies = users_of_the_table("AWS::IAM::ManagedPolicy");
    policies.map(|(id, it)| (id, statements(&it).as_sequence().expect("statements").clone())).collect()
}

/// The names of each function's policies, by the function's binary.
fn functions() -> BTreeMap<String, BTreeSet<String>> {
    let functions = users_of_the_table("AWS::Serverless::Function").map(|(_, function)| {
        let policies = function["Properties"]["Policies"].as_sequence().expect("policies").clone();
        let names = policies.iter().map(|policy| match policy {
            Value::Tagged(reference) if reference.tag == "Ref" => texts(&reference.value).remove(0),
            other => panic!("{other:?} is no policy of this template"),
        });
        let binary = function["Metadata"]["BuildProperties"]["Binary"].as_str().expect("a binary");
        (binary.to_owned(), names.collect())
    });
    functions.collect()
}

fn writes(statement: &Value) -> bool {
    texts(&statement["Action"]).iter().any(|action| !READS.contains(&action.as_str()))
}

/// The partitions a statement is bound to.
fn partitions(statement: &Value) -> Vec<String> {
    let conditions = statement["Condition"].as_mapping().expect("a condition").values();
    let bound = conditions.map(|condition| &condition["dynamodb:LeadingKeys"]).filter(|keys| !keys.is_null());
    bound.flat_map(texts).collect()
}

/// Whether the pattern, which may end in `*`, fits the partition key.
fn fits(pattern: &str, partition: &str) -> bool {
    pattern.strip_suffix('*').map_or(pattern == partition, |start| partition.starts_with(start))
}

#[test]
fn no_function_may_write_the_operator_s_items() {
    let policies = policies();
    let writing: Vec<_> = policies.values().flatten().filter(|statement| writes(statement)).collect();
    assert!(writing.len() >= 2, "the check would hold for anything");
    for statement in writing {
        let bound = partitions(statement);
        assert!(!bound.is_empty(), "{statement:?}");
        for partition in OPERATORS {
            assert!(!bound.iter().any(|pattern| fits(pattern, partition)), "{partition}: {statement:?}");
        }
    }
}

#[test]
fn every_table_statement_is_limited_to_partitions() {
    for (policy, statements) in policies() {
        for statement in statements {
            let actions = texts(&statement["Action"]);
            assert!(actions.iter().all(|action| !action.contains('*')), "{policy}: {actions:?}");
            if actions.iter().any(|action| action.starts_with("dynamodb:")) {
                let bound = partitions(&statement);
                assert!(!bound.is_empty() && !bound.iter().any(|it| it == "*"), "{policy}: {bound:?}");
            }
        }
    }
}

#[test]
fn a_table_statement_allows_one_action() {
    for (policy, statements) in policies() {
        let mut allowed = BTreeSet::new();
        for action in statements.iter().map(|statement| texts(&statement["Action"])) {
            assert_eq!(
                action.len(),
                1,
                "{policy}: the partitions of one action would be those of the other too"
            );
            let is_table_action = action[0].starts_with("dynamodb:");
            assert!(allowed.insert(action.clone()) || !is_table_action, "{policy} has two for {action:?}");
        }
    }
}

#[test]
fn a10_the_data_key_is_decrypted_only_for_the_deployment_or_its_table() {
    let text = std::fs::read_to_string("../template.yaml").expect("template.yaml");
    let conditions = [
        "kms:EncryptionContext:tokenbooth:deployment: !If [HasDeploymentName, !Ref DeploymentName, !Ref AWS::StackName]",
        "kms:EncryptionContext:tokenbooth:table: !Ref Table",
    ];
    let mut decrypting = 0;
    for (policy, statements) in policies() {
        let decrypts = |statement: &&Value| texts(&statement["Action"]) == ["kms:Decrypt"];
        let decrypts: Vec<_> = statements.iter().filter(decrypts).collect();
        let allowed: Vec<_> = decrypts
            .iter()
            .map(|it| {
                let condition = it["Condition"].as_mapping().expect("a condition");
                assert_eq!(
                    (condition.len(), reference(&it["Resource"])),
                    (1, "DataKeyWrapper.Arn".to_owned())
                );
                let context = it["Condition"]["StringEquals"].as_mapping().expect("StringEquals");
                context.keys().map(|name| name.as_str().expect("a name").to_owned()).collect::<Vec<_>>()
            })
            .collect();
        if allowed.is_empty() {
            continue;
        }
        decrypting += 1;
        let expected =
            ["deployment", "table"].map(|it| vec![format!("kms:EncryptionContext:tokenbooth:{it}")]);
        assert_eq!(allowed, expected, "{policy}");
    }
    for condition in conditions {
        assert_eq!(text.matches(condition).count(), decrypting, "{condition}");
    }
    assert!(decrypting > 0, "the check would hold for anything");
}

#[test]
fn a4_audit_records_can_only_be_put() {
    let policies = policies();
    let of_audit = |it: &&Value| partitions(it).iter().any(|bound| fits(bound, "audit#x"));
    let writing = policies.values().flatten().filter(|it| writes(it)).filter(of_audit);
    let actions: Vec<_> = writing.flat_map(|it| texts(&it["Action"])).collect();
    assert!(actions.len() >= 2, "the check would hold for anything");
    assert!(actions.iter().all(|action| action == "dynamodb:PutItem"), "{actions:?}");
}

#[test]
fn a4_every_writer_of_audit_records_may_check_its_caller() {
    let policies = policies();
    let checked = |named: &BTreeSet<String>| {
        let statements = named.iter().flat_map(|name| &policies[name]);
        let checks = statements.filter(|it| texts(&it["Action"]) == ["dynamodb:ConditionCheckItem"]);
        checks.flat_map(partitions).collect::<BTreeSet<_>>()
    };
    for (function, named) in functions() {
        let writes_audit = |name: &String| {
            policies[name].iter().any(|it| writes(it) && partitions(it).iter().any(|it| it == "audit#*"))
        };
        let records_refusals = named.contains("RecordRefusals");
        if named.iter().any(writes_audit) && !records_refusals {
            let checked = checked(&named);
            assert!(checked.contains("key#*") && checked.contains("entity#*"), "{function}: {checked:?}");
        }
    }
}

#[test]
fn no_statement_allows_a_call_without_keys() {
    let with_keys =
        ["BatchGetItem", "ConditionCheckItem", "DeleteItem", "GetItem", "PutItem", "Query", "UpdateItem"]
            .map(|action| format!("dynamodb:{action}"));
    for (policy, statements) in policies() {
        let actions = statements.iter().flat_map(|it| texts(&it["Action"]));
        for action in actions.filter(|it| it.starts_with("dynamodb:")) {
            assert!(with_keys.contains(&action), "{policy}: a request of {action} can come without a key");
        }
    }
}

#[test]
fn only_administration_and_revocation_write_more_than_buckets() {
    let policies = policies();
    let mut writers = BTreeSet::new();
    for (function, named) in functions() {
        assert!(!named.is_empty(), "{function}");
        let statements: Vec<_> = named.iter().flat_map(|name| policies[name].clone()).collect();
        let more = |it: &&Value| partitions(it).iter().any(|bound| !bound.starts_with("bucket#"));
        if statements.iter().filter(|it| writes(it)).any(|it| more(&it)) {
            writers.insert(function);
        }
    }
    let administration = [
        "api-keys",
        "apis",
        "audit-log",
        "entities",
        "integrations",
        "partner-keys",
        "partners",
        "project-users",
        "projects",
        "providers",
        "revocation",
        "roles",
        "signed-records",
        "sites",
        "token-sets",
        "token-settings",
    ];
    let windows = WINDOW_S_WRITES.map(|(function, _)| function);
    let all = administration.into_iter().chain(windows).chain(["erasure"]).map(str::to_owned);
    assert_eq!(writers, all.collect());
}

#[test]
fn a_function_takes_from_buckets_if_its_contract_has_429() {
    let contract = yaml("openapi.yaml");
    let is_limited = |path: &str| {
        let mut operations = contract["paths"][path].as_mapping().into_iter().flatten();
        operations.any(|(_, operation)| !operation["responses"]["429"].is_null())
    };
    let routes = Routes::of_template().expect("routes");
    let limited: BTreeSet<_> =
        routes.iter().filter(|route| is_limited(&route.path)).map(|route| route.function.clone()).collect();
    let taking = functions().into_iter().filter(|(_, policies)| policies.contains("TakeFromBuckets"));
    assert_eq!(taking.map(|(function, _)| function).collect::<BTreeSet<_>>(), limited);
}

/// What the functions of window S write, besides buckets.
const WINDOW_S_WRITES: [(&str, &[&str]); 5] = [
    ("attached-devices", &["notice#*", "refusals#*"]),
    ("attachment", &["attached#*", "history#*", "notice#*", "refusals#*", "subjects#*", "unsigned#*"]),
    ("detachment", &["attached#*", "history#*", "notice#*", "refusals#*", "subjects#*", "unsigned#*"]),
    ("identification", &["event#*", "history#*", "notice#*", "refusals#*", "subjects#*"]),
    ("signed-token", &["metered#*"]),
];

#[test]
fn window_s_may_write_only_what_its_calls_change() {
    let (functions, policies) = (functions(), policies());
    for (function, expected) in WINDOW_S_WRITES {
        let statements = functions[function].iter().flat_map(|name| policies[name].clone());
        let bound = statements.filter(writes).flat_map(|it| partitions(&it));
        let bound: BTreeSet<String> = bound.filter(|bound| bound != "bucket#*").collect();
        assert_eq!(bound, expected.iter().map(|&it| it.to_owned()).collect(), "{function}");
    }
    for function in WINDOW_S_WRITES.map(|(function, _)| function).into_iter().chain(["access-history"]) {
        let statements = functions[function].iter().flat_map(|name| policies[name].clone());
        let reads = statements.flat_map(|it| partitions(&it)).collect::<Vec<_>>();
        assert!(!reads.iter().any(|bound| fits(bound, "key#x") || fits(bound, "signing-keys")), "{function}");
    }
}

#[test]
fn s12_the_erasure_reads_no_secret_and_deletes_no_configuration() {
    let (functions, policies) = (functions(), policies());
    let statements: Vec<_> = functions["erasure"].iter().flat_map(|name| policies[name].clone()).collect();
    assert!(!statements.is_empty());
    for statement in statements {
        let actions = texts(&statement["Action"]);
        assert!(actions.iter().all(|action| action.starts_with("dynamodb:")));
        // A condition returns nothing.
        if actions == ["dynamodb:ConditionCheckItem"] {
            assert_eq!(partitions(&statement), ["entity#*", "project#*"]);
            continue;
        }
        for bound in partitions(&statement) {
            for kept in
                ["key#x", "project#x", "entity#x", "client#x", "secret#x", "audit#x", "chain#x", "issuer"]
            {
                assert!(!fits(&bound, kept), "{bound}");
            }
        }
    }
}

#[test]
fn s12_only_who_deletes_or_erases_may_request_erasures() {
    let policies = policies();
    let may_put = |statement: &Value| {
        texts(&statement["Action"]) == ["dynamodb:PutItem"]
            && partitions(statement).iter().any(|bound| fits(bound, "job#erasure"))
    };
    let functions = functions().into_iter();
    let putting = functions.filter(|(_, named)| named.iter().flat_map(|name| &policies[name]).any(may_put));
    let putting: Vec<_> = putting.map(|(function, _)| function).collect();
    assert_eq!(putting, ["entities", "project-users", "projects"]);
}

#[test]
fn s12_who_reads_the_records_of_window_s_writes_only_notices_of_its_callers() {
    let (functions, policies) = (functions(), policies());
    let statements = functions["signed-records"].iter().flat_map(|name| policies[name].clone());
    let bound: BTreeSet<String> = statements.filter(writes).flat_map(|it| partitions(&it)).collect();
    assert_eq!(bound, ["bucket#admin#notice#*", "notice#*"].map(str::to_owned).into());
}

#[test]
fn one_statement_allows_all_that_a_function_reads_when_it_starts() {
    let policies = policies();
    let routes = Routes::of_template().expect("routes");
    let boots =
        |function: &str| function == "authorizer" || routes.iter().any(|route| route.function == function);
    for (function, named) in functions().into_iter().filter(|(function, _)| boots(function)) {
        let mut statements: Vec<_> = named.iter().flat_map(|name| policies[name].clone()).collect();
        statements.retain(|it| partitions(it).iter().any(|bound| OPERATORS.contains(&bound.as_str())));
        assert_eq!(statements.len(), 1, "{function}: a batch must be allowed by one statement");
        assert!(texts(&statements[0]["Action"]).contains(&"dynamodb:BatchGetItem".to_owned()), "{function}");
    }
}

#[test]
fn public_functions_hold_no_key() {
    let functions = functions();
    let policies = policies();
    let decrypts = |statement: &Value| texts(&statement["Action"]).iter().any(|it| it.starts_with("kms:"));
    for (function, policy) in [
        ("assertions", "ReadRevocations"),
        ("discovery", "ReadIssuer"),
        ("jwks", "ReadIssuer"),
        ("protected-resource", "ReadApiMetadata"),
    ] {
        assert_eq!(functions[function], BTreeSet::from([policy.to_owned()]), "{function}");
        assert!(!policies[policy].iter().any(decrypts), "{policy}");
    }
}

#[test]
fn only_token_issuers_read_the_private_signing_keys() {
    let policies = policies();
    for (function, named) in functions() {
        let statements = named.iter().flat_map(|name| policies[name].clone());
        let mut bound = statements.flat_map(|statement| partitions(&statement));
        let issues = ["access-token", "oauth-token", "secure-anonymous-token"].contains(&function.as_str());
        assert_eq!(bound.any(|pattern| fits(&pattern, "signing-keys")), issues, "{function}");
    }
}

#[test]
fn a3_the_authorizer_reads_and_nothing_else() {
    let named = functions()["authorizer"].clone();
    assert_eq!(named, BTreeSet::from(["AuthorizeCalls".to_owned()]));
    let statements = policies()["AuthorizeCalls"].clone();
    assert!(!statements.iter().any(writes), "{statements:?}");
    for bound in statements.iter().flat_map(partitions) {
        for other in
            ["signing-keys", "audit#x", "chain#x", "history#x", "attached#x", "idempotency#x", "job#erasure"]
        {
            assert!(!fits(&bound, other), "{bound}");
        }
    }
}

#[test]
fn a3_only_api_gateway_may_invoke_the_authorizer() {
    let permissions = resources("AWS::Lambda::Permission");
    let names: Vec<_> = permissions.keys().collect();
    assert_eq!(names, ["AuthorizerOtherInvoker", "AuthorizerOwnInvokers"]);
    for (name, permission) in permissions {
        let properties = &permission["Properties"];
        assert_eq!(properties["Principal"], "apigateway.amazonaws.com", "{name}");
        assert_eq!(reference(&properties["FunctionName"]), "Authorizer", "{name}");
        assert!(!properties["SourceArn"].is_null(), "{name} allows every API of the world");
        let condition = (name == "AuthorizerOtherInvoker").then_some("HasAuthorizerInvoker");
        assert_eq!(permission["Condition"].as_str(), condition, "{name}");
    }
    assert_off_by_default(&yaml("template.yaml"), "HasAuthorizerInvoker", "AuthorizerInvoker");
}

#[test]
fn a2_token_verifiers_may_not_write_configuration() {
    let policies = policies();
    let records = vec!["audit#*", "audit-address#*", "chain#*", "notice#*", "revocation#*"];
    for (function, written) in [("introspection", vec![]), ("revocation", records)] {
        let statements =
            functions()[function].iter().flat_map(|name| policies[name].clone()).collect::<Vec<_>>();
        let bound = statements.iter().filter(|it| writes(it)).flat_map(partitions);
        let bound: BTreeSet<_> = bound.filter(|it| it != "bucket#*").collect();
        assert_eq!(bound, written.into_iter().map(str::to_owned).collect(), "{function}");
    }
}

/// The name that `!Ref` or `!GetAtt` refers to.
pub(super) fn reference(value: &Value) -> String {
    match value {
        Value::Tagged(reference) => texts(&reference.value).remove(0),
        other => panic!("{other:?} refers to nothing"),
    }
}

#[test]
fn every_function_logs_as_json_to_the_one_log_group() {
    let template = yaml("template.yaml");
    let logging = &template["Globals"]["Function"]["LoggingConfig"];
    assert_eq!(reference(&logging["LogGroup"]), "FunctionLogs");
    assert_eq!(logging["LogFormat"], "JSON");
    assert_eq!(logging["SystemLogLevel"], "INFO", "or Lambda leaves out lines that the alarm counts");
    for (function, it) in resources("AWS::Serverless::Function") {
        assert!(it["Properties"]["LoggingConfig"].is_null(), "{function} logs elsewhere");
    }
}
