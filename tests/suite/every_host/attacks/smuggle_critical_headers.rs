//! An attacker wants a token to mean one thing to this deployment and another to a verifier that reads more of its header:
//! critical extensions (RFC 7515, 4.1.11), a payload that is not Base64 (RFC 7797), or a member that is there twice.

use data_encoding::BASE64URL_NOPAD;
use serde_json::json;

use crate::support::jwt::sign_text_hs256;
use crate::support::partner::Partner;
use crate::support::project::Project;
use crate::support::world::World;

/// Headers as text, because JSON values cannot have a member twice.
const SMUGGLED: [(&str, &str); 10] = [
    ("critical", r#"{"alg":"HS256","crit":["exp"],"exp":1}"#),
    ("critical null", r#"{"alg":"HS256","crit":null}"#),
    ("critical and empty", r#"{"alg":"HS256","crit":[]}"#),
    ("critical with an escape", r#"{"alg":"HS256","\u0063rit":["b64"]}"#),
    ("a payload that is not Base64", r#"{"alg":"HS256","b64":false}"#),
    ("a compressed payload", r#"{"alg":"HS256","zip":"DEF"}"#),
    ("encrypted as well", r#"{"alg":"HS256","enc":"A256GCM"}"#),
    ("two algorithms", r#"{"alg":"none","alg":"HS256"}"#),
    ("two unknown members", r#"{"alg":"HS256","x":1,"x":2}"#),
    ("two equal members, one escaped", r#"{"alg":"HS256","x":1,"\u0078":1}"#),
];

#[tokio::test]
async fn s04_a_signed_token_with_a_critical_or_repeated_header_member_is_refused() {
    let world = World::shared();
    let project = world.create_signing_project().await;
    let attach = async |token: &str| {
        let body = json!({ "user": "u", "device_id": "d" });
        world.attach(&project, token, &body).await
    };
    let plain = sign_text_hs256(r#"{"alg":"HS256","x":1}"#, &json!({ "user": "u" }), &project.api_secret);
    attach(&plain).await.expect(200);
    for (case, header) in SMUGGLED {
        let token = sign_text_hs256(header, &json!({ "user": "u" }), &project.api_secret);
        let answer = attach(&token).await;
        assert_eq!(answer.status, 401, "{case}: {}", answer.text);
    }
}

#[tokio::test]
async fn a2_a_token_with_a_critical_or_repeated_header_member_is_inactive() {
    let world = World::shared();
    let (project, partner) = (Project::new(&world).await, Partner::in_new_account(&world).await);
    let site_claims = crate::support::jwt::claims(&partner.site_token(&world).await);
    let admin = &world.demo.admin_key;
    for (case, header) in SMUGGLED {
        let signed = sign_text_hs256(header, &json!({ "user": "u" }), &project.api_secret);
        assert!(!project.introspect(&world, admin, &signed).await.is_active(), "window S, {case}");
        let device = sign_text_hs256(header, &site_claims, &partner.site.secret);
        assert!(!world.introspect(admin, &device).await.is_active(), "window V, {case}");
    }
}

#[tokio::test]
async fn a2_no_header_member_can_be_added_to_a_token_of_the_deployment() {
    let world = World::shared();
    let token = world.redeem(&world.demo.api_key).await.expect(200).text_at("token");
    let (header, rest) = token.split_once('.').expect("three parts");
    let json =
        String::from_utf8(BASE64URL_NOPAD.decode(header.as_bytes()).expect("Base64url")).expect("UTF-8");
    for member in
        [r#""crit":null"#, r#""crit":["b64"]"#, r#""b64":true"#, r#""zip":"DEF""#, r#""alg":"RS256""#]
    {
        let changed = format!("{{{member},{}", json.strip_prefix('{').expect("an object"));
        let smuggled = format!("{}.{rest}", BASE64URL_NOPAD.encode(changed.as_bytes()));
        assert!(!world.introspect(&world.demo.admin_key, &smuggled).await.is_active(), "{member}");
    }
}
