//! Window S: how long a token of the Sign endpoint is valid, and what it is for (S12).

use serde_json::{Value, json};

use crate::support::call::Answer;
use crate::support::jwt;
use crate::support::project::Project;
use crate::support::world::World;

async fn sign(world: &World, project: &Project, body: &Value) -> Answer {
    world.post("/token/sign").bearer(&project.api_secret).json(body).send().await
}

/// `exp` minus `iat` of a new token, or `null`.
async fn lifetime(world: &World, project: &Project, body: &Value) -> Value {
    let claims = jwt::claims(&sign(world, project, body).await.expect(200).text_at("secret"));
    claims.get("exp").map_or(Value::Null, |exp| {
        json!(exp.as_i64().expect("whole seconds") - claims["iat"].as_i64().expect("whole seconds"))
    })
}

#[tokio::test]
async fn s12_a_signed_token_expires_as_the_request_or_the_project_says() {
    let world = World::shared();
    for (settings, of_project) in [
        (json!({}), json!(3600)),
        (json!({ "signed_token_seconds": 60 }), json!(60)),
        (json!({ "signed_token_seconds": null }), Value::Null),
    ] {
        let project = world.create_project(&settings).await;
        assert_eq!(lifetime(&world, &project, &json!({ "user": "u" })).await, of_project, "{settings}");
        let null = json!({ "user": "u", "expires_in": null, "purpose": null, "exp": null });
        assert_eq!(lifetime(&world, &project, &null).await, of_project, "{settings}");
        for seconds in [60, 86_400] {
            let body = json!({ "user": "u", "expires_in": seconds });
            assert_eq!(lifetime(&world, &project, &body).await, json!(seconds), "{settings}");
        }
    }
}

#[tokio::test]
async fn s12_a_field_that_would_not_be_honoured_is_refused() {
    let world = World::shared();
    let project = world.create_project(&json!({})).await;
    for (field, value) in [
        ("exp", json!(2_000_000_000)),
        ("exp", json!("soon")),
        ("expires_in", json!(59)),
        ("expires_in", json!(86_401)),
        ("expires_in", json!("600")),
        ("purpose", json!("detach")),
        ("purpose", json!(1)),
    ] {
        let mut body = json!({ "user": "u" });
        body[field] = value.clone();
        sign(&world, &project, &body).await.expect_invalid(field);
    }
    for user in [".", ".."] {
        sign(&world, &project, &json!({ "user": user })).await.expect_invalid("user");
    }
}

#[tokio::test]
async fn s12_a_token_for_a_purpose_is_refused_at_other_calls() {
    let world = World::shared();
    let project = world.create_signing_project().await;
    let token = async |user: &str, purpose: &Value| {
        let body = json!({ "user": user, "purpose": purpose });
        sign(&world, &project, &body).await.expect(200).text_at("secret")
    };
    for (user, purpose, attach, identify) in
        [("a", json!("attach"), 200, 401), ("b", json!("identify"), 401, 200), ("c", Value::Null, 200, 200)]
    {
        let token = token(user, &purpose).await;
        let claim = jwt::claims(&token).get("purpose").cloned().unwrap_or(Value::Null);
        assert_eq!(claim, purpose);
        let body = json!({ "user": user, "device_id": "d", "device": "d" });
        assert_eq!(world.attach(&project, &token, &body).await.status, attach, "{purpose}");
        let list = world.get(&format!("/v2/access/user/{user}/attached_devices"));
        let listed = list.header("Authorization", &project.basic(&token)).send().await;
        assert_eq!(listed.status, attach, "{purpose}: list");
        let detach = world.post_for_project(&project, "/v2/access/detach", &token).json(&body);
        assert_eq!(detach.send().await.status, attach, "{purpose}: detach");
        assert_eq!(world.identify(&project, &token, &json!({})).await.status, identify, "{purpose}");
    }
    let unknown = project.sign(&json!({ "user": "u", "purpose": "other" }), false);
    world
        .attach(&project, &unknown, &json!({ "user": "u" }))
        .await
        .expect_problem(401, "invalid_credentials");
}

#[tokio::test]
async fn s12_a_token_for_another_purpose_does_not_count_as_signed_where_signing_is_off() {
    let world = World::shared();
    let project = world.create_project(&json!({})).await;
    let token = project.sign(&json!({ "user": "u", "purpose": "identify" }), false);
    world.attach(&project, &token, &json!({ "user": "u", "device_id": "d" })).await.expect(200);
    let history = world.history(&project, "user=u").await.expect(200);
    assert_eq!(history.json["docs"][0]["reason"], "other_purpose");
}

#[tokio::test]
async fn s05_a_user_id_that_is_a_number_is_refused_with_the_type_that_is_expected() {
    let world = World::shared();
    let project = world.create_project(&json!({})).await;
    let numbers = json!({ "user": 123, "device": "d" });
    for answer in [
        sign(&world, &project, &numbers).await,
        world.attach(&project, "", &numbers).await,
        world.post("/v2/access/detach").bearer(&project.api_secret).json(&numbers).send().await,
    ] {
        let refused = answer.expect_invalid("user");
        assert!(refused.text_at("detail").contains("must be a string"), "{}", refused.text);
    }
}
