//! Somebody who can read the table wants what a deleted project, a deleted user or a deleted entity left in it (S12).

use std::collections::BTreeMap;
use std::time::Duration;

use api::{Clock, Start};
use aws_sdk_dynamodb::types::AttributeValue;
use model::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tokenbooth::{Jobs, TABLE};

use crate::local::embedded::{ProxiedBooth, booth_behind_proxy, client};
use crate::local::proxy::{Fault, WRITES};
use crate::support::call::Answer;
use crate::support::project::Project;
use crate::support::world::World;

/// Users whose ids appear nowhere else.
const ADA: &str = "ada.lovelace@example.com";
const BOB: &str = "bob/../?#%@example.com";
const EVE: &str = "eve@example.com";

/// The items of the table by their keys.
type Items = BTreeMap<String, String>;

/// A booth with calls for Ada and Bob in two projects.
struct Scene {
    booth: ProxiedBooth,
    erased: Project,
    kept: Project,
}

impl Scene {
    async fn new(cache: i64) -> Self {
        let booth = booth_behind_proxy(cache).await;
        let [erased, kept] =
            [booth.world.create_project(&json!({})).await, booth.world.create_project(&json!({})).await];
        for project in [&erased, &kept] {
            calls(&booth.world, project).await;
        }
        Self { booth, erased, kept }
    }

    /// The items of the table, without what ends within minutes (buckets), and the permanent audit log.
    async fn items(&self) -> Items {
        let client = client(&self.booth.proxy.url);
        let items = client.scan().table_name(TABLE).into_paginator().items().send();
        let items = items.collect::<Result<Vec<_>, _>>().await.expect("a scan");
        let text = |value: &AttributeValue| value.as_s().expect("a text").clone();
        let named = items.into_iter().map(|item| {
            let key = format!("{} {}", text(&item["pk"]), text(&item["sk"]));
            (key, sorted(&AttributeValue::M(item)).to_string())
        });
        let is_notice =
            |(key, item): &(String, String)| key.starts_with("notice#") && item.contains(".erase");
        let kept = named.filter(|it| !is_notice(it));
        kept.filter(|(key, _)| !key.starts_with("bucket#") && !key.starts_with("audit#")).collect()
    }

    /// The notices of the project's account, as the Admin API lists them.
    async fn notices(&self) -> Answer {
        let path = format!("/admin/v1/notices?entity_id={}", self.erased.account);
        self.booth.world.read(&path).await.expect(200)
    }

    /// The audit log of every entity.
    async fn audit_log(&self) -> Vec<String> {
        let client = client(&self.booth.proxy.url);
        let items = client.scan().table_name(TABLE).into_paginator().items().send();
        let items = items.collect::<Result<Vec<_>, _>>().await.expect("a scan");
        let texts = items.iter().map(|item| format!("{item:?}"));
        texts.filter(|text| text.contains("audit#")).collect()
    }

    /// The jobs, on a clock that is this many seconds ahead.
    async fn jobs(&self, ahead: i64) -> Jobs {
        let clock = Clock::new(move || Timestamp::now() + SignedDuration::from_secs(ahead));
        Jobs::boot(&Start { clock, ..self.booth.start.clone() }).await.expect("jobs")
    }

    /// Runs the jobs once at that time, without a limit. Returns how many items they deleted.
    async fn run_jobs(&self, ahead: i64) -> u64 {
        self.jobs(ahead).await.run(far(ahead)).await.expect("run").items
    }

    async fn delete_project(&self) {
        self.booth.world.delete(&self.erased.path).await.expect(204);
    }

    /// Requests the erasure of Ada. Returns the hash of her id.
    async fn erase_ada(&self) -> String {
        let path = format!("{}/users/erase?user={}", self.erased.path, encoded(ADA));
        let answer = self.booth.world.create(&path, &json!({})).await.expect(202);
        // What is stored later has a later time, which has a precision of one millisecond.
        tokio::time::sleep(Duration::from_millis(5)).await;
        answer.text_at("user_hash")
    }
}

/// The value with the attributes of each map in order, so that equal values have equal texts.
fn sorted(value: &AttributeValue) -> Value {
    match value {
        AttributeValue::M(map) => map.iter().map(|(name, value)| (name.clone(), sorted(value))).collect(),
        AttributeValue::L(list) => list.iter().map(sorted).collect(),
        AttributeValue::S(text) => json!(text),
        other => json!(format!("{other:?}")),
    }
}

/// A time long after that many seconds from now.
fn far(ahead: i64) -> Timestamp {
    Timestamp::now() + SignedDuration::from_secs(ahead + 3600)
}

/// A user in a path.
fn encoded(user: &str) -> String {
    user.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

/// Each kind of call that stores something: signed and unsigned ones, for two users who share a device and an identity, an
/// identification, a one-time event, a detach, a signing request, and refused calls.
async fn calls(world: &World, project: &Project) {
    for (user, device) in [(ADA, "shared"), (ADA, "own"), (BOB, "shared"), (BOB, "other"), (ADA, "gone")] {
        let body =
            json!({ "user": user, "device_id": device, "identity": "family", "metadata": { "of": user } });
        world.attach(project, &project.token(user), &body).await.expect(200);
        world.attach(project, &project.token(user), &body).await.expect(200);
    }
    let unsigned = json!({ "user": ADA, "device_id": "unsigned" });
    world.attach(project, "", &unsigned).await.expect(200);
    world.detach(project, ADA, "gone").await.expect(200);
    let device = json!({ "device_id": "lonely", "signals": { "iosVendorIdentifier": "vendor" } });
    world.identify(project, &project.token("an event"), &device).await.expect(200);
    world.identify(project, "", &device).await.expect(200);
    let sign = world.post("/token/sign").bearer(&project.api_secret).json(&json!({ "user": ADA }));
    sign.send().await.expect(200);
    for user in [ADA, BOB, BOB] {
        let list = world.get("/v2/access/user/somebody/attached_devices");
        list.header("Authorization", &project.basic(&project.token(user))).send().await.expect(401);
    }
}

/// The items that contain the text, in their key or their content.
fn with_text<'a>(items: &'a Items, text: &str) -> Vec<&'a String> {
    items.iter().filter(|(key, item)| key.contains(text) || item.contains(text)).map(|(key, _)| key).collect()
}

fn of_project(items: &Items, project: &Project) -> Items {
    let of = |(key, item): &(&String, &String)| key.contains(&project.id) || item.contains(&project.id);
    items.iter().filter(of).map(|(key, item)| (key.clone(), item.clone())).collect()
}

#[tokio::test]
async fn s12_a_deleted_project_leaves_nothing_of_its_users() {
    let scene = Scene::new(0).await;
    let before = scene.items().await;
    scene.delete_project().await;
    let left = of_project(&scene.items().await, &scene.erased);
    assert!(left.len() >= 40, "the deletion alone leaves them: {}", left.len());
    assert!(scene.run_jobs(60).await >= 40);
    let after = scene.items().await;
    assert_eq!(with_text(&after, &scene.erased.id), Vec::<&String>::new());
    let kept = of_project(&after, &scene.kept);
    assert_eq!(kept, of_project(&before, &scene.kept), "another project's data is untouched");
    assert_eq!(with_text(&after, ADA), with_text(&kept, ADA));
    assert!(!with_text(&kept, ADA).is_empty(), "the search finds her in the other project");
    for record in scene.audit_log().await {
        assert!(!record.contains(ADA) && !record.contains(BOB), "{record}");
    }
}

#[tokio::test]
async fn s12_an_erased_user_leaves_nothing_and_others_keep_all() {
    let scene = Scene::new(0).await;
    let before = scene.items().await;
    let hash = scene.erase_ada().await;
    assert!(!with_text(&scene.items().await, &hash).is_empty());
    scene.run_jobs(60).await;
    let after = scene.items().await;
    let erased = of_project(&after, &scene.erased);
    assert_eq!(with_text(&erased, ADA), Vec::<&String>::new());
    assert_eq!(with_text(&after, &hash), Vec::<&String>::new(), "the hash only remains in the audit log");
    // All that is not Ada's is as it was: Bob's devices, and his calls in the histories of the shared device and identity.
    let is_adas = |item: &str| item.contains(ADA) || item.contains(&hash);
    let mut others = of_project(&before, &scene.erased);
    others.retain(|key, item| !is_adas(key) && !is_adas(item));
    assert_eq!(erased, others);
    assert!(others.keys().any(|key| key.contains("#device#shared ")), "{:?}", others.keys());
    assert_eq!(of_project(&after, &scene.kept), of_project(&before, &scene.kept));
    let log = scene.audit_log().await;
    assert!(log.iter().any(|record| record.contains("user.erase") && record.contains(&hash)));
    assert!(!log.iter().any(|record| record.contains(ADA)), "a permanent record must not name her");
}

#[tokio::test]
async fn s12_an_erasure_that_is_killed_between_any_two_writes_goes_on() {
    let scene = Scene::new(0).await;
    let before = scene.items().await;
    let hash = scene.erase_ada().await;
    let path = format!("{}/users/erase?user={}", scene.erased.path, encoded(BOB));
    scene.booth.world.create(&path, &json!({})).await.expect(202);
    scene.delete_project().await;
    let jobs = scene.jobs(60).await;
    let mut killed = 0;
    for writes in 0.. {
        scene.booth.proxy.fail_after(WRITES, writes, usize::MAX, Fault::Exception("ValidationException"));
        match jobs.run(far(60)).await {
            Ok(_) => break,
            Err(_) => killed += 1,
        }
        assert!(killed < 500, "no progress");
    }
    scene.booth.proxy.stop_failing();
    assert!(killed >= 10, "killed {killed} times");
    let after = scene.items().await;
    assert_eq!(with_text(&after, &scene.erased.id), Vec::<&String>::new());
    assert_eq!(with_text(&after, &hash), Vec::<&String>::new());
    assert_eq!(of_project(&after, &scene.kept), of_project(&before, &scene.kept));
    assert_eq!(scene.run_jobs(60).await, 0, "nothing is left to do");
}

#[tokio::test]
async fn s12_several_runs_at_once_do_no_harm() {
    let scene = Scene::new(0).await;
    let before = scene.items().await;
    let hash = scene.erase_ada().await;
    let (one, other) = (scene.jobs(60).await, scene.jobs(60).await);
    let (first, second) = tokio::join!(one.run(far(60)), other.run(far(60)));
    first.expect("run");
    second.expect("run");
    let after = scene.items().await;
    assert_eq!(with_text(&after, &hash), Vec::<&String>::new());
    assert_eq!(of_project(&after, &scene.kept), of_project(&before, &scene.kept));
    let body = json!({ "user": BOB, "device_id": "shared" });
    let project = &scene.erased;
    let attached = scene.booth.world.attach(project, &project.token(BOB), &body).await.expect(200);
    assert_eq!(attached.json["attached_devices"], 2, "the count of another user's devices");
    let notices = scene.notices().await;
    let erased =
        notices.json["items"].as_array().expect("items").iter().filter(|it| it["action"] == "user.erase");
    let erased: Vec<_> = erased.collect();
    assert_eq!(erased.len(), 1, "one of the runs leaves the notice");
    assert_eq!(erased[0]["target"], json!({ "kind": "user", "id": hash }));
    assert!(!notices.text.contains(ADA), "{}", notices.text);
}

#[tokio::test]
async fn s12_what_a_user_stores_after_the_request_is_kept() {
    let scene = Scene::new(0).await;
    let (world, project) = (&scene.booth.world, &scene.erased);
    scene.erase_ada().await;
    let new = json!({ "user": ADA, "device_id": "new" });
    world.attach(project, &project.token(ADA), &new).await.expect(200);
    scene.run_jobs(60).await;
    let devices = world.list_devices(project, ADA).await;
    let ids: Vec<_> = devices.iter().map(|device| device["_id"].as_str().expect("an id")).collect();
    assert_eq!(ids, ["new"]);
    let attached = world.attach(project, &project.token(ADA), &new).await.expect(200);
    assert_eq!(attached.json["attached_devices"], 1, "the count follows");
    let history = world.history(project, &format!("per=50&user={}", encoded(ADA))).await.expect(200);
    assert_eq!(history.json["totalDocs"], 2);
    assert_eq!(users(&scene).await, [ADA, BOB].map(str::to_owned).into(), "she is listed");
}

/// The users of the erased project, as the Admin API lists them.
async fn users(scene: &Scene) -> std::collections::BTreeSet<String> {
    let list = scene.booth.world.read(&format!("{}/users", scene.erased.path)).await.expect(200);
    let items = list.json["items"].as_array().expect("items").clone();
    items.iter().map(|user| user["user"].as_str().expect("a user").to_owned()).collect()
}

#[tokio::test]
async fn s12_a_user_whose_calls_were_all_refused_can_be_erased() {
    let scene = Scene::new(0).await;
    let (world, project) = (&scene.booth.world, &scene.erased);
    let refuse = async || {
        let expired = project.sign(&json!({ "user": EVE, "exp": 1 }), false);
        let list = world.get("/v2/access/user/somebody/attached_devices");
        list.header("Authorization", &project.basic(&expired)).send().await.expect(401);
    };
    let refusals = async || {
        let list = world.read(&format!("{}/refusals?user={}", project.path, encoded(EVE))).await.expect(200);
        list.json["items"].as_array().expect("items").len()
    };
    let erase = async || {
        let path = format!("{}/users/erase?user={}", project.path, encoded(EVE));
        let status = world.create(&path, &json!({})).await.expect(202).text_at("status");
        tokio::time::sleep(Duration::from_millis(5)).await;
        status
    };
    assert_eq!(erase().await, "done", "nothing is stored yet");
    refuse().await;
    assert_eq!((refusals().await, erase().await), (1, "pending".to_owned()));
    refuse().await;
    scene.run_jobs(60).await;
    assert_eq!(refusals().await, 1, "what is refused after the request is kept");
    assert_eq!(erase().await, "pending");
    scene.run_jobs(60).await;
    assert_eq!(with_text(&scene.items().await, EVE), Vec::<&String>::new());
    assert_eq!((refusals().await, erase().await), (0, "done".to_owned()));
}

#[tokio::test]
async fn s12_a_cached_copy_of_a_deleted_project_cannot_bring_a_user_back() {
    let scene = Scene::new(300).await;
    let (world, project) = (&scene.booth.world, &scene.erased);
    let body = json!({ "user": ADA, "device_id": "late" });
    scene.delete_project().await;
    scene.run_jobs(0).await;
    world.attach(project, &project.token(ADA), &body).await.expect(200);
    assert!(!with_text(&scene.items().await, &project.id).is_empty(), "the cached project took the call");
    scene.run_jobs(60).await;
    assert!(with_text(&scene.items().await, "job#erasure").len() == 1, "it waits for the end of all caches");
    world.attach(project, &project.token(ADA), &body).await.expect(200);
    scene.run_jobs(331).await;
    assert_eq!(with_text(&scene.items().await, &project.id), Vec::<&String>::new());
}

#[tokio::test]
async fn s12_users_and_projects_of_an_earlier_version_are_found_after_index_users() {
    let scene = Scene::new(0).await;
    let before = of_project(&scene.items().await, &scene.kept);
    // As an earlier version left them: without a list, and one project deleted without an erasure.
    let direct = client(&scene.booth.proxy.url);
    let unlisted =
        |key: &str| key.starts_with("subjects#") || key == format!("project#{} project", scene.erased.id);
    for key in scene.items().await.into_keys().filter(|key| unlisted(key)) {
        let (pk, sk) = key.split_once(' ').expect("a key");
        let delete = direct.delete_item().table_name(TABLE).key("pk", AttributeValue::S(pk.to_owned()));
        delete.key("sk", AttributeValue::S(sk.to_owned())).send().await.expect("deleted");
    }
    let mut jobs = Vec::new();
    for _ in 0..2 {
        let indexed = scene.booth.start.table.index_users(Timestamp::now()).await.expect("indexed");
        assert_eq!((indexed.users, indexed.deleted_projects), (4, 1));
        let items = scene.items().await;
        jobs.push(items.into_iter().find(|(key, _)| key.starts_with("job#")).expect("a job"));
    }
    assert_eq!(jobs[0], jobs[1], "the first request counts");
    let users = scene.booth.world.read(&format!("{}/users", scene.kept.path)).await.expect(200);
    assert_eq!(users.json["items"].as_array().map(Vec::len), Some(2));
    let listed =
        |items: &Items| items.keys().filter(|key| key.contains(" user#")).cloned().collect::<Vec<_>>();
    assert_eq!(
        listed(&of_project(&scene.items().await, &scene.kept)),
        listed(&before),
        "as an attach lists them"
    );
    scene.run_jobs(60).await;
    let left = of_project(&scene.items().await, &scene.erased);
    let of_users = ["attached#", "subjects#", "job#", "metered#"];
    assert!(
        !left.keys().any(|key| of_users.iter().any(|prefix| key.starts_with(prefix))),
        "{:?}",
        left.keys()
    );
    assert_eq!(with_text(&left, BOB), Vec::<&String>::new());
}

#[tokio::test]
async fn s12_index_users_does_not_list_a_user_who_is_erased_meanwhile() {
    let scene = Scene::new(0).await;
    let table = scene.booth.start.table.clone();
    scene.booth.proxy.fail_on(WRITES, 1, Fault::Held);
    let indexing = tokio::spawn(async move { table.index_users(Timestamp::now()).await });
    // It has read the devices when it writes.
    while scene.booth.proxy.take_calls().keys().all(|operation| !WRITES.contains(operation)) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    scene.erase_ada().await;
    scene.run_jobs(60).await;
    let path = format!("{}/users/erase?user={}", scene.erased.path, encoded(BOB));
    scene.booth.world.create(&path, &json!({})).await.expect(202);
    scene.run_jobs(60).await;
    scene.booth.proxy.release();
    indexing.await.expect("no panic").expect("indexed");
    assert_eq!(users(&scene).await, [].into());
}

#[tokio::test]
async fn s12_a_run_stops_in_time_and_the_next_one_goes_on() {
    let scene = Scene::new(0).await;
    scene.delete_project().await;
    let jobs = scene.jobs(60).await;
    assert_eq!(jobs.run(Timestamp::now()).await.expect("run").items, 0, "its time was over before it began");
    assert!(!with_text(&scene.items().await, "job#erasure").is_empty());
    assert!(jobs.run(far(60)).await.expect("run").items > 0);
    assert_eq!(with_text(&scene.items().await, "job#erasure"), Vec::<&String>::new());
}

#[tokio::test]
async fn s12_a_deleted_entity_leaves_only_its_permanent_records() {
    let scene = Scene::new(0).await;
    let world = &scene.booth.world;
    scene.delete_project().await;
    let account = format!("/admin/v1/entities/{}", scene.erased.account);
    world.delete(&account).await.expect(204);
    scene.run_jobs(60).await;
    scene.run_jobs(60).await;
    let left = scene.items().await;
    let left: Vec<_> =
        with_text(&left, &scene.erased.account).into_iter().filter(|key| !is_permanent(key)).collect();
    assert_eq!(left, Vec::<&String>::new());
}

/// The heads of chains stay with the records that they end, and stored responses end after a day.
fn is_permanent(key: &str) -> bool {
    key.starts_with("chain#") || key.starts_with("idempotency#")
}
