//! Window K: the media types in which plain clients send a JSON body (K7).

use serde_json::json;

use crate::support::oauth::FORM;
use crate::support::world::World;

#[tokio::test]
async fn k07_a_json_body_is_read_whatever_media_type_a_plain_client_sends() {
    let world = World::shared();
    let body = json!({ "apiKey": world.demo.api_key.encoded }).to_string();
    for media_type in [
        "application/json",
        "application/json; charset=utf-8",
        FORM,
        "text/plain",
        "text/plain;charset=UTF-8",
    ] {
        let answer = world.post("/v1/token").body(media_type, body.clone()).send().await;
        assert_eq!(answer.status, 200, "{media_type}: {}", answer.text);
    }
    world.post("/v1/token").body_without_media_type(body).send().await.expect(200);
}

#[tokio::test]
async fn k07_malformed_json_is_400_in_every_media_type() {
    let world = World::shared();
    for media_type in ["application/json", FORM, "text/plain"] {
        for body in ["apiKey=x", "{", "", "[]"] {
            let answer = world.post("/v1/token").body(media_type, body).send().await;
            assert_eq!(answer.status, 400, "{media_type} {body}: {}", answer.text);
            assert_eq!(answer.json["errorCode"], "invalid_request", "{media_type} {body}");
        }
    }
}
