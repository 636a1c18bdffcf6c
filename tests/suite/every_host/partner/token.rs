//! Window V: tokens for anonymous devices, their parameters and their claims (V1, V3–V9).

use std::collections::BTreeSet;
use std::net::IpAddr;

use data_encoding::BASE64URL_NOPAD;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::call::{Answer, now};
use crate::support::jwt;
use crate::support::partner::{Partner, create_site, site_token_path, verified_claims, verify_site_token};
use crate::support::world::World;

/// Asserts the one response that every invalid parameter gets.
#[track_caller]
fn assert_invalid_parameters(answer: &Answer, case: &str) {
    assert_eq!(answer.status, 400, "{case}: {}", answer.text);
    assert_eq!(answer.text, r#"{"error":"Invalid parameters"}"#, "{case}");
    assert_eq!(answer.header("content-type"), "application/json", "{case}");
}

#[tokio::test]
async fn v01_v05_the_answer_is_one_token_with_exactly_the_documented_claims() {
    let world = World::shared();
    let partner = Partner::new(&world, &world.demo.account_id).await;
    let answer = partner.request_token(&world, "browser-unique_id_1234").await.expect(200);
    assert_eq!(answer.json.as_object().expect("an object").len(), 1, "{}", answer.text);
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.header("cache-control"), "no-store");
    let token = answer.text_at("authorizationToken");
    let header = BASE64URL_NOPAD.decode(token.split('.').next().expect("a header").as_bytes());
    assert_eq!(header.expect("Base64url"), br#"{"alg":"HS256","typ":"JWT"}"#);

    let claims = verified_claims(&answer, &partner.site.secret);
    let names: BTreeSet<_> = claims.as_object().expect("claims").keys().map(String::as_str).collect();
    let documented = ["site", "siteId", "userId", "ipaddresses", "iat", "expiration"];
    assert_eq!(names, documented.into_iter().chain(["exp", "iss", "jti", "entity_path"]).collect());
    assert_eq!(claims["site"], *partner.site.name);
    assert_eq!(claims["siteId"], *partner.site.id);
    let iat = claims["iat"].as_i64().expect("a time");
    assert!((iat - now()).abs() < 15);
    assert_eq!((&claims["exp"], &claims["expiration"]), (&json!(iat + 3600), &json!(iat + 3600)));
    let discovery = world.get("/.well-known/openid-configuration").send().await.expect(200);
    assert_eq!(claims["iss"], discovery.text_at("issuer"));
    assert_eq!(claims["jti"].as_str().expect("a jti").len(), 36);
}

#[tokio::test]
async fn v01_get_needs_allow_get_on_the_partner_or_the_site() {
    let world = World::shared();
    let partner = Partner::new(&world, &world.demo.account_id).await;
    let open = create_site(&world, &partner.path, json!({ "allow_get": true })).await;
    let send = async |method: Method, site: &str| {
        let call = world.call(method, &site_token_path(site, "app-1"));
        call.header("x-api-key", &partner.key.key).send().await
    };
    for method in [Method::GET, Method::HEAD] {
        let refused = send(method.clone(), &partner.site.name).await.expect(405);
        assert_eq!(refused.header("allow"), "POST", "{method}");
        send(method, &open.name).await.expect(200);
    }
    let refused = send(Method::GET, &partner.site.name).await;
    assert_eq!(refused.json, json!({ "error": "Method not allowed" }));
    assert_eq!(verified_claims(&send(Method::GET, &open.name).await, &open.secret)["siteId"], *open.id);
    send(Method::POST, &open.name).await.expect(200);
    assert_invalid_parameters(&send(Method::POST, "no-site").await, "an unknown site");

    world.change(&partner.path, &json!({ "allow_get": true })).await.expect(200);
    let send_to_closed_site = async || send(Method::GET, &partner.site.name).await;
    world.wait_for_status(200, send_to_closed_site).await;
    let send_to_unknown_site = async || send(Method::GET, "no-site").await;
    assert_invalid_parameters(&world.wait_for_status(400, send_to_unknown_site).await, "the same by GET");
    for method in [Method::PUT, Method::PATCH, Method::DELETE] {
        let answer = send(method.clone(), &open.name).await.expect(405);
        assert_eq!(answer.header("allow"), "POST", "{method}");
        assert_eq!(answer.json, json!({ "error": "Method not allowed" }), "{method}");
    }
}

#[tokio::test]
async fn v01_a_body_is_ignored_up_to_64_kib() {
    let world = World::shared();
    let partner = &world.demo.partner;
    let path = site_token_path(&partner.site, "app-1");
    for (media_type, body) in [
        ("application/json", "{}"),
        ("application/json", "{"),
        ("application/x-www-form-urlencoded", "site=another&deviceId=x"),
        ("text/plain", "\u{0}"),
    ] {
        let call = world.post(&path).header("x-api-key", &partner.api_key).body(media_type, body);
        call.send().await.expect(200);
    }
    let without_query = world.post("/identity/anonymous-token").header("x-api-key", &partner.api_key);
    let form = format!("site={}&platform=iOS&deviceId=app-1", partner.site);
    assert_invalid_parameters(
        &without_query.body("application/x-www-form-urlencoded", form).send().await,
        "parameters in the body",
    );
    let too_long =
        world.post(&path).header("x-api-key", &partner.api_key).body("text/plain", "x".repeat(65_537));
    assert_eq!(too_long.send().await.expect(413).json, json!({ "error": "Payload too large" }));
}

#[tokio::test]
async fn v03_each_platform_has_its_own_form_of_device_id() {
    let world = World::shared();
    let send = async |platform: &str, device: &str| {
        let site = &world.demo.partner.site;
        let path = format!("/identity/anonymous-token?site={site}&platform={platform}&deviceId={device}");
        world.post(&path).header("x-api-key", &world.demo.partner.api_key).send().await
    };
    for (platform, device) in [
        ("web_browser", "browser-unique_id_1234".to_owned()),
        ("iOS", "app-unique_id_5678".to_owned()),
        ("Android", "app-unique_id_9012".to_owned()),
        ("iOS", "app-A.b_c-9".to_owned()),
        ("iOS", format!("app-{}", "x".repeat(128))),
        ("%69OS", "app%2D1".to_owned()),
    ] {
        send(platform, &device).await.expect(200);
    }
    for (platform, device) in [
        ("web_browser", "app-1".to_owned()),
        ("iOS", "browser-1".to_owned()),
        ("Android", "browser-1".to_owned()),
        ("ios", "app-1".to_owned()),
        ("Windows", "app-1".to_owned()),
        ("", "app-1".to_owned()),
        ("iOS", String::new()),
        ("iOS", "app-".to_owned()),
        ("iOS", "1".to_owned()),
        ("iOS", "app-a%20b".to_owned()),
        ("iOS", "app-a+b".to_owned()),
        ("iOS", "app-a%00".to_owned()),
        ("iOS", "app-%FF".to_owned()),
        ("iOS", "app-%zz".to_owned()),
        ("iOS", "app-%C3%A9".to_owned()),
        ("iOS", format!("app-{}", "x".repeat(129))),
    ] {
        assert_invalid_parameters(&send(platform, &device).await, &format!("{platform} {device:.20}"));
    }
}

#[tokio::test]
async fn v03_all_three_parameters_are_given_exactly_once() {
    let world = World::shared();
    let partner = &world.demo.partner;
    let whole = [("site", partner.site.as_str()), ("platform", "iOS"), ("deviceId", "app-1")]
        .map(|(name, text)| format!("{name}={text}"));
    let send = async |query: &str| {
        let path = format!("/identity/anonymous-token{query}");
        world.post(&path).header("x-api-key", &partner.api_key).send().await
    };
    send(&format!("?{}&{}&{}", whole[2], whole[0], whole[1])).await.expect(200);
    assert_invalid_parameters(&send("").await, "no query");
    assert_invalid_parameters(&send("?").await, "an empty query");
    let all = whole.join("&");
    for part in &whole {
        let without: Vec<_> = whole.iter().filter(|it| *it != part).map(String::as_str).collect();
        assert_invalid_parameters(
            &send(&format!("?{}", without.join("&"))).await,
            &format!("without {part}"),
        );
        assert_invalid_parameters(&send(&format!("?{all}&{part}")).await, &format!("twice {part}"));
        let name = part.split('=').next().expect("a name");
        assert_invalid_parameters(
            &send(&format!("?{all}&{name}=")).await,
            &format!("{name} once more, empty"),
        );
        assert_invalid_parameters(
            &send(&format!("?{}", all.replace(name, &name.to_uppercase()))).await,
            &name.to_uppercase(),
        );
    }
}

#[tokio::test]
async fn v03_a_disabled_or_unknown_site_gets_the_same_400() {
    let world = World::shared();
    let account = &world.demo.account_id;
    let (partner, other) = (Partner::new(&world, account).await, Partner::new(&world, account).await);
    let send = async |site: &str| {
        let call = world.post(&site_token_path(site, "app-1"));
        call.header("x-api-key", &partner.key.key).send().await
    };
    for (case, site) in [
        ("unknown", "no-site"),
        ("another partner's", &*other.site.name),
        ("another case", &partner.site.name.to_uppercase()),
        ("its id", &*partner.site.id),
        ("empty", ""),
        ("too long", &"s".repeat(65)),
        ("odd", "site%2F..%2Fsite"),
    ] {
        assert_invalid_parameters(&send(site).await, case);
    }
    world.change(&partner.site.path, &json!({ "status": "disabled" })).await.expect(200);
    assert_invalid_parameters(
        &world.wait_for_status(400, async || send(&partner.site.name).await).await,
        "disabled",
    );
    world.change(&partner.site.path, &json!({ "status": "active" })).await.expect(200);
    world.wait_for_status(200, async || send(&partner.site.name).await).await;
    world.delete(&partner.site.path).await.expect(204);
    assert_invalid_parameters(
        &world.wait_for_status(400, async || send(&partner.site.name).await).await,
        "deleted",
    );
}

#[tokio::test]
async fn v04_the_answer_is_json_whatever_accept_says() {
    let world = World::shared();
    let partner = &world.demo.partner;
    for accept in
        ["application/json, text/plain, */w*", "*/*", "text/plain", "image/png;q=0", "nonsense", "", ","]
    {
        let call = world.post(&site_token_path(&partner.site, "app-1")).header("x-api-key", &partner.api_key);
        let answer = call.header("accept", accept).send().await.expect(200);
        assert_eq!(answer.header("content-type"), "application/json", "{accept}");
        assert!(answer.json["authorizationToken"].is_string());
    }
}

#[tokio::test]
async fn v05_the_token_lifetime_is_the_site_s() {
    let world = World::shared();
    let partner = Partner::new(&world, &world.demo.account_id).await;
    let lifetime = |claims: &Value| {
        let at = |name: &str| claims[name].as_i64().expect("a time");
        assert_eq!(at("exp"), at("expiration"));
        at("exp") - at("iat")
    };
    for seconds in [60, 86_400] {
        let site = create_site(&world, &partner.path, json!({ "token_duration": seconds })).await;
        let call = world.post(&site_token_path(&site.name, "app-1")).header("x-api-key", &partner.key.key);
        let answer = call.send().await.expect(200);
        assert_eq!(lifetime(&verified_claims(&answer, &site.secret)), seconds);
        assert!(verify_site_token(&answer, &partner.site.secret).is_err(), "another site's secret");
    }
}

#[tokio::test]
async fn v06_a_device_always_gets_the_same_user_id_and_no_other_device_does() {
    let world = World::shared();
    let account = &world.demo.account_id;
    let (partner, other) = (Partner::new(&world, account).await, Partner::new(&world, account).await);
    let twin = create_site(&world, &other.path, json!({ "name": partner.site.name })).await;
    let user = async |key: &str, secret: &str, site: &str, platform: &str, device: &str| {
        let path = format!("/identity/anonymous-token?site={site}&platform={platform}&deviceId={device}");
        let answer = world.post(&path).header("x-api-key", key).send().await.expect(200);
        verified_claims(&answer, secret)["userId"].as_str().expect("a user").to_owned()
    };
    let own = async |platform: &str, device: &str| {
        user(&partner.key.key, &partner.site.secret, &partner.site.name, platform, device).await
    };
    let first = own("iOS", "app-1").await;
    assert_eq!(own("iOS", "app-1").await, first, "the same device");
    assert!(!first.contains("app-1"));
    let site = create_site(&world, &partner.path, json!({})).await;
    let mut all = vec![first];
    all.push(own("Android", "app-1").await);
    all.push(own("iOS", "app-2").await);
    all.push(own("web_browser", "browser-1").await);
    all.push(user(&partner.key.key, &site.secret, &site.name, "iOS", "app-1").await);
    all.push(user(&other.key.key, &twin.secret, &twin.name, "iOS", "app-1").await);
    let (ours, theirs) = (&world.demo.partner, &world.rival.partner);
    for partner in [ours, theirs] {
        let path = site_token_path(&partner.site, "app-1");
        let answer = world.post(&path).header("x-api-key", &partner.api_key).send().await.expect(200);
        let claims = jwt::claims(&answer.text_at("authorizationToken"));
        all.push(claims["userId"].as_str().expect("a user").to_owned());
    }
    let different: BTreeSet<_> = all.iter().collect();
    assert_eq!(different.len(), all.len(), "{all:?}");
}

#[tokio::test]
async fn v07_the_address_never_comes_from_a_request_header() {
    let world = World::shared();
    let partner = Partner::new(&world, &world.demo.account_id).await;
    let spoofed = ["x-forwarded-for", "x-real-ip", "true-client-ip", "cf-connecting-ip", "x-client-ip"]
        .map(|name| (name, "203.0.113.9".to_owned()));
    let call = partner.token_call(&world, "app-1").headers(&spoofed).header("forwarded", "for=203.0.113.9");
    let claims = verified_claims(&call.send().await.expect(200), &partner.site.secret);
    let address: IpAddr = claims["ipaddresses"].as_str().expect("a text").parse().expect("an address");
    assert_ne!(address.to_string(), "203.0.113.9");
}

#[tokio::test]
async fn v10_a_trusted_forwarder_names_the_address_of_its_caller() {
    let world = World::shared();
    for (trusted, expected) in [(true, true), (false, false)] {
        let fields = json!({ "trusted_forwarder": trusted });
        let partner = Partner::with_fields(&world, &world.demo.account_id, fields).await;
        let call =
            partner.token_call(&world, "browser-1").header("x-forwarded-for", "192.0.2.66, 198.51.100.7");
        let claims = verified_claims(&call.send().await.expect(200), &partner.site.secret);
        assert_eq!(claims["ipaddresses"] == "198.51.100.7", expected, "{claims}");
    }
}

#[tokio::test]
async fn v08_calls_are_limited_by_device_and_by_partner() {
    let world = World::shared();
    let tight = json!({ "requests": 2, "seconds": 86_400 });
    let few = json!({ "requests": 4, "seconds": 86_400 });
    let fields = json!({ "rate_limit": few, "device_rate_limit": tight });
    let partner = Partner::with_fields(&world, &world.demo.account_id, fields).await;
    let assert_limited = |response: Answer, kind: &str| {
        let answer = response.expect(429);
        assert_eq!(answer.json, json!({ "error": "Quota exceeded" }));
        assert_eq!(answer.header("content-type"), "application/json");
        assert!(answer.header("retry-after").parse::<u32>().is_ok_and(|seconds| seconds > 0));
        assert!(answer.header("ratelimit").contains(&format!("\"{kind}\";r=0;")), "{:?}", answer.headers);
    };
    partner.request_token(&world, "app-1").await.expect(200);
    let second = partner.request_token(&world, "app-1").await.expect(200);
    assert_eq!(second.header("ratelimit-policy"), "\"device\";q=2;w=86400, \"partner\";q=4;w=86400");
    assert_limited(partner.request_token(&world, "app-1").await, "device");
    assert_limited(partner.request_token(&world, "app-1").await, "device");
    partner.request_token(&world, "app-2").await.expect(200);
    partner.request_token(&world, "browser-1").await.expect(200);
    assert_limited(partner.request_token(&world, "app-3").await, "partner");
}

#[tokio::test]
async fn v09_a_rotated_secret_signs_and_the_old_one_no_longer_does() {
    let world = World::shared();
    let partner = Partner::new(&world, &world.demo.account_id).await;
    let before = partner.request_token(&world, "app-1").await.expect(200);
    let rotate = world.post(&format!("{}/rotate", partner.site.path)).with_token_of(&world.demo.admin_key);
    let new = rotate.send().await.expect(201).text_at("secret");
    assert_ne!(new, partner.site.secret);
    assert!(
        verify_site_token(&before, &partner.site.secret).is_ok(),
        "an earlier token still verifies with the old secret"
    );
    let is_signed_with_new = |answer: &Answer| verify_site_token(answer, &new).is_ok();
    let request = async || partner.request_token(&world, "app-1").await;
    let after = world.retry_until(is_signed_with_new, request).await.expect(200);
    assert!(verify_site_token(&after, &new).is_ok(), "signed with the new secret");
    assert!(verify_site_token(&after, &partner.site.secret).is_err(), "not signed with the old secret");
    assert_eq!(
        verified_claims(&after, &new)["userId"],
        verified_claims(&before, &partner.site.secret)["userId"]
    );
}
