//! A tenant that keeps very many erasures waiting wants that those of other tenants are never done, or that nobody notices
//! (S12).

use std::sync::atomic::{AtomicI64, Ordering};

use api::{Clock, JobRun, Start};
use aws_sdk_dynamodb::types::{AttributeValue, PutRequest, WriteRequest};
use model::{SignedDuration, Timestamp};
use serde_json::json;
use tokenbooth::{Jobs, TABLE};

use crate::local::embedded::{ProxiedBooth, booth_behind_proxy, client};
use crate::support::project::Project;

/// More than one run can do.
const WAITING: usize = 1200;

/// A booth where the demo tenant has many erasures waiting, and then another tenant requests one.
struct Scene {
    booth: ProxiedBooth,
    victim: Project,
}

impl Scene {
    async fn new() -> Self {
        let booth = booth_behind_proxy(0).await;
        let attacker = booth.world.create_project(&json!({})).await;
        erase_user(&booth, &attacker).await;
        let direct = client(&booth.proxy.url);
        let scan = direct.scan().table_name(TABLE).into_paginator().items().send();
        let items = scan.collect::<Result<Vec<_>, _>>().await.expect("a scan");
        let is_job = |item: &&std::collections::HashMap<_, _>| item["pk"] == text("job#erasure");
        let job = items.iter().find(is_job).expect("the job").clone();
        let copies = (0..WAITING).map(|number| {
            let mut copy = job.clone();
            let hash = format!("{number:0>26}");
            copy.insert("sk".to_owned(), text(&format!("user#{}#{hash}", attacker.id)));
            let erased =
                copy.get_mut("erased").and_then(|it| it.as_m().ok().cloned()).expect("what is erased");
            let erased = erased.into_iter().chain([("user_hash".to_owned(), text(&hash))]).collect();
            copy.insert("erased".to_owned(), AttributeValue::M(erased));
            let put = PutRequest::builder().set_item(Some(copy)).build().expect("a put");
            WriteRequest::builder().put_request(put).build()
        });
        for part in copies.collect::<Vec<_>>().chunks(25) {
            direct.batch_write_item().request_items(TABLE, part.to_vec()).send().await.expect("written");
        }
        let victim = booth.world.create_project(&json!({})).await;
        erase_user(&booth, &victim).await;
        Self { booth, victim }
    }

    /// Runs the jobs for `seconds`, on a clock that begins that far ahead and moves by 0.1 s whenever it is read.
    async fn run_jobs(&self, ahead: SignedDuration, seconds: i64) -> JobRun {
        let begin = Timestamp::now() + ahead;
        let reads = AtomicI64::new(0);
        let clock = Clock::new(move || {
            begin + SignedDuration::from_millis(100 * reads.fetch_add(1, Ordering::Relaxed))
        });
        let start = Start { clock, ..self.booth.start.clone() };
        let jobs = Jobs::boot(&start).await.expect("jobs");
        jobs.run(begin + SignedDuration::from_secs(seconds)).await.expect("run")
    }

    /// How many jobs are not done: all of them, and those of the victim.
    async fn waiting(&self) -> (usize, usize) {
        let scan = client(&self.booth.proxy.url).scan().table_name(TABLE).into_paginator().items().send();
        let items = scan.collect::<Result<Vec<_>, _>>().await.expect("a scan");
        let jobs: Vec<_> = items.iter().filter(|item| item["pk"] == text("job#erasure")).collect();
        let of_victim = |item: &&&_| format!("{item:?}").contains(&self.victim.id);
        (jobs.len(), jobs.iter().filter(of_victim).count())
    }
}

fn text(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

/// Attaches a device of a user, and requests the erasure of the user.
async fn erase_user(booth: &ProxiedBooth, project: &Project) {
    let body = json!({ "user": "u", "device_id": "d" });
    booth.world.attach(project, &project.token("u"), &body).await.expect(200);
    booth.world.create(&format!("{}/users/erase?user=u", project.path), &json!({})).await.expect(202);
}

#[tokio::test]
async fn s12_an_erasure_is_done_however_many_another_tenant_has_waiting() {
    let scene = Scene::new().await;
    assert_eq!(scene.waiting().await, (WAITING + 2, 1));
    let run = scene.run_jobs(SignedDuration::from_secs(60), 60).await;
    assert!(run.items > 0, "{run:?}");
    let (all, of_victim) = scene.waiting().await;
    assert!(all > 1000, "the run ended long before all were done: {all}");
    assert_eq!(of_victim, 0);
}

#[tokio::test]
async fn s12_every_erasure_that_waits_too_long_is_reported() {
    let scene = Scene::new().await;
    let run = scene.run_jobs(SignedDuration::from_hours(25), 0).await;
    assert_eq!(run, JobRun { items: 0, stuck: WAITING as u64 + 2 });
}
