//! `init --move-issuer`: the tokens of the former issuer stay valid until they end (A1, A2).

use api::OnFailure;
use serde_json::{Value, json};
use tokenbooth::{Deployment, Prepared};

use super::clock::TestClock;
use super::embedded::{ProxiedBooth, booth_with_clock};
use crate::support::jwt;
use crate::support::partner::Partner;
use crate::support::world::World;

const NEW: &str = "https://tokens.example";
const ENTITIES: &str = "/admin/v1/entities";

/// How long a former issuer is accepted: the longest lifetime of a token, the longest cache, and the clocks' difference.
const ACCEPTED_SECONDS: i64 = 86_400 + 300 + 5;

/// A booth whose clock and issuer the test sets.
struct MovableBooth {
    booth: ProxiedBooth,
    clock: TestClock,
    /// A partner whose site's tokens last 24 h.
    partner: Partner,
}

/// One token of each kind that names the issuer.
struct Tokens {
    anonymous: String,
    access: String,
    client: String,
    device: String,
}

impl MovableBooth {
    async fn new() -> Self {
        let clock = TestClock::new();
        let booth = booth_with_clock(0, OnFailure::Open, clock.for_function()).await;
        let partner = Partner::new(&booth.world, &booth.world.demo.account_id).await;
        booth.world.change(&partner.site.path, &json!({ "token_duration": 86_400 })).await.expect(200);
        Self { booth, clock, partner }
    }

    fn world(&self) -> &World {
        &self.booth.world
    }

    async fn move_to(&self, url: &str) -> Prepared {
        Deployment::prepare(&self.booth.start, url, true).await.expect("moved").1
    }

    /// Requests one token of each kind.
    async fn issue(&self) -> Tokens {
        let world = self.world();
        let (key, at) = (&world.demo.api_key, self.clock.unix_second());
        let anonymous = world.post(&world.demo_tokens()).signed_at(key, at).send().await.expect(200);
        Tokens {
            anonymous: anonymous.json.as_str().expect("a token").to_owned(),
            access: world.redeem(key).await.expect(200).text_at("token"),
            client: world.client_token(key, "entity:r").await,
            device: self.partner.site_token(world).await,
        }
    }

    /// The device's token as the site would issue it now, with this issuer.
    fn device_token_now(&self, token: &str, issuer: &str) -> String {
        let mut claims = jwt::claims(token);
        let iat = self.clock.unix_second();
        (claims["iat"], claims["exp"], claims["expiration"]) =
            (json!(iat), json!(iat + 86_400), json!(iat + 86_400));
        claims["iss"] = json!(issuer);
        jwt::sign_hs256(&json!({ "alg": "HS256", "typ": "JWT" }), &claims, &self.partner.site.secret)
    }

    /// Whether introspection accepts the token.
    async fn is_active(&self, token: &str) -> bool {
        self.world().introspect(&self.world().demo.api_key, token).await.is_active()
    }

    /// Whether introspection accepts each of the tokens.
    async fn active(&self, tokens: &Tokens) -> [bool; 4] {
        let Tokens { anonymous, access, client, device } = tokens;
        [
            self.is_active(anonymous).await,
            self.is_active(access).await,
            self.is_active(client).await,
            self.is_active(device).await,
        ]
    }

    /// Asserts what the routes that authenticate with the tokens answer.
    async fn expect_status(&self, tokens: &Tokens, status: u16) {
        let world = self.world();
        for bearer in [&tokens.access, &tokens.client] {
            world.get(ENTITIES).bearer(bearer).send().await.expect(status);
        }
        world.get("/v1/me/assertions").bearer(&tokens.anonymous).send().await.expect(status);
    }
}

fn issuers(tokens: &Tokens) -> [Value; 4] {
    let Tokens { anonymous, access, client, device } = tokens;
    [anonymous, access, client, device].map(|token| jwt::claims(token)["iss"].clone())
}

#[tokio::test]
async fn a1_a_token_issued_before_a_move_is_accepted_until_it_expires() {
    let booth = MovableBooth::new().await;
    let old = booth.issue().await;
    let former = booth.move_to(NEW).await.former_issuers.expect("moved");
    assert_eq!(former.iter().map(|it| &it.url).collect::<Vec<_>>(), [&booth.world().url]);
    assert_eq!(booth.active(&old).await, [true; 4]);
    booth.expect_status(&old, 200).await;

    let new = booth.issue().await;
    assert_eq!(issuers(&new), [NEW; 4]);
    assert_eq!(booth.active(&new).await, [true; 4]);
    booth.expect_status(&new, 200).await;

    booth.clock.set(booth.clock.unix_second() + 300);
    assert_eq!(booth.active(&old).await, [true, false, false, true], "K and OAuth tokens last 300 s");
}

#[tokio::test]
async fn a1_a_former_issuer_is_accepted_until_its_longest_token_has_expired() {
    let booth = MovableBooth::new().await;
    let (moved_at, old) = (booth.clock.unix_second(), booth.world().url.clone());
    let token = booth.issue().await.device;
    booth.move_to(NEW).await;

    // A function may cache the issuer for 300 s.
    booth.clock.set(moved_at + 300);
    let last = booth.device_token_now(&token, &old);
    for (second, active) in [(300, true), (300 + 86_399, true), (300 + 86_400, false)] {
        booth.clock.set(moved_at + second);
        assert_eq!(booth.is_active(&last).await, active, "{second}");
    }
    for (second, accepted) in [(ACCEPTED_SECONDS - 1, true), (ACCEPTED_SECONDS, false)] {
        booth.clock.set(moved_at + second);
        let young = booth.device_token_now(&token, &old);
        assert_eq!(booth.is_active(&young).await, accepted, "{second}");
        assert!(booth.is_active(&booth.device_token_now(&token, NEW)).await, "{second}");
    }
}

#[tokio::test]
async fn a1_moves_back_and_forth_and_twice_keep_all_tokens() {
    let booth = MovableBooth::new().await;
    let (first_url, first) = (booth.world().url.clone(), booth.issue().await);
    booth.move_to(NEW).await;
    let second = booth.issue().await;
    booth.move_to("https://third.example").await;
    let third = booth.issue().await;
    for url in [&*first_url, NEW, "https://third.example"] {
        booth.move_to(url).await;
        for tokens in [&first, &second, &third] {
            assert_eq!(booth.active(tokens).await, [true; 4], "{url}");
            booth.expect_status(tokens, 200).await;
        }
    }
}

#[tokio::test]
async fn a1_a_move_to_the_same_url_changes_nothing() {
    let booth = MovableBooth::new().await;
    let url = booth.world().url.clone();
    assert_eq!(booth.move_to(&url).await.former_issuers, None);
    booth.move_to(NEW).await;
    booth.clock.set(booth.clock.unix_second() + 100);
    assert_eq!(booth.move_to(NEW).await.former_issuers, None);
}

#[tokio::test]
async fn a1_the_discovery_documents_name_only_the_new_issuer() {
    let booth = MovableBooth::new().await;
    let old = booth.world().url.clone();
    booth.move_to(NEW).await;
    for path in ["/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"] {
        let answer = booth.world().get(path).send().await.expect(200);
        assert_eq!(answer.json["issuer"], NEW);
        assert!(!answer.text.contains(&old), "{}", answer.text);
    }
}

#[tokio::test]
async fn a1_a_url_that_never_was_the_issuer_is_refused() {
    let booth = MovableBooth::new().await;
    let (token, old) = (booth.issue().await.device, booth.world().url.clone());
    booth.move_to(NEW).await;
    for (issuer, accepted) in [(&*old, true), (NEW, true), ("https://other.example", false), ("", false)] {
        let forged = booth.device_token_now(&token, issuer);
        assert_eq!(booth.is_active(&forged).await, accepted, "{issuer}");
    }
}
