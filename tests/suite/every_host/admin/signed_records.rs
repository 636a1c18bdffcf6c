//! What window S stores for a project, as administrators read it (S12).

use reqwest::Method;
use serde_json::{Value, json};

use super::read_all_pages;
use crate::support::call::now;
use crate::support::project::Project;
use crate::support::world::World;

/// A user whose id needs escaping in a query, and its spelling there.
const ADA: &str = "ada …?#%/&=+";
const ADA_IN_QUERY: &str = "ada%20%E2%80%A6%3F%23%25%2F%26%3D%2B";

/// The lists of a project, each with the query that it needs.
const LISTS: [&str; 4] = ["access-history?user=u", "devices?user=u", "refusals?", "metered-requests?"];

/// A project with signed and unsigned calls for two users, who share a device and an identity.
async fn project_with_calls(world: &World) -> Project {
    let project = world.create_project(&json!({})).await;
    let attach = async |user: &str, device: &str, identity: &str, is_signed: bool| {
        let token = if is_signed { project.token(user) } else { String::new() };
        let body = json!({ "user": user, "device_id": device, "identity": identity });
        world.attach(&project, &token, &body).await.expect(200);
    };
    for number in 0..4 {
        attach(ADA, "shared", "family", true).await;
        attach(ADA, &format!("d{number}"), &format!("i{number}"), false).await;
        attach("bob", "shared", "family", number % 2 == 0).await;
    }
    world.identify(&project, "", &json!({ "device_id": "shared" })).await.expect(200);
    world.detach(&project, ADA, "d0").await.expect(200);
    project
}

async fn items(world: &World, project: &Project, list: &str) -> Vec<Value> {
    let page = world.read(&format!("{}/{list}", project.path)).await.expect(200);
    assert_eq!(page.json["next_cursor"], Value::Null, "{list}");
    page.json["items"].as_array().expect("items").clone()
}

fn texts(items: &[Value], name: &str) -> Vec<String> {
    items.iter().map(|item| item[name].as_str().unwrap_or_default().to_owned()).collect()
}

#[tokio::test]
async fn s12_an_administrator_reads_the_same_history_as_the_projects_server() {
    let world = World::shared();
    let project = project_with_calls(&world).await;
    let mut selected = 0;
    for query in [
        format!("user={ADA_IN_QUERY}"),
        "user=bob".to_owned(),
        "device=shared".to_owned(),
        "identity=family".to_owned(),
        "identity=i1".to_owned(),
        format!("user={ADA_IN_QUERY}&device=d1"),
        format!("user={ADA_IN_QUERY}&identity=family"),
        "device=shared&identity=family".to_owned(),
        "device=shared&signed=true".to_owned(),
        "device=shared&signed=false".to_owned(),
        "user=bob&signed=false".to_owned(),
        "identity=family&signed=true".to_owned(),
        "user=nobody".to_owned(),
    ] {
        let expected = world.history(&project, &format!("{query}&per=50")).await.expect(200);
        let expected = expected.json["docs"].as_array().expect("docs").clone();
        let found = items(&world, &project, &format!("access-history?{query}")).await;
        assert_eq!(texts(&found, "id"), texts(&expected, "_id"), "{query}");
        for (call, expected) in found.iter().zip(&expected) {
            for (name, same) in
                [("user", "user"), ("device", "device"), ("identity", "identity"), ("at", "createdAt")]
            {
                assert_eq!(call[name].as_str().unwrap_or_default(), expected[same], "{query}: {name}");
            }
            for name in ["kind", "signed", "reason", "confidence"] {
                assert_eq!(call[name], expected[name], "{query}: {name}");
            }
        }
        selected += found.len();
    }
    assert!(selected > 30, "the queries select calls: {selected}");
}

#[tokio::test]
async fn s12_the_history_has_each_call_once_whatever_the_size_of_its_pages() {
    let world = World::shared();
    let project = project_with_calls(&world).await;
    for query in [
        format!("user={ADA_IN_QUERY}"),
        "device=shared".to_owned(),
        "identity=family".to_owned(),
        format!("user={ADA_IN_QUERY}&device=shared"),
        "device=shared&signed=false".to_owned(),
    ] {
        let all = texts(&items(&world, &project, &format!("access-history?{query}")).await, "id");
        assert!(all.len() >= 3, "{query}: {all:?}");
        for limit in [1, 2, 3, 7] {
            let path = format!("{}/access-history?{query}&limit={limit}", project.path);
            assert_eq!(read_all_pages(&world, &path, limit, "id").await, all, "{query} {limit}");
        }
    }
}

#[tokio::test]
async fn s11_administrators_too_see_no_unsigned_calls_of_an_identity_that_signed_calls_have() {
    let world = World::shared();
    let project = project_with_calls(&world).await;
    let body = json!({ "user": "mallory", "device_id": "m", "identity": "family" });
    world.attach(&project, "", &body).await.expect(200);
    let found = items(&world, &project, "access-history?identity=family").await;
    assert!(!found.is_empty() && found.iter().all(|call| call["signed"] == true));
    for user in ["mallory", "bob"] {
        let found = items(&world, &project, &format!("access-history?user={user}&identity=family")).await;
        assert!(found.iter().all(|call| call["signed"] == true), "{user}: {found:?}");
    }
    let marked = items(&world, &project, "access-history?user=mallory").await;
    assert_eq!((marked.len(), &marked[0]["reason"]), (1, &json!("no_token")));
}

#[tokio::test]
async fn s12_signed_and_unsigned_devices_are_marked() {
    let world = World::shared();
    let project = world.create_project(&json!({ "unsigned_device_days": 7 })).await;
    let attach = async |device: &str, token: &str, more: Value| {
        let mut body = json!({ "user": ADA, "device_id": device });
        body.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        world.attach(&project, token, &body).await.expect(200);
    };
    let more = json!({
        "identity": "person", "metadata": { "color": "red" },
        "device_info": { "os": { "name": "iOS", "version": "18" } },
    });
    attach("z-signed", &project.token(ADA), more).await;
    for device in ["a-unsigned", "z-signed"] {
        attach(device, "", json!({})).await;
    }
    let devices = items(&world, &project, &format!("devices?user={ADA_IN_QUERY}")).await;
    assert_eq!(texts(&devices, "id"), ["z-signed", "a-unsigned"], "signed ones first, each once");
    let (signed, unsigned) = (&devices[0], &devices[1]);
    assert_eq!((&signed["signed"], &signed["expires_at"]), (&json!(true), &Value::Null));
    assert_eq!((&signed["identity"], &signed["metadata"]["color"]), (&json!("person"), &json!("red")));
    assert_eq!((&signed["info"]["os"]["name"], &signed["user"]), (&json!("iOS"), &json!(ADA)));
    assert_eq!((&unsigned["signed"], &unsigned["identity"]), (&json!(false), &Value::Null));
    assert!(unsigned["expires_at"].is_string() && unsigned["created_at"].is_string());
    let path = format!("{}/devices?user={ADA_IN_QUERY}&limit=1", project.path);
    assert_eq!(read_all_pages(&world, &path, 1, "id").await, ["z-signed", "a-unsigned"]);
    assert!(items(&world, &project, "devices?user=ada").await.is_empty());
}

#[tokio::test]
async fn s12_a_refused_call_names_the_user_only_if_the_project_signed_the_token() {
    let world = World::shared();
    let (project, other) = (world.create_signing_project().await, world.create_signing_project().await);
    let claims = |more: Value| {
        let mut claims = json!({ "user": ADA });
        claims.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        project.sign(&claims, false)
    };
    let forged = Project { api_secret: other.api_secret.clone(), ..project.clone() };
    let none = "eyJhbGciOiJub25lIn0.eyJ1c2VyIjoiYWRhIn0.".to_owned();
    let calls = [
        ("no_token", String::new(), None),
        ("wrong_signature", forged.token(ADA), None),
        ("other_algorithm", none, None),
        ("expired", claims(json!({ "exp": now() - 60 })), Some(ADA)),
        ("not_yet_valid", claims(json!({ "nbf": now() + 600 })), Some(ADA)),
        ("other_user", claims(json!({})), Some(ADA)),
        ("other_purpose", claims(json!({ "purpose": "identify" })), None),
        ("other_user", project.token(""), None),
        ("other_user", project.token(&"x".repeat(257)), None),
    ];
    for (reason, token, _) in &calls {
        assert_eq!(world.attach(&project, token, &json!({ "user": "bob" })).await.status, 401, "{reason}");
    }
    let mut found = items(&world, &project, "refusals").await;
    found.reverse();
    for ((reason, _, user), refusal) in calls.iter().zip(&found) {
        assert_eq!((&refusal["reason"], &refusal["user"]), (&json!(reason), &json!(user)), "{reason}");
        assert_eq!(refusal["call"], "attachment");
    }
    assert_eq!(found.len(), calls.len());
    let adas = items(&world, &project, &format!("refusals?user={ADA_IN_QUERY}")).await;
    assert_eq!(texts(&adas, "reason"), ["other_user", "not_yet_valid", "expired"], "newest first");
    assert!(items(&world, &project, "refusals?user=bob").await.is_empty(), "a user that calls only claim");
    let paged = format!("{}/refusals?user={ADA_IN_QUERY}&limit=1", project.path);
    assert_eq!(read_all_pages(&world, &paged, 1, "id").await, texts(&adas, "id"));
    assert!(world.history(&project, "user=bob").await.expect(200).json["docs"] == json!([]));
}

#[tokio::test]
async fn s12_the_token_of_an_identify_call_names_no_user() {
    let world = World::shared();
    let project = world.create_signing_project().await;
    let expired = json!({ "user": "event", "exp": now() - 60 });
    for token in
        [project.sign(&expired, false), project.sign(&json!({ "user": "u", "purpose": "attach" }), false)]
    {
        world.identify(&project, &token, &json!({})).await.expect(401);
    }
    let found = items(&world, &project, "refusals").await;
    assert_eq!(texts(&found, "call"), ["identification", "identification"]);
    assert_eq!((&found[0]["user"], &found[1]["user"]), (&json!("u"), &Value::Null));
}

#[tokio::test]
async fn s12_refused_calls_of_another_project_of_the_entity_are_not_listed() {
    let world = World::shared();
    let project = world.create_signing_project().await;
    let projects = format!("/admin/v1/entities/{}/projects", project.account);
    let body = json!({ "name": "second", "require_signed_tokens": true });
    let created = world.create(&projects, &body).await.expect(201);
    let second = Project {
        id: created.text_at("id"),
        client_id: created.text_at("client_id"),
        api_secret: created.text_at("api_secret"),
        path: format!("{projects}/{}", created.text_at("id")),
        ..project.clone()
    };
    for project in [&project, &second, &second] {
        world.attach(project, &project.token("v"), &json!({ "user": "u" })).await.expect(401);
    }
    let (first, second) =
        (items(&world, &project, "refusals").await, items(&world, &second, "refusals").await);
    assert_eq!((first.len(), second.len()), (1, 2));
    let notices = world.read_notices(&project.account).await;
    assert_eq!(texts(&notices, "id"), [texts(&second, "id"), texts(&first, "id")].concat());
    let of_user = items(&world, &project, "refusals?user=v").await;
    assert_eq!(texts(&of_user, "id"), texts(&first, "id"));
}

#[tokio::test]
async fn s12_calls_without_a_signed_token_cannot_push_out_refused_calls_for_users() {
    let world = World::shared();
    let project = world.create_signing_project().await;
    for _ in 0..13 {
        world.attach(&project, "", &json!({ "user": "u" })).await.expect(401);
    }
    for _ in 0..13 {
        world.attach(&project, &project.token("v"), &json!({ "user": "u" })).await.expect(401);
    }
    let found = items(&world, &project, "refusals").await;
    let of_reason = |reason: &str| texts(&found, "reason").iter().filter(|it| *it == reason).count();
    assert_eq!((of_reason("no_token"), of_reason("other_user")), (10, 10), "an hour has ten of each");
    assert_eq!(items(&world, &project, "refusals?user=v").await.len(), 10);
}

#[tokio::test]
async fn s12_the_months_have_the_number_of_signed_tokens() {
    let world = World::shared();
    let project = Project::new(&world).await;
    assert!(items(&world, &project, "metered-requests").await.is_empty());
    for _ in 0..3 {
        let sign = world.post("/token/sign").bearer(&project.api_secret).json(&json!({ "user": "u" }));
        sign.send().await.expect(200);
    }
    let months = items(&world, &project, "metered-requests").await;
    let requests: u64 = months.iter().map(|month| month["requests"].as_u64().expect("a number")).sum();
    assert_eq!(requests, 3);
    let shown = world.read(&project.path).await.expect(200).json["metered_requests"].clone();
    let newest = months[0]["month"].as_str().expect("a month");
    assert!(shown.as_object().expect("months").contains_key(newest), "{shown} {newest}");
}

#[tokio::test]
async fn s12_the_lists_refuse_parameters_that_they_do_not_have() {
    let world = World::shared();
    let project = Project::new(&world).await;
    for (list, field) in [
        ("access-history", "user"),
        ("access-history?signed=true", "user"),
        ("access-history?user=", "user"),
        ("access-history?user=u&user=u", "user"),
        ("access-history?user=u%00", "user"),
        ("access-history?device=a%20b", "device"),
        ("access-history?identity=a%2Fb", "identity"),
        ("access-history?user=u&signed=1", "signed"),
        ("access-history?user=u&per=1", "per"),
        ("access-history?user=u&limit=0", "limit"),
        ("access-history?user=u&limit=101", "limit"),
        ("devices", "user"),
        ("devices?user=", "user"),
        ("devices?user=u&user=v", "user"),
        ("devices?user=u&device=d", "device"),
        ("refusals?user=", "user"),
        ("refusals?signed=true", "signed"),
        ("metered-requests?user=u", "user"),
    ] {
        let answer = world.read(&format!("{}/{list}", project.path)).await;
        let answer = answer.expect_problem(400, "invalid_request");
        assert_eq!(answer.json["field"], field, "{list}");
    }
}

#[tokio::test]
async fn s12_a_cursor_works_with_its_own_list_and_filter_only() {
    let world = World::shared();
    let (project, other) = (project_with_calls(&world).await, project_with_calls(&world).await);
    let first = format!("{}/access-history?device=shared&limit=1", project.path);
    let cursor = world.read(&first).await.expect(200).text_at("next_cursor");
    world.read(&format!("{first}&cursor={cursor}")).await.expect(200);
    for (project, list) in [
        (&other, "access-history?device=shared"),
        (&project, "access-history?device=shared&signed=true"),
        (&project, "access-history?device=shared&identity=family"),
        (&project, "access-history?device=d1"),
        (&project, "access-history?user=bob&device=shared"),
        (&project, "devices?user=bob"),
        (&project, "refusals?user=bob"),
        (&project, "refusals?"),
        (&project, "metered-requests?"),
    ] {
        let path = format!("{}/{list}&cursor={cursor}", project.path);
        world.read(&path).await.expect_invalid("cursor");
    }
}

#[tokio::test]
async fn s12_the_lists_need_the_read_scope_on_the_projects_own_entity() {
    let world = World::shared();
    let project = Project::new(&world).await;
    let auditor = world.create_key_with_role(&project.account, "auditor").await;
    let user = world.create_key_with_role(&project.account, "launchpad_user").await;
    for list in LISTS {
        let path = format!("{}/{list}", project.path);
        world.get(&path).with_token_of(&auditor).send().await.expect(200);
        world.get(&path).with_token_of(&user).send().await.expect_problem(403, "insufficient_scope");
        world.get(&path).with_token_of(&world.rival.admin_key).send().await.expect_problem(404, "not_found");
        world.get(&path).bearer(&project.api_secret).send().await.expect_problem(401, "invalid_credentials");
        let elsewhere = path.replace(&project.account, &world.demo.account_id);
        world.read(&elsewhere).await.expect_problem(404, "not_found");
        world.call(Method::DELETE, &path).with_token_of(&auditor).send().await.expect(405);
    }
}
