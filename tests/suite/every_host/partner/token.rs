//! Window V: tokens for anonymous devices, what they say and what they are asked for with (V1, V3–V9).

use std::collections::BTreeSet;
use std::net::IpAddr;

use data_encoding::BASE64URL_NOPAD;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::call::{Answer, now};
use crate::support::partner::{Partner, claims, devices_path, new_site, opened};
use crate::support::world::World;

/// What is wrong with the parameters is always told in the same words.
#[track_caller]
fn refused(answer: &Answer, case: &str) {
    assert_eq!(answer.status, 400, "{case}: {}", answer.text);
    assert_eq!(answer.text, r#"{"error":"Invalid parameters"}"#, "{case}");
    assert_eq!(answer.header("content-type"), "application/json", "{case}");
}

#[tokio::test]
async fn v01_v05_the_answer_is_one_token_with_exactly_the_documented_claims() {
    let world = World::shared();
    let partner = Partner::new(&world, &world.demo.account_id).await;
    let answer = partner.token(&world, "browser-unique_id_1234").await.expect(200);
    assert_eq!(answer.json.as_object().expect("an object").len(), 1, "{}", answer.text);
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.header("cache-control"), "no-store");
    let token = answer.text_at("authorizationToken");
    let header = BASE64URL_NOPAD.decode(token.split('.').next().expect("a header").as_bytes());
    assert_eq!(header.expect("Base64url"), br#"{"alg":"HS256","typ":"JWT"}"#);

    let claims = claims(&answer, &partner.site.secret);
    let names: BTreeSet<_> = claims.as_object().expect("claims").keys().map(String::as_str).collect();
    let documented = ["site", "siteId", "userId", "ipaddresses", "iat", "expiration"];
    assert_eq!(names, documented.into_iter().chain(["exp", "iss", "jti"]).collect());
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
    let open = new_site(&world, &partner.path, json!({ "allow_get": true })).await;
    let ask = async |method: Method, site: &str| {
        let call = world.call(method, &devices_path(site, "app-1"));
        call.header("x-api-key", &partner.key.key).send().await
    };
    for method in [Method::GET, Method::HEAD] {
        let closed = ask(method.clone(), &partner.site.name).await.expect(405);
        assert_eq!(closed.header("allow"), "POST", "{method}");
        ask(method, &open.name).await.expect(200);
    }
    let closed = ask(Method::GET, &partner.site.name).await;
    assert_eq!(closed.json, json!({ "error": "Method not allowed" }));
    assert_eq!(claims(&ask(Method::GET, &open.name).await, &open.secret)["siteId"], *open.id);
    ask(Method::POST, &open.name).await.expect(200);
    refused(&ask(Method::POST, "no-site").await, "a site that is not there");

    world.change(&partner.path, &json!({ "allow_get": true })).await.expect(200);
    let ask_closed = async || ask(Method::GET, &partner.site.name).await;
    world.eventually(200, ask_closed).await;
    let ask_nothing = async || ask(Method::GET, "no-site").await;
    refused(&world.eventually(400, ask_nothing).await, "the same by GET");
    for method in [Method::PUT, Method::PATCH, Method::DELETE] {
        let answer = ask(method.clone(), &open.name).await.expect(405);
        assert_eq!(answer.header("allow"), "POST", "{method}");
        assert_eq!(answer.json, json!({ "error": "Method not allowed" }), "{method}");
    }
}

#[tokio::test]
async fn v01_a_body_is_ignored_up_to_64_kib() {
    let world = World::shared();
    let partner = &world.demo.partner;
    let path = devices_path(&partner.site, "app-1");
    for (media_type, body) in [
        ("application/json", "{}"),
        ("application/json", "{"),
        ("application/x-www-form-urlencoded", "site=another&deviceId=x"),
        ("text/plain", "\u{0}"),
    ] {
        let call = world.post(&path).header("x-api-key", &partner.api_key).body(media_type, body);
        call.send().await.expect(200);
    }
    let bare = world.post("/identity/anonymous-token").header("x-api-key", &partner.api_key);
    let form = format!("site={}&platform=iOS&deviceId=app-1", partner.site);
    refused(&bare.body("application/x-www-form-urlencoded", form).send().await, "parameters in the body");
    let long = world.post(&path).header("x-api-key", &partner.api_key);
    let long = long.body("text/plain", "x".repeat(65_537)).send().await.expect(413);
    assert_eq!(long.json, json!({ "error": "Payload too large" }));
}

#[tokio::test]
async fn v03_each_platform_has_its_own_form_of_device_id() {
    let world = World::shared();
    let ask = async |platform: &str, device: &str| {
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
        ask(platform, &device).await.expect(200);
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
        refused(&ask(platform, &device).await, &format!("{platform} {device:.20}"));
    }
}

#[tokio::test]
async fn v03_all_three_parameters_are_given_exactly_once() {
    let world = World::shared();
    let partner = &world.demo.partner;
    let whole = [("site", partner.site.as_str()), ("platform", "iOS"), ("deviceId", "app-1")]
        .map(|(name, text)| format!("{name}={text}"));
    let ask = async |query: &str| {
        let path = format!("/identity/anonymous-token{query}");
        world.post(&path).header("x-api-key", &partner.api_key).send().await
    };
    ask(&format!("?{}&{}&{}", whole[2], whole[0], whole[1])).await.expect(200);
    refused(&ask("").await, "no query");
    refused(&ask("?").await, "an empty query");
    let all = whole.join("&");
    for part in &whole {
        let without: Vec<_> = whole.iter().filter(|it| *it != part).map(String::as_str).collect();
        refused(&ask(&format!("?{}", without.join("&"))).await, &format!("without {part}"));
        refused(&ask(&format!("?{all}&{part}")).await, &format!("twice {part}"));
        let name = part.split('=').next().expect("a name");
        refused(&ask(&format!("?{all}&{name}=")).await, &format!("{name} once more, empty"));
        refused(&ask(&format!("?{}", all.replace(name, &name.to_uppercase()))).await, &name.to_uppercase());
    }
}

#[tokio::test]
async fn v03_a_disabled_or_unknown_site_gets_the_same_400() {
    let world = World::shared();
    let account = &world.demo.account_id;
    let (partner, other) = (Partner::new(&world, account).await, Partner::new(&world, account).await);
    let ask = async |site: &str| {
        let call = world.post(&devices_path(site, "app-1"));
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
        refused(&ask(site).await, case);
    }
    world.change(&partner.site.path, &json!({ "status": "disabled" })).await.expect(200);
    refused(&world.eventually(400, async || ask(&partner.site.name).await).await, "disabled");
    world.change(&partner.site.path, &json!({ "status": "active" })).await.expect(200);
    world.eventually(200, async || ask(&partner.site.name).await).await;
    world.delete(&partner.site.path).await.expect(204);
    refused(&world.eventually(400, async || ask(&partner.site.name).await).await, "deleted");
}

#[tokio::test]
async fn v04_the_answer_is_json_whatever_accept_says() {
    let world = World::shared();
    let partner = &world.demo.partner;
    for accept in
        ["application/json, text/plain, */w*", "*/*", "text/plain", "image/png;q=0", "nonsense", "", ","]
    {
        let call = world.post(&devices_path(&partner.site, "app-1")).header("x-api-key", &partner.api_key);
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
        let site = new_site(&world, &partner.path, json!({ "token_duration": seconds })).await;
        let call = world.post(&devices_path(&site.name, "app-1")).header("x-api-key", &partner.key.key);
        let answer = call.send().await.expect(200);
        assert_eq!(lifetime(&claims(&answer, &site.secret)), seconds);
        assert!(opened(&answer, &partner.site.secret).is_err(), "another site's secret");
    }
}

#[tokio::test]
async fn v06_a_device_always_gets_the_same_user_id_and_no_other_device_does() {
    let world = World::shared();
    let account = &world.demo.account_id;
    let (partner, other) = (Partner::new(&world, account).await, Partner::new(&world, account).await);
    let twin = new_site(&world, &other.path, json!({ "name": partner.site.name })).await;
    let user = async |key: &str, secret: &str, site: &str, platform: &str, device: &str| {
        let path = format!("/identity/anonymous-token?site={site}&platform={platform}&deviceId={device}");
        let answer = world.post(&path).header("x-api-key", key).send().await.expect(200);
        claims(&answer, secret)["userId"].as_str().expect("a user").to_owned()
    };
    let own = async |platform: &str, device: &str| {
        user(&partner.key.key, &partner.site.secret, &partner.site.name, platform, device).await
    };
    let first = own("iOS", "app-1").await;
    assert_eq!(own("iOS", "app-1").await, first, "the same device");
    assert!(!first.contains("app-1"));
    let site = new_site(&world, &partner.path, json!({})).await;
    let mut all = vec![first];
    all.push(own("Android", "app-1").await);
    all.push(own("iOS", "app-2").await);
    all.push(own("web_browser", "browser-1").await);
    all.push(user(&partner.key.key, &site.secret, &site.name, "iOS", "app-1").await);
    all.push(user(&other.key.key, &twin.secret, &twin.name, "iOS", "app-1").await);
    let (ours, theirs) = (&world.demo.partner, &world.rival.partner);
    for partner in [ours, theirs] {
        let path = devices_path(&partner.site, "app-1");
        let answer = world.post(&path).header("x-api-key", &partner.api_key).send().await.expect(200);
        let token = answer.text_at("authorizationToken");
        let payload = BASE64URL_NOPAD.decode(token.split('.').nth(1).expect("claims").as_bytes());
        let claims: Value = serde_json::from_slice(&payload.expect("Base64url")).expect("JSON");
        all.push(claims["userId"].as_str().expect("a user").to_owned());
    }
    let different: BTreeSet<_> = all.iter().collect();
    assert_eq!(different.len(), all.len(), "{all:?}");
}

#[tokio::test]
async fn v07_the_address_never_comes_from_a_request_header() {
    let world = World::shared();
    let partner = Partner::new(&world, &world.demo.account_id).await;
    let call = partner.token_request(&world, "app-1");
    let call = ["x-forwarded-for", "x-real-ip", "true-client-ip", "cf-connecting-ip", "x-client-ip"]
        .into_iter()
        .fold(call, |call, name| call.header(name, "203.0.113.9"));
    let answer = call.header("forwarded", "for=203.0.113.9").send().await.expect(200);
    let address = claims(&answer, &partner.site.secret)["ipaddresses"].clone();
    let address: IpAddr = address.as_str().expect("a text").parse().expect("an address");
    assert_ne!(address.to_string(), "203.0.113.9");
}

#[tokio::test]
async fn v08_calls_are_limited_by_device_and_by_partner() {
    let world = World::shared();
    let tight = json!({ "requests": 2, "seconds": 86_400 });
    let few = json!({ "requests": 4, "seconds": 86_400 });
    let fields = json!({ "rate_limit": few, "device_rate_limit": tight });
    let partner = Partner::with(&world, &world.demo.account_id, fields).await;
    let limited = |answer: Answer, kind: &str| {
        let answer = answer.expect(429);
        assert_eq!(answer.json, json!({ "error": "Quota exceeded" }));
        assert_eq!(answer.header("content-type"), "application/json");
        assert!(answer.header("retry-after").parse::<u32>().is_ok_and(|seconds| seconds > 0));
        assert!(answer.header("ratelimit").contains(&format!("\"{kind}\";r=0;")), "{:?}", answer.headers);
    };
    partner.token(&world, "app-1").await.expect(200);
    let second = partner.token(&world, "app-1").await.expect(200);
    assert_eq!(second.header("ratelimit-policy"), "\"device\";q=2;w=86400, \"partner\";q=4;w=86400");
    limited(partner.token(&world, "app-1").await, "device");
    limited(partner.token(&world, "app-1").await, "device");
    partner.token(&world, "app-2").await.expect(200);
    partner.token(&world, "browser-1").await.expect(200);
    limited(partner.token(&world, "app-3").await, "partner");
}

#[tokio::test]
async fn v09_a_rotated_secret_signs_and_the_old_one_no_longer_does() {
    let world = World::shared();
    let partner = Partner::new(&world, &world.demo.account_id).await;
    let before = partner.token(&world, "app-1").await.expect(200);
    let rotated = world.post(&format!("{}/rotate", partner.site.path)).signed(&world.demo.admin_key);
    let rotated = rotated.send().await.expect(201);
    let new = rotated.text_at("secret");
    assert_ne!(new, partner.site.secret);
    assert!(opened(&before, &partner.site.secret).is_ok(), "tokens from before verify under the old one");
    let signed_anew = async || {
        let mut answer = partner.token(&world, "app-1").await;
        if opened(&answer, &new).is_err() {
            answer.status = reqwest::StatusCode::ACCEPTED;
        }
        answer
    };
    let after = world.eventually(200, signed_anew).await;
    assert!(opened(&after, &partner.site.secret).is_err(), "the old one");
    assert_eq!(claims(&after, &new)["userId"], claims(&before, &partner.site.secret)["userId"]);
}
