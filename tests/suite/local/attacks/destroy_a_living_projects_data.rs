//! Somebody who took over a function that may write jobs wants to destroy the data of projects and entities that exist (S12).

use std::collections::HashMap;

use api::{Clock, JobRun, Start};
use aws_sdk_dynamodb::types::AttributeValue;
use model::{SignedDuration, Timestamp};
use serde_json::json;
use tokenbooth::{Jobs, TABLE};

use crate::local::embedded::{booth_behind_proxy, client};

fn text(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

#[tokio::test]
async fn s12_a_job_for_a_project_or_an_entity_that_exists_deletes_nothing_and_is_reported() {
    let booth = booth_behind_proxy(0).await;
    let world = &booth.world;
    let project = world.create_project(&json!({})).await;
    let body = json!({ "user": "u", "device_id": "d" });
    world.attach(&project, &project.token("u"), &body).await.expect(200);
    let actor = HashMap::from([("via".to_owned(), text("operator"))]);
    for (kind, id) in [("project", &project.id), ("entity", &project.account)] {
        let erased = HashMap::from([("kind".to_owned(), text(kind)), (format!("{kind}_id"), text(id))]);
        let put = client(&booth.proxy.url).put_item().table_name(TABLE).item("pk", text("job#erasure"));
        let put = put.item("sk", text(&format!("{kind}#{id}"))).item("erased", AttributeValue::M(erased));
        let put =
            put.item("actor", AttributeValue::M(actor.clone())).item("items", AttributeValue::N("0".into()));
        put.item("requested_at", text(&Timestamp::now().to_string())).send().await.expect("written");
    }
    let clock = Clock::new(|| Timestamp::now() + SignedDuration::from_secs(60));
    let jobs = Jobs::boot(&Start { clock, ..booth.start.clone() }).await.expect("jobs");
    let run = jobs.run(Timestamp::now() + SignedDuration::from_hours(1)).await.expect("run");
    assert_eq!(run, JobRun { items: 0, stuck: 2 });
    assert_eq!(world.list_devices(&project, "u").await.len(), 1);
}
