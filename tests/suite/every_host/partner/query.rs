//! Window V: query parameters that it does not know (V10).

use serde_json::json;

use crate::support::partner::site_token_path;
use crate::support::world::World;

#[tokio::test]
async fn v10_unknown_query_parameters_are_ignored() {
    let world = World::shared();
    let partner = &world.demo.partner;
    let path = site_token_path(&partner.site, "app-1");
    for extra in [
        "utm_source=x",
        "x-api-key=tbpk_",
        "device_id=app-2",
        "debug=1&debug=2",
        "=",
        "x",
        "SITE=other",
        "utm=%e9",
    ] {
        for path in [format!("{path}&{extra}"), path.replace('?', &format!("?{extra}&"))] {
            let answer = world.post(&path).header("x-api-key", &partner.api_key).send().await;
            assert_eq!(answer.status, 200, "{path}: {}", answer.text);
        }
    }
}

#[tokio::test]
async fn v10_a_known_parameter_given_twice_is_still_refused() {
    let world = World::shared();
    let partner = &world.demo.partner;
    let path = site_token_path(&partner.site, "app-1");
    for twice in [format!("site={}", partner.site), "platform=iOS".to_owned(), "deviceId=app-1".to_owned()] {
        let call = world.post(&format!("{path}&{twice}&utm_source=x")).header("x-api-key", &partner.api_key);
        let answer = call.send().await.expect(400);
        assert_eq!(answer.json, json!({ "error": "Invalid parameters" }), "{twice}");
    }
}
