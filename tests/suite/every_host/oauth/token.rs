//! The OAuth token endpoint (A2, RFC 6749, RFC 9068).

use jsonwebtoken::Algorithm;
use reqwest::Method;
use serde_json::json;

use crate::every_host::verify::verified;
use crate::support::assertions::assert_all_equal;
use crate::support::oauth::{FORM, INTROSPECT, REVOKE, TOKEN};
use crate::support::tenant::Key;
use crate::support::world::{World, unique};

const GRANT: (&str, &str) = ("grant_type", "client_credentials");

#[tokio::test]
async fn a2_a_client_authenticates_in_the_header_or_in_the_body() {
    let world = World::shared();
    let key = &world.demo.api_key;
    let header = world.post_form(TOKEN, key, &[GRANT]).await;
    let credentials = [GRANT, ("client_id", &*key.id), ("client_secret", &*key.secret)];
    let body = world.post(TOKEN).form(&credentials).send().await;
    for answer in [header.expect(200), body.expect(200)] {
        assert_eq!(answer.json["token_type"], "Bearer");
        assert_eq!(answer.json["expires_in"], 300);
        assert_eq!(answer.json.as_object().expect("an object").len(), 4);
        assert_eq!((answer.header("cache-control"), answer.header("pragma")), ("no-store", "no-cache"));
        let (head, claims) = verified(&world, &answer.text_at("access_token"), Algorithm::RS256).await;
        assert_eq!(head.typ.as_deref(), Some("at+jwt"));
        assert_eq!(claims["scope"], answer.json["scope"]);
        assert_eq!((&claims["sub"], &claims["client_id"]), (&json!(key.id), &json!(key.id)));
        assert_eq!(claims["exp"].as_i64(), claims["iat"].as_i64().map(|iat| iat + 300));
        assert_eq!(claims["jti"].as_str().expect("jti").len(), 36);
    }
}

#[tokio::test]
async fn a2_the_client_id_and_secret_in_basic_can_be_form_encoded() {
    let world = World::shared();
    let key = &world.demo.api_key;
    let percent_encode = |text: &str| text.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
    let call = world.post(TOKEN).basic(&percent_encode(&key.id), &percent_encode(&key.secret)).form(&[GRANT]);
    call.send().await.expect(200);
    let call = world.post(TOKEN).basic(&key.id, &key.secret.replace('_', "%5F")).form(&[GRANT]);
    call.send().await.expect(200);
}

#[tokio::test]
async fn a2_the_token_is_accepted_by_the_admin_api_within_its_scopes() {
    let world = World::shared();
    let (key, account) = (&world.demo.api_key, &world.demo.account_id);
    let providers = format!("/admin/v1/entities/{account}/providers");
    let grants = json!([{ "role": "launchpad_user", "entity_id": account }]);
    let body = json!({ "description": "narrow", "token_duration": 60, "grants": grants });
    let whole = world.post_form(TOKEN, key, &[GRANT]).await.expect(200).text_at("access_token");
    world.post(&providers).bearer(&whole).json(&body).send().await.expect(201);
    let narrow = world.client_token(key, "provider:r entity:r").await;
    world.get(&providers).bearer(&narrow).send().await.expect(200);
    let create = world.post(&providers).bearer(&narrow).json(&body);
    create.send().await.expect_problem(403, "insufficient_scope");
    let other = world.client_token(key, "entity:r").await;
    world.get(&providers).bearer(&other).send().await.expect_problem(403, "insufficient_scope");
}

#[tokio::test]
async fn a2_a_token_without_an_entity_scope_lists_no_entities() {
    let world = World::shared();
    let narrow = world.client_token(&world.demo.admin_key, "token:r").await;
    let refused = world.get("/admin/v1/entities").bearer(&narrow).send().await;
    refused.expect_problem(403, "insufficient_scope");
}

/// A new key does not keep the scope of the token that created it, so its rights must not exceed that scope.
#[tokio::test]
async fn a2_a_narrowed_token_cannot_create_anything_with_more_rights_than_its_own() {
    let world = World::shared();
    let account = world.create_account().await;
    let key = world.create_key_with_role(&account, "account_admin").await;
    let integration = world.create_integration(&account, "account_admin").await;
    let old = world.create_key(&account, &integration).await;
    let entity = format!("/admin/v1/entities/{account}");
    let grant = |role: &str| json!([{ "role": role, "entity_id": account }]);
    let named = |role: &str| json!({ "name": unique("narrow"), "grants": grant(role) });
    let provider = json!({
        "description": "narrow", "token_duration": 60, "grants": grant("account_admin"), "allow_privileged": true,
    });
    let keys = format!("{entity}/integrations/{integration}/keys");
    for (scope, path, body) in [
        ("api_key:rw", keys.clone(), json!({ "name": unique("narrow") })),
        ("api_key:rw", format!("{keys}/{}/rotate", old.id), json!({})),
        ("integration:rw", format!("{entity}/integrations"), named("account_admin")),
        ("integration:rw", format!("{entity}/integrations"), named("auditor")),
        ("provider:rw", format!("{entity}/providers"), provider),
    ] {
        let narrow = world.client_token(&key, scope).await;
        let refused = world.post(&path).bearer(&narrow).json(&body).send().await;
        refused.expect_problem(403, "insufficient_scope");
    }
    let narrow = world.client_token(&key, "integration:rw").await;
    let path = format!("{entity}/integrations");
    world.post(&path).bearer(&narrow).json(&named("launchpad_user")).send().await.expect(201);
    let raised = world.call(Method::PATCH, &format!("{path}/{integration}")).bearer(&narrow);
    raised.json(&json!({ "name": unique("raised") })).send().await.expect_problem(403, "insufficient_scope");
    let whole = world.redeem(&key).await.expect(200).text_at("token");
    world.post(&path).bearer(&whole).json(&named("account_admin")).send().await.expect(201);
}

#[tokio::test]
async fn a2_requested_scopes_narrow_the_token_and_never_widen_it() {
    let world = World::shared();
    let auditor = world.create_key_with_role(&world.demo.account_id, "auditor").await;
    let long = "entity:r ".repeat(400);
    for (requested, granted) in [
        ("entity:r", Some("entity:r")),
        ("provider:r  entity:r entity:r", Some("entity:r provider:r")),
        (
            "",
            Some("entity:r integration:r api_key:r provider:r audit_log:r partner:r project:r token:r api:r"),
        ),
        ("entity:rw", None),
        ("entity:r launchpad:r", None),
        ("entity:r openid", None),
        ("ENTITY:R", None),
        (" ", None),
        ("entity:r\u{0}", None),
        (&long, None),
    ] {
        let answer = world.post_form(TOKEN, &auditor, &[GRANT, ("scope", requested)]).await;
        match granted {
            Some(granted) => assert_eq!(answer.expect(200).json["scope"], granted, "{requested:.40}"),
            None => drop(answer.expect_oauth_error(400, "invalid_scope")),
        }
    }
}

#[tokio::test]
async fn a2_a_malformed_request_gets_the_matching_oauth_error() {
    let world = World::shared();
    let key = &world.demo.api_key;
    let valid_body = "grant_type=client_credentials";
    for (media_type, body, error) in [
        (FORM, "", "invalid_request"),
        (FORM, "scope=entity:r", "invalid_request"),
        (FORM, "grant_type=", "invalid_request"),
        (FORM, "grant_type=client_credentials&grant_type=client_credentials", "invalid_request"),
        (FORM, "grant_type=client_credentials&scope=&scope=entity:r", "invalid_request"),
        (FORM, "grant_type=client_credentials&x=1&x=2", "invalid_request"),
        (FORM, "grant_type=password&username=a&password=b", "unsupported_grant_type"),
        (FORM, "grant_type=refresh_token", "unsupported_grant_type"),
        (FORM, "grant_type=Client_Credentials", "unsupported_grant_type"),
        ("application/json", r#"{"grant_type":"client_credentials"}"#, "invalid_request"),
        ("text/plain", valid_body, "invalid_request"),
        ("application/x-www-form-urlencoded; charset=utf-16", valid_body, "invalid_request"),
        ("application/x-www-form-urlencodedx", valid_body, "invalid_request"),
    ] {
        let call = world.post(TOKEN).basic(&key.id, &key.secret).body(media_type, body);
        let answer = call.send().await.expect_oauth_error(400, error);
        assert!(!answer.text.contains(&*key.secret), "{media_type} {body}");
    }
    let unknown_parameters = world.post_form(TOKEN, key, &[GRANT, ("audience", ""), ("x", "y")]).await;
    unknown_parameters.expect(200);
    let call = world
        .post(TOKEN)
        .basic(&key.id, &key.secret)
        .body(FORM, format!("{valid_body}&x={}", "x".repeat(70_000)));
    call.send().await.expect_oauth_error(413, "invalid_request");
    let call = world
        .post(TOKEN)
        .basic(&key.id, &key.secret)
        .body("Application/X-WWW-Form-URLEncoded;charset=UTF-8", valid_body);
    call.send().await.expect(200);
}

#[tokio::test]
async fn a2_a_wrong_method_is_refused_with_allow_as_an_oauth_error() {
    let world = World::shared();
    for path in [TOKEN, INTROSPECT, REVOKE] {
        for method in [Method::GET, Method::PUT, Method::DELETE] {
            let answer = world.call(method, path).send().await.expect_oauth_error(405, "invalid_request");
            assert_eq!(answer.header("allow"), "POST", "{path}");
        }
    }
}

#[tokio::test]
async fn a2_two_ways_of_client_authentication_at_once_are_refused() {
    let world = World::shared();
    let key = &world.demo.api_key;
    let (id, secret) = (&*key.id, &*key.secret);
    let other = &*world.demo.admin_key.id;
    for path in [TOKEN, INTROSPECT, REVOKE] {
        for (in_body, accepted) in [
            (vec![("client_id", id), ("client_secret", secret)], false),
            (vec![("client_secret", secret)], false),
            (vec![("client_id", other)], false),
            (vec![("client_id", id)], true),
        ] {
            let parameters = [vec![GRANT, ("token", "x")], in_body.clone()].concat();
            let answer = world.post_form(path, key, &parameters).await;
            match accepted {
                true => drop(answer.expect(200)),
                false => drop(answer.expect_oauth_error(400, "invalid_request")),
            }
        }
    }
}

#[tokio::test]
async fn a2_every_invalid_client_gets_the_same_answer() {
    let world = World::shared();
    let key = &world.demo.api_key;
    let (id, secret) = (&*key.id, &*key.secret);
    let encoded = &*key.encoded;
    let mut bodies = Vec::new();
    for path in [TOKEN, INTROSPECT, REVOKE] {
        let base = [GRANT, ("token", "x")];
        let body = |more: &[(&'static str, String)]| {
            let mut parameters = base.to_vec();
            parameters.extend(more.iter().map(|(name, value)| (*name, &**value)));
            world.post(path).form(&parameters)
        };
        let basic = |scheme: &str, rest: &str| {
            world.post(path).form(&base).header("Authorization", &format!("{scheme} {rest}"))
        };
        let with_basic = |id: &str, secret: &str| world.post(path).form(&base).basic(id, secret);
        for (case, call) in [
            ("nothing", body(&[])),
            ("id alone", body(&[("client_id", id.to_owned())])),
            ("secret alone", body(&[("client_secret", secret.to_owned())])),
            ("empty secret", body(&[("client_id", id.to_owned()), ("client_secret", String::new())])),
            ("wrong secret", body(&[("client_id", id.to_owned()), ("client_secret", "x".to_owned())])),
            ("unknown id", with_basic(&"a".repeat(26), secret)),
            ("malformed id", with_basic("nobody", secret)),
            ("upper case", with_basic(&id.to_uppercase(), secret)),
            ("another key's secret", with_basic(id, &world.demo.admin_key.secret)),
            ("more", with_basic(id, &format!("{secret}:"))),
            ("no text", with_basic(id, "%FF")),
            ("empty", with_basic(id, "")),
            ("no Base64", basic("Basic", "***")),
            ("no colon", basic("Basic", "YWJj")),
            ("nothing at all", basic("Basic", "")),
            ("bearer", basic("Bearer", encoded)),
            ("other scheme", basic("Basicx", encoded)),
            ("two schemes", basic("Basic", &format!("{encoded}, Basic {encoded}"))),
            ("long", basic("Basic", &"A".repeat(7000))),
        ] {
            let answer = call.send().await;
            assert_eq!(answer.status, 401, "{path} {case}: {}", answer.text);
            assert_eq!(answer.header("www-authenticate"), "Basic realm=\"tokenbooth\"", "{case}");
            bodies.push(answer.expect_oauth_error(401, "invalid_client").text);
        }
    }
    let integration = world.create_integration(&world.demo.account_id, "auditor").await;
    let off = world.create_key(&world.demo.account_id, &integration).await;
    let keys = format!("/admin/v1/entities/{}/integrations/{integration}/keys", world.demo.account_id);
    world.change(&format!("{keys}/{}", off.id), &json!({ "status": "disabled" })).await.expect(200);
    let refused = world.wait_for_status(401, async || world.post_form(TOKEN, &off, &[GRANT]).await).await;
    bodies.push(refused.text);
    assert_all_equal(&bodies);
}

#[tokio::test]
async fn a2_scheme_names_ignore_case_and_padding_is_optional() {
    let world = World::shared();
    let key = &world.demo.api_key;
    for value in [format!("bAsIc {}", key.encoded), format!("Basic {}", key.encoded.trim_end_matches('='))] {
        world.post(TOKEN).header("Authorization", &value).form(&[GRANT]).send().await.expect(200);
    }
}

#[tokio::test]
async fn a2_client_credentials_in_the_query_are_ignored() {
    let world = World::shared();
    let (id, secret) = (&world.demo.api_key.id, &world.demo.api_key.secret);
    let path = format!("{TOKEN}?client_id={id}&client_secret={secret}&grant_type=client_credentials");
    world.post(&path).form(&[GRANT]).send().await.expect_oauth_error(401, "invalid_client");
}

#[tokio::test]
async fn a2_only_a_client_with_the_right_secret_learns_that_it_is_disabled() {
    let world = World::shared();
    for off in [json!({ "status": "disabled" }), json!({ "api_enabled": false })] {
        let account = world.create_account().await;
        let key = world.create_key_with_role(&account, "account_admin").await;
        for path in [TOKEN, INTROSPECT, REVOKE] {
            world.post_form(path, &key, &[GRANT, ("token", "x")]).await.expect(200);
        }
        world.change(&format!("/admin/v1/entities/{account}"), &off).await.expect(200);
        for path in [TOKEN, INTROSPECT, REVOKE] {
            let send = async || world.post_form(path, &key, &[GRANT, ("token", "x")]).await;
            world.wait_for_status(400, send).await.expect_oauth_error(400, "unauthorized_client");
            let wrong = Key { secret: "x".repeat(64), ..key.clone() };
            let answer = world.post_form(path, &wrong, &[GRANT, ("token", "x")]).await;
            answer.expect_oauth_error(401, "invalid_client");
        }
    }
}
