//! The content of a booth's log lines.

use std::fs::File;
use std::process::Stdio;

use aws_sdk_dynamodb::types::AttributeValue;
use reqwest::Method;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::process::{Process, command, serve_arguments};
use crate::support::oauth::{INTROSPECT, REVOKE, TOKEN};
use crate::support::partner::site_token_path;
use crate::support::tenant::Key;
use crate::support::world::World;

/// A booth with its log in a file.
struct Booth {
    folder: TempDir,
    process: Process,
    world: World,
}

impl Booth {
    fn start(format: &str, variables: &[(&str, &str)]) -> Self {
        let folder = TempDir::new().expect("a folder");
        let data = folder.path().join("data");
        let mut serve = command(serve_arguments(&data));
        serve.args(["--log", format]).env("TOKENBOOTH_CACHE_SECONDS", "0").envs(variables.iter().copied());
        serve.stdout(Stdio::null()).stderr(File::create(data.with_extension("log")).expect("a file"));
        let process = Process::start_with(&data, serve);
        let world = process.world();
        Self { folder, process, world }
    }

    /// Ends the booth and returns its log.
    fn log(self) -> String {
        assert!(self.process.stop("TERM").success());
        std::fs::read_to_string(self.folder.path().join("data.log")).expect("a log")
    }
}

/// The lines of a JSON log that a refused request left, as function, status, code and cause.
fn refusals(log: &str) -> Vec<(String, u64, String, String)> {
    let lines = log.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    let refused = lines.filter(|line| line["message"] == "refused");
    let text = |line: &Value, name: &str| line[name].as_str().unwrap_or_default().to_owned();
    let fields = |line: Value| {
        let status = line["status"].as_u64().expect("a status");
        (text(&line, "function"), status, text(&line, "code"), text(&line, "cause"))
    };
    refused.map(fields).collect()
}

#[tokio::test]
async fn a_log_line_states_the_status_and_the_code_of_the_answer() {
    let booth = Booth::start("json", &[]);
    let world = &booth.world;
    let organization = world.create_entity(&world.demo.customer_id).await;
    let account = world.create_entity(&organization).await;
    let key = world.create_key_with_role(&account, "account_admin").await;
    let entity = format!("/admin/v1/entities/{organization}");
    world.change(&entity, &json!({ "status": "disabled" })).await.expect(200);
    world.redeem(&key).await.expect(401);
    world.post_form(TOKEN, &key, &[("grant_type", "client_credentials")]).await.expect(400);
    for path in ["/v1/token", TOKEN, INTROSPECT, REVOKE] {
        world.post(path).body("application/xml", "<a/>").send().await.expect(400);
    }
    let refused = refusals(&booth.log());
    let answered: Vec<_> = refused
        .iter()
        .map(|(function, status, code, _)| (function.as_str(), *status, code.as_str()))
        .collect();
    let expected = [
        ("access-token", 401, "organization_inactive"),
        ("oauth-token", 400, "unauthorized_client"),
        ("access-token", 400, "invalid_request"),
        ("oauth-token", 400, "invalid_request"),
        ("introspection", 400, "invalid_request"),
        ("revocation", 400, "invalid_request"),
    ];
    assert_eq!(answered, expected);
}

#[tokio::test]
async fn v03_the_log_says_which_parameter_is_wrong_and_why() {
    let booth = Booth::start("json", &[]);
    let (world, partner) = (&booth.world, &booth.world.demo.partner);
    let whole = site_token_path(&partner.site, "app-1");
    let cases = [
        (whole.replace("&deviceId=app-1", ""), "deviceId: is missing"),
        (whole.replace("iOS", "Windows"), "platform: must be web_browser, iOS or Android"),
        (whole.replace("app-1", "browser-1"), "deviceId: must be app- and"),
        (whole.replace(&partner.site, "no-site"), "site: is no site of this partner"),
        (whole.replace(&partner.site, "a%20b"), "site: must be 1 to 64 characters"),
        (format!("{whole}&site={}", partner.site), "site: is given twice"),
        (format!("{whole}&deviceId=%FF"), "query: is not a query string in UTF-8"),
    ];
    for (path, _) in &cases {
        world.post(path).header("x-api-key", &partner.api_key).send().await.expect(400);
    }
    let refused = refusals(&booth.log());
    assert_eq!(refused.len(), cases.len(), "{refused:?}");
    for ((path, expected), (function, status, code, cause)) in cases.iter().zip(&refused) {
        assert_eq!((function.as_str(), *status, code.as_str()), ("anonymous-token", 400, "invalid_request"));
        assert!(cause.starts_with(expected), "{path}: {cause}");
    }
}

#[tokio::test]
async fn a12_the_log_says_that_signatures_are_switched_off() {
    let booth = Booth::start("json", &[]);
    let world = &booth.world;
    world.get("/admin/v1/roles").signed(&world.demo.admin_key).send().await.expect(401);
    let refused = refusals(&booth.log());
    let cause = "plain signatures are switched off";
    assert_eq!(refused, [("roles".into(), 401, "invalid_credentials".into(), cause.into())]);
}

#[tokio::test]
async fn every_window_logs_what_it_issues() {
    let booth = Booth::start("text", &[]);
    let world = &booth.world;
    world.request_token(&world.demo_tokens(), &world.demo.api_key).await.expect(200);
    world.redeem(&world.demo.api_key).await.expect(200);
    world.request_device_token("app-1").await.expect(200);
    world.client_token(&world.demo.api_key, "").await;
    let log = booth.log();
    let issued: Vec<_> = log.lines().filter(|line| line.contains(" issued ")).collect();
    assert_eq!(issued.len(), 4, "{log}");
}

#[tokio::test]
async fn log_lines_in_a_file_have_no_colors() {
    for variables in [&[][..], &[("NO_COLOR", "")], &[("NO_COLOR", "1")]] {
        let booth = Booth::start("text", variables);
        booth.world.redeem(&booth.world.demo.api_key).await.expect(200);
        let log = booth.log();
        assert!(log.contains("answered"), "{log}");
        assert!(!log.contains('\u{1b}'), "{variables:?}: {log}");
    }
}

/// The ids in a log line.
const CALLER: [&str; 4] = ["client_id", "claimed_client_id", "partner_key_id", "tenant"];

/// The first line of that function with that status, and the ids in it.
fn line_of<'a>(lines: &'a [Value], function: &str, status: u64) -> (&'a Value, Vec<(&'static str, &'a str)>) {
    let is_wanted = |line: &&Value| line["function"] == function && line["status"] == status;
    let line = lines.iter().find(is_wanted).unwrap_or_else(|| panic!("no line of {function} with {status}"));
    let ids = CALLER.into_iter().filter_map(|name| Some((name, line[name].as_str()?))).collect();
    (line, ids)
}

fn parsed(log: &str) -> Vec<Value> {
    log.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

#[tokio::test]
async fn a13_a_line_names_the_proved_caller_its_tenant_and_the_route() {
    let booth = Booth::start("json", &[]);
    let (world, demo) = (&booth.world, &booth.world.demo);
    let reader = world.create_key_with_role(&demo.account_id, "auditor").await;
    let token = world.redeem(&reader).await.expect(200).text_at("token");
    let entity = format!("/admin/v1/entities/{}", demo.account_id);
    world.get(&entity).bearer(&token).send().await.expect(200);
    world.call(Method::PATCH, &entity).bearer(&token).json(&json!({ "name": "x" })).send().await.expect(403);
    world.request_token(&world.demo_tokens(), &demo.api_key).await.expect(200);
    world.request_device_token("app-1").await.expect(200);
    let sign = world.post("/token/sign").bearer(&demo.project.api_secret).json(&json!({ "user": "u" }));
    sign.send().await.expect(200);
    world.introspect(&demo.api_key, "no token").await;
    let (demo, log) = (demo.clone(), booth.log());
    let (lines, tenant) = (parsed(&log), &*demo.customer_id);

    for (function, status, client, route) in [
        ("access-token", 200, &*reader.id, "/v1/token"),
        ("entities", 200, &reader.id, "/admin/v1/entities/{entity_id}"),
        ("entities", 403, &reader.id, "/admin/v1/entities/{entity_id}"),
        ("signed-token", 200, &demo.project.client_id, "/token/sign"),
        ("introspection", 200, &demo.api_key.id, "/oauth2/introspect"),
    ] {
        let of_client = |line: &&Value| line["client_id"] == client;
        let of_client: Vec<_> = lines.iter().filter(of_client).cloned().collect();
        let (line, ids) = line_of(&of_client, function, status);
        assert_eq!(ids, [("client_id", client), ("tenant", tenant)], "{function}: {line}");
        assert_eq!(line["route"], route, "{function}");
    }
    assert_eq!(line_of(&lines, "entities", 403).0["code"], "insufficient_scope");
    let (line, ids) = line_of(&lines, "anonymous-token", 200);
    assert_eq!((ids[0].0, ids[1], ids.len()), ("partner_key_id", ("tenant", tenant), 2), "{line}");
}

#[tokio::test]
async fn a13_a_refused_line_has_the_claimed_client_id_and_no_text_of_the_caller() {
    let booth = Booth::start("json", &[]);
    let (world, demo) = (&booth.world, &booth.world.demo);
    let unknown = Key { id: "a".repeat(26), ..demo.api_key.clone() };
    let wrong = Key { secret: demo.admin_key.secret.clone(), ..demo.api_key.clone() };
    world.request_token(&world.demo_tokens(), &unknown).await.expect(401);
    let raw = world.post(&world.demo_tokens()).headers(&[
        ("X-Frame-ClientId", "not-an-id-of-ours".to_owned()),
        ("X-Frame-Timestamp", "0".to_owned()),
        ("X-Frame-Signature", "f".repeat(64)),
    ]);
    raw.send().await.expect(401);
    world.post_form(REVOKE, &wrong, &[("token", "t")]).await.expect(401);
    let forged = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJub3QtYW4taWQifQ.c2lnbmF0dXJl";
    world.get("/admin/v1/roles").bearer(forged).send().await.expect(401);
    let project = &demo.project;
    world.attach(project, "not.a.token", &json!({ "user": "the-user-of-the-test" })).await.expect(200);
    world.post("/v1/token").json(&json!({ "apiKey": "bm8ta2V5OnNlY3JldA" })).send().await.expect(401);
    let (demo, log) = (demo.clone(), booth.log());
    let lines = parsed(&log);
    for (function, status, expected) in [
        ("secure-anonymous-token", 401, vec![("claimed_client_id", &*unknown.id)]),
        ("revocation", 401, vec![("claimed_client_id", &*demo.api_key.id)]),
        ("roles", 401, vec![]),
        ("access-token", 401, vec![]),
        (
            "attachment",
            200,
            vec![("claimed_client_id", &*demo.project.client_id), ("tenant", &*demo.customer_id)],
        ),
    ] {
        let (line, ids) = line_of(&lines, function, status);
        assert_eq!(ids, expected, "{function}: {line}");
    }
    let unnamed = lines.iter().filter(|line| line["function"] == "secure-anonymous-token");
    assert_eq!(unnamed.filter(|line| line["claimed_client_id"].is_null()).count(), 1);
    for text in ["not-an-id-of-ours", "not-an-id", "not.a.token", "the-user-of-the-test", forged, "no-key"] {
        assert!(!log.contains(text), "the log has {text}");
    }
    for secret in [&demo.api_key.secret, &demo.admin_key.secret] {
        assert!(!log.contains(&**secret), "the log has a secret");
    }
}

/// A client for the embedded DynamoDB of a booth, with the access key in its `function.env`.
fn dynamodb(data: &std::path::Path) -> aws_sdk_dynamodb::Client {
    let text = std::fs::read_to_string(data.join("function.env")).expect("a file");
    let variable = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
        line.unwrap_or_else(|| panic!("no {name}")).to_owned()
    };
    let (id, secret) = (variable("AWS_ACCESS_KEY_ID"), variable("AWS_SECRET_ACCESS_KEY"));
    let credentials = aws_sdk_dynamodb::config::Credentials::new(id, secret, None, None, "function.env");
    api::emulator_client(variable("AWS_ENDPOINT_URL_DYNAMODB"), credentials)
}

#[tokio::test]
async fn a13_a_function_that_reads_a_broken_chain_logs_it() {
    let booth = Booth::start("json", &[]);
    let world = &booth.world;
    let [account, other] = [world.create_account().await, world.create_account().await];
    let record = world.read_audit_log(&account).await.json["items"][0].clone();
    let key = |pk: String, sk: &str| (AttributeValue::S(pk), AttributeValue::S(sk.to_owned()));
    let dynamodb = dynamodb(&booth.folder.path().join("data"));
    let (pk, sk) = key(format!("audit#{account}"), record["id"].as_str().expect("an id"));
    let update = dynamodb.update_item().table_name(tokenbooth::TABLE).key("pk", pk).key("sk", sk);
    let update = update.update_expression("SET entity_name = :name");
    let name = AttributeValue::S("x".to_owned());
    update.expression_attribute_values(":name", name).send().await.expect("changed");
    let (pk, sk) = key(format!("chain#{other}"), "head");
    let delete = dynamodb.delete_item().table_name(tokenbooth::TABLE).key("pk", pk).key("sk", sk);
    delete.send().await.expect("deleted");
    for entity in [&account, &other] {
        world.read_audit_log(entity).await;
    }
    let log = booth.log();
    let broken: Vec<_> =
        lines_with(&log, "code").into_iter().filter(|it| it["code"] == "audit_chain_broken").collect();
    let found: Vec<_> = broken.iter().map(|it| (&it["level"], &it["audit_entity"], &it["cause"])).collect();
    assert_eq!(found.len(), 2, "{found:?}");
    assert_eq!((found[0].0, found[0].1), (&json!("ERROR"), &json!(account)));
    assert!(found[0].2.as_str().is_some_and(|cause| cause.contains("was changed")), "{found:?}");
    assert_eq!(found[1].1, &json!(other));
    assert!(
        found[1].2.as_str().is_some_and(|cause| cause.contains("head of the chain is missing")),
        "{found:?}"
    );
}

#[tokio::test]
async fn a13_a_function_that_reads_a_record_without_a_place_in_the_chain_logs_it() {
    let booth = Booth::start("json", &[]);
    let (world, account) = (&booth.world, booth.world.create_account().await);
    let id = world.read_audit_log(&account).await.json["items"][0]["id"].as_str().expect("an id").to_owned();
    let dynamodb = dynamodb(&booth.folder.path().join("data"));
    let text = |text: &str| AttributeValue::S(text.to_owned());
    let get = dynamodb.get_item().table_name(tokenbooth::TABLE);
    let get = get.key("pk", text(&format!("audit#{account}"))).key("sk", text(&id));
    let mut forged = get.send().await.expect("a record").item.expect("an item");
    for name in ["sequence", "previous", "hash"] {
        forged.remove(name);
    }
    let newest = "ffffffff-ffff-7fff-8fff-ffffffffffff";
    forged.insert("sk".into(), text(newest));
    // The id shown is not the one that puts the record first.
    let shown = "01000000-0000-7000-8000-000000000000";
    forged.insert("id".into(), text(shown));
    forged.insert("expires_at".into(), AttributeValue::N("4102444800".into()));
    let put = dynamodb.put_item().table_name(tokenbooth::TABLE).set_item(Some(forged.clone()));
    put.send().await.expect("added");
    // The page does not have a record of the chain.
    let path = format!("/admin/v1/audit-log?entity_id={account}&limit=1");
    let log = world.read(&path).await.expect(200);
    assert_eq!(log.json["items"][0]["id"], shown);
    // The item is no record any more, and the page has the other ones.
    forged.insert("entity_id".into(), text("gone"));
    let put = dynamodb.put_item().table_name(tokenbooth::TABLE).set_item(Some(forged));
    put.send().await.expect("replaced");
    assert_eq!(world.read_audit_log(&account).await.ids("id"), [id]);

    let lines = lines_with(&booth.log(), "code");
    let broken: Vec<_> = lines.iter().filter(|it| it["code"] == "audit_chain_broken").collect();
    assert_eq!(broken.len(), 3, "{lines:?}");
    for (line, expected) in
        broken.iter().zip(["no place in a chain", "no place in a chain", "cannot be read"])
    {
        assert_eq!((&line["level"], &line["audit_entity"]), (&json!("ERROR"), &json!(account)));
        let cause = line["cause"].as_str().expect("a cause");
        assert!(cause.contains(newest) && cause.contains(expected), "{line}");
    }
}

/// The lines of a JSON log with this member.
fn lines_with(log: &str, name: &str) -> Vec<Value> {
    let lines = log.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    lines.filter(|line| !line[name].is_null()).collect()
}

#[tokio::test]
async fn a13_the_log_line_of_a_change_has_the_head_of_its_audit_chain() {
    let booth = Booth::start("json", &[]);
    let world = &booth.world;
    let account = world.create_account().await;
    let path = format!("/admin/v1/entities/{account}");
    world.change(&path, &json!({ "api_enabled": false })).await.expect(200);
    world.change(&path, &json!({ "parent_id": world.demo.customer_id })).await.expect(409);
    let mut records = world.read_audit_log(&account).await.json["items"].as_array().expect("items").clone();
    records.reverse();
    let logged = lines_with(&booth.log(), "audit_hash");
    assert_eq!(logged.len(), 2, "reads and refused changes have none");
    for (line, record) in logged.iter().zip(&records) {
        assert_eq!((&line["message"], &line["audit_entity"]), (&json!("answered"), &json!(account)));
        assert_eq!((&line["audit_sequence"], &line["audit_hash"]), (&record["sequence"], &record["hash"]));
    }
}

#[tokio::test]
async fn a13_the_log_line_of_an_erasure_has_the_head_of_its_audit_chain() {
    let booth = Booth::start("json", &[]);
    let world = &booth.world;
    let project = world.create_project(&json!({})).await;
    let body = json!({ "user": "u", "device_id": "d" });
    world.attach(&project, &project.token("u"), &body).await.expect(200);
    world.create(&format!("{}/users/erase?user=u", project.path), &json!({})).await.expect(202);
    let record = world.read_audit_log(&project.account).await.json["items"][0].clone();
    assert_eq!(record["action"], "user.erase");
    let logged = lines_with(&booth.log(), "audit_hash");
    let line = logged.last().expect("a line");
    assert_eq!(
        (&line["function"], &line["audit_entity"]),
        (&json!("project-users"), &json!(project.account))
    );
    assert_eq!((&line["audit_sequence"], &line["audit_hash"]), (&record["sequence"], &record["hash"]));
}
