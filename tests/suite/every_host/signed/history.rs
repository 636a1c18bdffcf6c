//! Window S: the access history (S8).

use serde_json::{Value, json};

use crate::support::world::World;

#[tokio::test]
async fn s08_the_history_has_the_documented_envelope_newest_first() {
    let world = World::shared();
    let project = world.create_project(&json!({})).await;
    for number in 0..5 {
        let body = json!({ "user": "u", "device_id": format!("d{number}") });
        world.attach(&project, "", &body).await.expect(200);
    }
    let page = |query: &'static str| async { world.history(&project, query).await.expect(200).json };
    let first = page("user=u&per=2").await;
    let (second, third) = (page("user=u&per=2&page=2").await, page("user=u&per=2&page=3").await);
    let mut envelope = first.clone();
    let docs = envelope.as_object_mut().expect("an object").remove("docs").expect("docs");
    let expected = json!({
        "totalDocs": 5, "limit": 2, "page": 1, "totalPages": 3, "hasNextPage": true, "hasPrevPage": false,
        "nextPage": 2, "prevPage": null,
    });
    assert_eq!(envelope, expected);
    let of = |page: &Value| page["docs"].as_array().expect("docs").clone();
    let all: Vec<Value> = [of(&first), of(&second), of(&third)].concat();
    let devices: Vec<_> = all.iter().map(|it| it["device"].as_str().expect("a device")).collect();
    assert_eq!(devices, ["d4", "d3", "d2", "d1", "d0"]);
    assert_eq!(
        (&third["hasNextPage"], &third["nextPage"], &third["prevPage"]),
        (&json!(false), &json!(null), &json!(2))
    );
    let item = &docs[0];
    for name in ["_id", "signed", "device", "project", "user", "identity", "confidence", "createdAt"] {
        assert!(!item[name].is_null(), "{name} in {item}");
    }
    assert_eq!((&item["project"], &item["user"]), (&json!(project.id), &json!("u")));
    assert_eq!(item["createdAt"].as_str().expect("a text").len(), 24);
    let beyond = page("user=u&per=2&page=9").await;
    assert_eq!((of(&beyond).len(), &beyond["totalDocs"], &beyond["prevPage"]), (0, &json!(5), &json!(8)));
    let none = page("user=nobody").await;
    assert_eq!((&none["totalDocs"], &none["totalPages"], &none["limit"]), (&json!(0), &json!(1), &json!(10)));
}

#[tokio::test]
async fn s08_several_filters_are_combined() {
    let world = World::shared();
    let project = world.create_project(&json!({})).await;
    for (user, device, identity) in [("u", "d1", "i1"), ("u", "d2", "i1"), ("v", "d1", "i2")] {
        let body = json!({ "user": user, "device_id": device, "identity": identity });
        world.attach(&project, &project.token(user), &body).await.expect(200);
    }
    let answer = world.identify(&project, "", &json!({ "device_id": "d1" })).await.expect(200);
    let identified = answer.text_at("identity");
    for (query, total) in [
        ("user=u", 2),
        ("device=d1", 3),
        ("identity=i1", 2),
        ("user=u&device=d1", 1),
        ("user=v&identity=i1", 0),
        ("device=d1&identity=i1", 1),
        ("user=u&device=d2&identity=i1", 1),
        (&format!("identity={identified}"), 1),
        (&format!("identity={identified}&device=d1"), 1),
    ] {
        let found = world.history(&project, query).await.expect(200);
        assert_eq!(found.json["totalDocs"], total, "{query}");
    }
    let item = &world.history(&project, &format!("identity={identified}")).await.expect(200).json["docs"][0];
    assert_eq!(
        (&item["kind"], &item["user"], &item["confidence"]),
        (&json!("identify"), &json!(""), &json!(0.75))
    );
}

#[tokio::test]
async fn s08_invalid_parameters_are_refused() {
    let world = World::shared();
    let project = world.create_project(&json!({})).await;
    for (query, field) in [
        ("", "user"),
        ("per=10&page=1", "user"),
        ("user=", "user"),
        ("user=u&per=0", "per"),
        ("user=u&per=51", "per"),
        ("user=u&per=x", "per"),
        ("user=u&per=%2B1", "per"),
        ("user=u&page=0", "page"),
        ("user=u&page=-1", "page"),
        ("user=u&page=99999999999999999999", "page"),
        ("user=u&user=v", "user"),
        ("device=a%20b", "device"),
        ("identity=a%2Fb", "identity"),
        ("user=u&limit=1", "limit"),
        (&format!("user=u&{}=1", "x".repeat(5000)), &"x".repeat(100)),
    ] {
        let answer = world.history(&project, query).await.expect_problem(400, "invalid_request");
        assert_eq!(answer.json["field"], field, "{query}");
    }
    world.history(&project, "user=u&per=50&page=1000000").await.expect(200);
}

#[tokio::test]
async fn s08_the_history_needs_the_api_secret() {
    let world = World::shared();
    let project = world.create_project(&json!({})).await;
    let path = "/v2/proj/access-history?user=u";
    for header in [project.basic(&project.token("u")), project.basic(""), "Bearer tbas_x".to_owned()] {
        let answer = world.get(path).header("Authorization", &header).send().await;
        answer.expect_problem(401, "invalid_credentials");
    }
    world.get(path).send().await.expect_problem(401, "invalid_credentials");
}
