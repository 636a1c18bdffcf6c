//! The alarms of the template, and the log lines that raise them.

mod pattern;

use std::io::Write;
use std::sync::{Arc, Mutex};

use api::{BootError, Job, JobRun, OnFailure, Schedule, Start};
use aws_sdk_dynamodb::types::AttributeValue;
use model::Timestamp;
use serde_json::{Value as Json, json};
use serde_yaml_ng::Value;
use tokenbooth::TABLE;
use tracing_subscriber::util::SubscriberInitExt as _;

use super::contract::yaml;
use super::embedded::{booth_behind_proxy, booth_with_rate_limits, client};
use super::policies::{reference, resources};
use super::proxy::Fault;
use super::signed_limits::items;

/// The lines of this test's thread, as a function writes them.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("lines").write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Lines {
    fn parsed(&self) -> Vec<Json> {
        let bytes = self.0.lock().expect("lines").clone();
        let text = String::from_utf8(bytes).expect("UTF-8");
        text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
    }
}

/// The lines that `action` writes on this thread.
pub(super) async fn lines_of(action: impl Future<Output = ()>) -> Vec<Json> {
    let lines = Lines::default();
    let writer = lines.clone();
    let subscriber = tracing_subscriber::fmt().json().flatten_event(true).with_current_span(false);
    let guard = subscriber.with_target(false).with_writer(move || writer.clone()).finish().set_default();
    action.await;
    drop(guard);
    lines.parsed()
}

/// The properties of the alarm on that metric, the one there is.
fn alarm_on(metric: &str) -> Value {
    let alarms = resources("AWS::CloudWatch::Alarm").into_values().map(|alarm| alarm["Properties"].clone());
    let mut watching: Vec<_> = alarms.filter(|alarm| alarm["MetricName"] == metric).collect();
    let alarm = watching.pop().unwrap_or_else(|| panic!("{metric} has no alarm"));
    assert!(watching.is_empty(), "{metric} has two alarms");
    alarm
}

/// The pattern of a metric filter, and the log group that it reads.
fn filter(name: &str) -> (String, String) {
    let filter = resources("AWS::Logs::MetricFilter").remove(name).unwrap_or_else(|| panic!("{name}"));
    let filter = &filter["Properties"];
    let pattern = filter["FilterPattern"].as_str().expect("a pattern").to_owned();
    (pattern, reference(&filter["LogGroupName"]))
}

/// Asserts that the filter counts one of the lines at least, and none of a function that just answers.
pub(super) fn assert_counts(name: &str, lines: &[Json]) {
    let (pattern, group) = filter(name);
    assert_eq!(group, "FunctionLogs", "{name}");
    assert!(lines.iter().any(|line| pattern::matches(&pattern, line)), "{name}: {lines:#?}");
    let answered = lines.iter().filter(|line| line["message"] == "answered");
    assert!(!answered.into_iter().any(|line| pattern::matches(&pattern, line)), "{name} counts answers");
}

#[test]
fn a13_at_most_ten_alarms_each_on_one_metric_and_all_behind_one_switch() {
    let alarms = resources("AWS::CloudWatch::Alarm");
    assert!((1..=10).contains(&alarms.len()), "{}", alarms.len());
    for (name, alarm) in &alarms {
        assert_eq!(alarm["Condition"], "HasAlarms", "{name}");
        let alarm = &alarm["Properties"];
        assert_eq!((&alarm["Statistic"], &alarm["Period"]), (&"Sum".into(), &300.into()), "{name}");
        assert_eq!(alarm["ComparisonOperator"], "GreaterThanOrEqualToThreshold", "{name}");
        assert_eq!(alarm["TreatMissingData"], "notBreaching", "{name}: no call is no alarm");
        assert_eq!(reference(&alarm["AlarmActions"][0]), "AlarmTopic", "{name}");
        assert!(alarm["Dimensions"].is_null(), "{name}: a dimension would leave functions out");
        alarm_on(alarm["MetricName"].as_str().expect("a metric"));
    }
    let filters = resources("AWS::Logs::MetricFilter");
    for (name, filter) in &filters {
        assert_eq!(filter["Condition"], "HasAlarms", "{name} costs without alarms");
        let counted = &filter["Properties"]["MetricTransformations"][0];
        assert_eq!((&counted["MetricName"], &counted["MetricValue"]), (&name.as_str().into(), &"1".into()));
        assert!(counted["DefaultValue"].is_null(), "{name} would write a metric without a line");
        assert_eq!(alarm_on(name)["Namespace"], counted["MetricNamespace"], "{name}");
    }
    assert_eq!(filters.len() + 1, alarms.len(), "Lambda counts throttles itself");
    assert_eq!(alarm_on("Throttles")["Namespace"], "AWS/Lambda");
    let template = yaml("template.yaml");
    assert_eq!(template["Parameters"]["Alarms"]["Default"], "false");
    assert_eq!(template["Resources"]["AlarmTopic"]["Condition"], "HasAlarms");
    assert_eq!(template["Resources"]["AlarmSubscription"]["Condition"], "HasAlarmsByEmail");
}

#[test]
fn a13_the_access_log_raises_the_alarms_on_statuses() {
    let template = yaml("template.yaml");
    let settings = &template["Resources"]["Api"]["Properties"]["AccessLogSettings"];
    let format = settings["Format"].as_str().expect("a format");
    for (name, status, others) in [
        ("ServerErrors", "503", ["200", "429"]),
        ("Unauthorized", "401", ["200", "403"]),
        ("Forbidden", "403", ["401", "404"]),
        ("TooManyRequests", "429", ["200", "503"]),
    ] {
        let (pattern, group) = filter(name);
        assert_eq!(group, "ApiLogs", "{name}");
        let line = |status: &str| -> Json {
            serde_json::from_str(&format.replace("$context.status", status)).expect("JSON")
        };
        assert!(pattern::matches(&pattern, &line(status)), "{name}");
        for other in others {
            assert!(!pattern::matches(&pattern, &line(other)), "{name} counts {other}");
        }
    }
}

#[test]
fn a13_one_invocation_without_an_answer_raises_an_alarm() {
    let (pattern, group) = filter("FailedInvocations");
    assert_eq!((&*group, alarm_on("FailedInvocations")["Threshold"].as_u64()), ("FunctionLogs", Some(1)));
    // https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html#platform-report
    let report = |status, error: Option<&str>| {
        let mut report = json!({ "time": "2026-11-26T00:00:00Z", "type": "platform.report", "record": {
            "requestId": "79b4f56e-95b1-4643-9700-2807f4e68189", "status": status,
            "metrics": { "durationMs": 2.1, "billedDurationMs": 3, "memorySizeMB": 256, "maxMemoryUsedMB": 30 },
        }});
        if let Some(error) = error {
            report["record"]["errorType"] = json!(error);
        }
        report
    };
    for (status, error, expected) in [
        ("success", None, false),
        ("error", None, false),
        ("failure", None, true),
        ("timeout", None, true),
        ("failure", Some("Runtime.ExitError"), true),
        ("error", Some("Runtime.Unknown"), false),
    ] {
        assert_eq!(pattern::matches(&pattern, &report(status, error)), expected, "{status} {error:?}");
    }
    for (function, message, expected) in
        [("authorizer", "failed", true), ("authorizer", "refused", false), ("attachment", "failed", false)]
    {
        let line = json!({ "level": "ERROR", "function": function, "message": message });
        assert_eq!(pattern::matches(&pattern, &line), expected, "{function} {message}");
    }
}

#[tokio::test]
async fn a13_a_limit_that_is_not_checked_raises_an_alarm() {
    let booth = booth_with_rate_limits(0, OnFailure::Open).await;
    booth.proxy.fail_on("UpdateItem", usize::MAX, Fault::Exception("TransactionInProgressException"));
    let lines = lines_of(async {
        booth.world.redeem(&booth.world.demo.api_key).await.expect(200);
    })
    .await;
    assert_counts("RateLimitsFailedOpen", &lines);
}

#[tokio::test]
async fn a13_throttled_reads_and_buckets_raise_an_alarm() {
    let booth = booth_behind_proxy(0).await;
    for (operation, status) in [("BatchGetItem", 503), ("UpdateItem", 429)] {
        booth.proxy.fail_on(operation, usize::MAX, Fault::Exception("ThrottlingException"));
        // On a busy machine the time for a call ends before its last attempt. Then the line says so, so there are several.
        let redeem = async || booth.world.redeem(&booth.world.demo.api_key).await.expect(status);
        let lines = lines_of(async {
            tokio::join!(redeem(), redeem(), redeem(), redeem());
        })
        .await;
        assert_counts("DynamoDbThrottled", &lines);
    }
}

/// A job that fails, or does not get its work done.
struct BadJob {
    fails: bool,
}

impl Job for BadJob {
    const NAME: &'static str = "bad-job";
    type Event = Schedule;

    async fn boot(_: &Start) -> Result<Self, BootError> {
        Err("it is made by the test".into())
    }

    async fn run(&self, _: Schedule, _: Timestamp) -> Result<JobRun, BootError> {
        if self.fails { Err("a fault of the test".into()) } else { Ok(JobRun { items: 0, stuck: 1 }) }
    }
}

#[tokio::test]
async fn a13_a_job_that_fails_or_is_stuck_raises_an_alarm() {
    for fails in [true, false] {
        let lines = lines_of(async {
            let run = api::run_once(&BadJob { fails }, Schedule {}, Timestamp::UNIX_EPOCH, None).await;
            assert_eq!(run.is_err(), fails);
        })
        .await;
        assert_counts("JobsFailed", &lines);
    }
}

#[tokio::test]
async fn a13_an_audit_record_that_was_changed_raises_an_alarm() {
    let booth = booth_behind_proxy(0).await;
    let (world, dynamodb) = (&booth.world, client(&booth.proxy.url));
    let account = world.create_account().await;
    let record = items(&dynamodb, &format!("audit#{account}")).await.remove(0);
    let update = dynamodb.update_item().table_name(TABLE).key("pk", record["pk"].clone());
    let update = update.key("sk", record["sk"].clone()).update_expression("SET #action = :other");
    let update = update.expression_attribute_names("#action", "action");
    let other = AttributeValue::S("entity.delete".to_owned());
    update.expression_attribute_values(":other", other).send().await.expect("changed");
    let lines = lines_of(async {
        world.read_audit_log(&account).await;
    })
    .await;
    assert_counts("AuditChainBroken", &lines);
}
