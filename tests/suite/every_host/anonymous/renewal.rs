//! Window F: renewed tokens, and users that callers name (F18).

use jsonwebtoken::Algorithm;
use serde_json::{Value, json};

use crate::every_host::verify::verified;
use crate::support::call::Answer;
use crate::support::jwt::{claims, tampered};
use crate::support::oauth::FORM;
use crate::support::tenant::Key;
use crate::support::world::{World, tokens_path};

/// A provider of the demo account whose tokens can be renewed, and whose callers may name users.
async fn renewing_provider(world: &World) -> String {
    let fields = json!({ "renewable": true, "allow_subject": true });
    world.create_provider_with(&world.demo.account_id, fields).await.1
}

async fn request(world: &World, tokens: &str, key: &Key, body: &Value) -> Answer {
    world.post(tokens).signed(key).json(body).send().await
}

/// A new token of the demo key.
async fn token(world: &World, tokens: &str, body: &Value) -> String {
    let answer = request(world, tokens, &world.demo.api_key, body).await.expect(200);
    answer.json.as_str().expect("a token").to_owned()
}

#[tokio::test]
async fn f18_a_renewal_keeps_the_user_with_all_that_the_token_says_of_it() {
    let world = World::shared();
    let tokens = renewing_provider(&world).await;
    let body =
        json!({ "first_name": "Ada", "last_name": "L", "email": "a@b.co", "metadata": { "cart": [1, 2] } });
    for body in [body, json!({ "email_domain": "c.de" }), json!({ "subject": "visitor 17" }), json!({})] {
        let first = token(&world, &tokens, &body).await;
        let second = token(&world, &tokens, &json!({ "renew": first })).await;
        let third = token(&world, &tokens, &json!({ "renew": second })).await;
        let (_, earlier) = verified(&world, &first, Algorithm::EdDSA).await;
        let (_, later) = verified(&world, &third, Algorithm::EdDSA).await;
        for name in
            ["sub", "email", "first_name", "last_name", "metadata", "auth_time", "aud", "roles", "scope"]
        {
            assert_eq!(earlier.get(name), later.get(name), "{name}: {body}");
        }
        assert_ne!(earlier["jti"], later["jti"], "{body}");
        assert_eq!(later["exp"], later["iat"].as_i64().expect("a time") + 600, "{body}");
        let read = world.get("/v1/me/assertions").bearer(&third).send().await.expect(200);
        assert_eq!(read.json["sub"], earlier["sub"], "{body}");
    }
}

#[tokio::test]
async fn f18_no_token_is_valid_beyond_max_session_after_the_first_one() {
    let world = World::shared();
    let fields = json!({ "renewable": true, "max_session": 120, "token_duration": 3600 });
    let (_, tokens) = world.create_provider_with(&world.demo.account_id, fields).await;
    let first = token(&world, &tokens, &json!({})).await;
    let renewed = token(&world, &tokens, &json!({ "renew": first })).await;
    let start = claims(&first)["auth_time"].as_i64().expect("a time");
    for token in [&first, &renewed] {
        assert_eq!(
            (&claims(token)["auth_time"], &claims(token)["exp"]),
            (&json!(start), &json!(start + 120))
        );
    }
}

#[tokio::test]
async fn f18_a_named_user_is_not_renewed_where_the_provider_allows_no_subject_any_more() {
    let world = World::shared();
    let fields = json!({ "renewable": true, "allow_subject": true });
    let (provider, tokens) = world.create_provider_with(&world.demo.account_id, fields).await;
    let named = token(&world, &tokens, &json!({ "subject": "ada" })).await;
    let unnamed = token(&world, &tokens, &json!({})).await;
    let path = format!("/admin/v1/entities/{}/providers/{provider}", world.demo.account_id);
    world.change(&path, &json!({ "allow_subject": false })).await.expect(200);
    let answer = request(&world, &tokens, &world.demo.api_key, &json!({ "renew": named })).await;
    answer.expect_invalid("renew");
    token(&world, &tokens, &json!({ "renew": unnamed })).await;
}

#[tokio::test]
async fn f18_each_key_of_the_same_integration_renews() {
    let world = World::shared();
    let account = &world.demo.account_id;
    let tokens = renewing_provider(&world).await;
    let integration = world.create_integration(account, "token_issuer").await;
    let (old, new) =
        (world.create_key(account, &integration).await, world.create_key(account, &integration).await);
    let issued = request(&world, &tokens, &old, &json!({})).await.expect(200);
    let body = json!({ "renew": issued.json });
    let renewed = request(&world, &tokens, &new, &body).await.expect(200);
    let subject = |answer: &Answer| claims(answer.json.as_str().expect("a token"))["sub"].clone();
    assert_eq!(subject(&renewed), subject(&issued));
}

#[tokio::test]
async fn f18_every_token_that_cannot_be_renewed_gets_the_same_refusal() {
    let world = World::shared();
    let (demo, account) = (&world.demo, &world.demo.account_id);
    let tokens = renewing_provider(&world).await;
    let own = token(&world, &tokens, &json!({})).await;
    let other_provider = token(&world, &renewing_provider(&world).await, &json!({})).await;
    let other_key = world.create_key_with_role(account, "account_admin").await;
    let of_other_key = request(&world, &tokens, &other_key, &json!({})).await.expect(200);
    let revoked = token(&world, &tokens, &json!({})).await;
    world.revoke(&demo.api_key, &revoked).await.expect(200);
    let rival = &world.rival;
    let of_rival = tokens_path(&rival.account_id, &rival.secure_anonymous.provider_id);
    let rivals = world.request_token(&of_rival, &rival.api_key).await.expect(200);
    let (head, _) = own.rsplit_once('.').expect("three parts");
    let mut refusals = Vec::new();
    for (case, renew) in [
        ("another provider's", other_provider),
        ("another key's", of_other_key.json.as_str().expect("a token").to_owned()),
        ("revoked", revoked),
        ("another tenant's", rivals.json.as_str().expect("a token").to_owned()),
        ("of window K", world.redeem(&demo.api_key).await.expect(200).text_at("token")),
        ("of OAuth", world.client_token(&demo.api_key, "token:r").await),
        ("tampered", tampered(&own)),
        ("unsigned", format!("{head}.")),
        ("no token", "x".to_owned()),
        ("long", "a.".repeat(20_000)),
    ] {
        let body = json!({ "renew": renew });
        let answer = request(&world, &tokens, &demo.api_key, &body).await;
        assert_eq!(
            (answer.status.as_u16(), &answer.json["field"]),
            (400, &json!("renew")),
            "{case}: {}",
            answer.text
        );
        refusals.push((case, answer.text));
    }
    for (case, text) in &refusals {
        assert_eq!(text, &refusals[0].1, "{case}");
    }
    request(&world, &tokens, &demo.api_key, &json!({ "renew": own })).await.expect(200);
}

#[tokio::test]
async fn f18_a_token_of_another_key_is_renewed_by_its_own_integration_only() {
    let world = World::shared();
    let tokens = renewing_provider(&world).await;
    let admin = &world.demo.admin_key;
    let issued = request(&world, &tokens, admin, &json!({})).await.expect(200);
    let body = json!({ "renew": issued.json });
    request(&world, &tokens, &world.demo.api_key, &body).await.expect_invalid("renew");
    request(&world, &tokens, admin, &body).await.expect(200);
    let without_right = world.create_key_with_role(&world.demo.account_id, "auditor").await;
    let refused = request(&world, &tokens, &without_right, &body).await;
    refused.expect_problem(403, "insufficient_scope");
}

#[tokio::test]
async fn f18_a_renewal_has_no_other_field_and_the_provider_must_allow_it() {
    let world = World::shared();
    let tokens = renewing_provider(&world).await;
    let own = token(&world, &tokens, &json!({})).await;
    for (field, value) in [
        ("subject", json!("visitor")),
        ("first_name", json!("Ada")),
        ("last_name", json!("L")),
        ("email", json!("a@b.co")),
        ("email_domain", json!("b.co")),
        ("metadata", json!({})),
    ] {
        let body = json!({ "renew": own, field: value });
        request(&world, &tokens, &world.demo.api_key, &body).await.expect_invalid("renew");
    }
    for renew in [json!(null), json!(1), json!([own])] {
        let body = json!({ "renew": renew });
        request(&world, &tokens, &world.demo.api_key, &body).await.expect_invalid("renew");
    }
    let (_, fixed) = world.create_provider(&world.demo.account_id).await;
    let of_fixed = token(&world, &fixed, &json!({})).await;
    let body = json!({ "renew": of_fixed });
    request(&world, &fixed, &world.demo.api_key, &body).await.expect_invalid("renew");
}

#[tokio::test]
async fn f18_a_caller_names_the_user_where_the_provider_allows_it() {
    let world = World::shared();
    let tokens = renewing_provider(&world).await;
    let longest = "\u{e9}".repeat(64);
    for subject in ["visitor-17", "7vcrn2enrtlrm5gnlqb24p5np2", " ", &longest] {
        let named = token(&world, &tokens, &json!({ "subject": subject })).await;
        let (_, read) = verified(&world, &named, Algorithm::EdDSA).await;
        assert_eq!(read["sub"], format!("anon:{subject}"));
    }
    for bad in [
        json!(""),
        json!("a".repeat(65)),
        json!("a\u{7}"),
        json!("a\nb"),
        json!("\u{fffd}"),
        json!(7),
        json!(null),
    ] {
        let body = json!({ "subject": bad });
        request(&world, &tokens, &world.demo.api_key, &body).await.expect_invalid("subject");
    }
    let (_, plain) = world.create_provider(&world.demo.account_id).await;
    let body = json!({ "subject": "visitor-17" });
    request(&world, &plain, &world.demo.api_key, &body).await.expect_invalid("subject");
}

#[tokio::test]
async fn f18_blank_form_fields_for_renewal_and_subject_count_as_absent() {
    let world = World::shared();
    let (_, plain) = world.create_provider(&world.demo.account_id).await;
    let call = world.post(&plain).signed(&world.demo.api_key).body(FORM, "renew=&subject=+&first_name=");
    call.send().await.expect(200);
    let tokens = renewing_provider(&world).await;
    let own = token(&world, &tokens, &json!({})).await;
    let form =
        serde_urlencoded::to_string([("renew", &*own), ("subject", ""), ("email", " ")]).expect("a form");
    let renewed = world.post(&tokens).signed(&world.demo.api_key).body(FORM, form).send().await.expect(200);
    assert_eq!(claims(renewed.json.as_str().expect("a token"))["sub"], claims(&own)["sub"]);
}
