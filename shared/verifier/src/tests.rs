//! Attacks on a verifier, and the cache of its keys.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use crypto::{JwkSet, Secret, SigningKey};
use data_encoding::BASE64URL_NOPAD;
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::*;

const ISSUER: &str = "https://booth.example";
const AUDIENCE: &str = "https://api.example";
const NOW: i64 = 1_800_000_000;
const BOUNDS: KeyBounds = KeyBounds {
    refresh_after: SignedDuration::from_secs(300),
    fetch_interval: SignedDuration::from_secs(30),
    keep_for: SignedDuration::from_secs(3600),
};

/// Serves a document, or fails, and counts the fetches.
#[derive(Debug, Clone, Default)]
struct Documents {
    next: Arc<Mutex<Option<String>>>,
    fetches: Arc<AtomicUsize>,
}

impl Documents {
    fn serve(&self, document: impl Into<Option<String>>) {
        *self.next.lock().unwrap() = document.into();
    }

    fn fetches(&self) -> usize {
        self.fetches.load(Ordering::SeqCst)
    }
}

impl KeySource for Documents {
    async fn fetch(&self) -> Result<Vec<u8>, FetchError> {
        self.fetches.fetch_add(1, Ordering::SeqCst);
        tokio::task::yield_now().await;
        let document = self.next.lock().unwrap().clone();
        document.map(String::into_bytes).ok_or_else(|| "unreachable".into())
    }
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(NOW + seconds).unwrap()
}

fn key(algorithm: Algorithm) -> SigningKey {
    SigningKey::from_pkcs8(algorithm, &SigningKey::generate(algorithm).unwrap()).unwrap()
}

fn jwks(keys: &[&SigningKey]) -> String {
    let set = JwkSet { keys: keys.iter().map(|key| key.jwk().clone()).collect() };
    serde_json::to_string(&set).unwrap()
}

fn claims() -> Value {
    json!({
        "iss": ISSUER, "aud": AUDIENCE, "sub": "client", "client_id": "client", "iat": NOW, "exp": NOW + 300,
        "jti": "1", "scope": "orders:read orders:write", "entity_path": ["customer", "account"],
    })
}

fn with(name: &str, value: impl Into<Value>) -> Value {
    let mut claims = claims();
    claims[name] = value.into();
    claims
}

fn settings(algorithm: Algorithm) -> Settings {
    Settings::new(ISSUER, AUDIENCE, algorithm).unwrap()
}

/// A verifier for RS256 whose issuer publishes `keys`.
fn verifier(keys: &[&SigningKey]) -> (Verifier<Documents>, Documents) {
    let documents = Documents::default();
    documents.serve(jwks(keys));
    (Verifier::new(settings(Algorithm::RS256), documents.clone(), BOUNDS), documents)
}

/// `claims` under `header`, with the signature of `by` if there is one.
fn forged(header: &Value, claims: &Value, signature: &str) -> String {
    let part = |json: &Value| BASE64URL_NOPAD.encode(json.to_string().as_bytes());
    format!("{}.{}.{signature}", part(header), part(claims))
}

async fn refusal(verifier: &Verifier<Documents>, token: &str, now: Timestamp) -> Option<Refusal> {
    match verifier.verify::<Claims>(token, now).await {
        Ok(_) => None,
        Err(VerifyError::Refused(refusal)) => Some(refusal),
        Err(VerifyError::KeysUnavailable(error)) => panic!("{error}"),
    }
}

#[tokio::test]
async fn a3_a_token_of_the_audience_is_accepted_with_its_claims() {
    let mine = key(Algorithm::RS256);
    let (verifier, documents) = verifier(&[&mine]);
    let token = mine.sign(TokenType::AccessToken, &claims()).unwrap();
    let found: Claims = verifier.verify(&token, at(0)).await.unwrap();
    assert_eq!((&*found.sub, found.client_id.as_deref()), ("client", Some("client")));
    assert_eq!(found.entity_path, ["customer", "account"]);
    assert!(found.scope.contain(["orders:read", "orders:write"]) && found.scope.contain([]));
    assert!(!found.scope.contain(["orders:read", "orders:delete"]));
    assert_eq!(found.scope.iter().collect::<Vec<_>>(), ["orders:read", "orders:write"]);
    assert_eq!(refusal(&verifier, &token, at(299)).await, None);
    assert_eq!(documents.fetches(), 1);
}

#[tokio::test]
async fn a3_each_attack_on_the_header_is_refused() {
    let (mine, other, eddsa) = (key(Algorithm::RS256), key(Algorithm::RS256), key(Algorithm::EdDSA));
    let (verifier, documents) = verifier(&[&mine, &eddsa]);
    verifier.prepare(at(0)).await.unwrap();
    let signature = mine.sign(TokenType::AccessToken, &claims()).unwrap();
    let signature = signature.rsplit_once('.').unwrap().1.to_owned();
    let kid = mine.kid();
    let modulus = serde_json::to_value(mine.jwk()).unwrap()["n"].as_str().unwrap().to_owned();
    let header = |alg: &str, typ: &str| json!({ "alg": alg, "typ": typ, "kid": kid });
    let hs256 = crypto::sign_hs256(&Secret::from(modulus), Some(kid), &claims()).unwrap();
    let unknown = Some(Refusal::Signature(SignatureError::UnknownKey));
    let malformed = Some(Refusal::Signature(SignatureError::Malformed));
    for (case, token, expected) in [
        ("alg none", forged(&header("none", "at+jwt"), &claims(), ""), Some(Refusal::WrongAlgorithm)),
        ("alg NONE", forged(&header("NONE", "at+jwt"), &claims(), ""), Some(Refusal::WrongAlgorithm)),
        ("HS256 with the public key", hs256, Some(Refusal::WrongAlgorithm)),
        ("RS512", forged(&header("RS512", "at+jwt"), &claims(), &signature), Some(Refusal::WrongAlgorithm)),
        ("rs256", forged(&header("rs256", "at+jwt"), &claims(), &signature), Some(Refusal::WrongAlgorithm)),
        (
            "another key's algorithm",
            eddsa.sign(TokenType::AccessToken, &claims()).unwrap(),
            Some(Refusal::WrongAlgorithm),
        ),
        (
            "the id of a key of another algorithm",
            forged(&json!({ "alg": "RS256", "typ": "at+jwt", "kid": eddsa.kid() }), &claims(), &signature),
            unknown,
        ),
        ("typ JWT", mine.sign(TokenType::Jwt, &claims()).unwrap(), Some(Refusal::WrongType)),
        (
            "no typ",
            forged(&json!({ "alg": "RS256", "kid": kid }), &claims(), &signature),
            Some(Refusal::WrongType),
        ),
        ("no kid", forged(&json!({ "alg": "RS256", "typ": "at+jwt" }), &claims(), &signature), unknown),
        ("an unknown key", other.sign(TokenType::AccessToken, &claims()).unwrap(), unknown),
        (
            "crit",
            forged(
                &json!({ "alg": "RS256", "typ": "at+jwt", "kid": kid, "crit": ["x"] }),
                &claims(),
                &signature,
            ),
            malformed,
        ),
        (
            "a key in the header",
            forged(
                &json!({ "alg": "RS256", "typ": "at+jwt", "kid": kid, "jwk": other.jwk() }),
                &claims(),
                &signature,
            ),
            malformed,
        ),
        (
            "a URL of keys in the header",
            forged(
                &json!({ "alg": "RS256", "typ": "at+jwt", "kid": kid, "jku": "https://evil.example" }),
                &claims(),
                &signature,
            ),
            malformed,
        ),
        (
            "other claims under the signature",
            forged(&header("RS256", "at+jwt"), &with("sub", "x"), &signature),
            Some(Refusal::Signature(SignatureError::Invalid)),
        ),
        (
            "no signature",
            forged(&header("RS256", "at+jwt"), &claims(), ""),
            Some(Refusal::Signature(SignatureError::Invalid)),
        ),
        ("no token", "x".to_owned(), malformed),
        ("nothing", String::new(), malformed),
        ("longer than 16 KiB", "a".repeat(20_000), malformed),
    ] {
        assert_eq!(refusal(&verifier, &token, at(0)).await, expected, "{case}");
    }
    assert_eq!(documents.fetches(), 1, "none of them causes a fetch so soon after the first one");
}

#[tokio::test]
async fn a3_each_attack_on_the_claims_is_refused() {
    let mine = key(Algorithm::RS256);
    let (verifier, _) = verifier(&[&mine]);
    let missing = Some(Refusal::MissingClaim);
    let malformed = Some(Refusal::Signature(SignatureError::Invalid));
    for (case, claims, expected) in [
        ("another issuer", with("iss", "https://evil.example"), Some(Refusal::WrongIssuer)),
        ("a longer issuer", with("iss", format!("{ISSUER}/")), Some(Refusal::WrongIssuer)),
        ("the booth's own token", with("aud", ISSUER), Some(Refusal::WrongAudience)),
        ("another API's token", with("aud", "https://other.example"), Some(Refusal::WrongAudience)),
        ("a longer audience", with("aud", format!("{AUDIENCE}/")), Some(Refusal::WrongAudience)),
        ("several audiences", with("aud", json!([AUDIENCE, ISSUER])), malformed),
        ("no issuer", with("iss", Value::Null), malformed),
        ("no audience", with("aud", Value::Null), malformed),
        ("no expiration", with("exp", Value::Null), malformed),
        ("an expiration as text", with("exp", "1900000000"), malformed),
        ("no issue time", with("iat", Value::Null), malformed),
        ("expired", with("exp", NOW), Some(Refusal::Expired)),
        ("the last second", with("exp", NOW + 1), None),
        ("issued later", with("iat", NOW + 6), Some(Refusal::NotYetValid)),
        ("issued by a faster clock", with("iat", NOW + 5), None),
        ("valid later", with("nbf", NOW + 6), Some(Refusal::NotYetValid)),
        (
            "valid later, by its issue time",
            {
                let mut claims = with("nbf", NOW - 600);
                claims["iat"] = json!(NOW + 600);
                claims
            },
            Some(Refusal::NotYetValid),
        ),
        ("valid until the end of time", with("nbf", i64::MIN), None),
        ("no subject", with("sub", Value::Null), missing),
        ("no id", with("jti", Value::Null), missing),
    ] {
        let token = mine.sign(TokenType::AccessToken, &claims).unwrap();
        assert_eq!(refusal(&verifier, &token, at(0)).await, expected, "{case}");
    }
}

#[tokio::test]
async fn a3_a_token_for_an_anonymous_user_is_accepted_only_on_request() {
    let mine = key(Algorithm::EdDSA);
    let documents = Documents::default();
    documents.serve(jwks(&[&mine]));
    let token = mine.sign(TokenType::Jwt, &claims()).unwrap();
    let settings = settings(Algorithm::EdDSA);
    let strict = Verifier::new(settings.clone(), documents.clone(), BOUNDS);
    assert_eq!(refusal(&strict, &token, at(0)).await, Some(Refusal::WrongType));
    let both = Verifier::new(settings.with_anonymous_tokens(), documents, BOUNDS);
    assert_eq!(refusal(&both, &token, at(0)).await, None);
    let access_token = mine.sign(TokenType::AccessToken, &claims()).unwrap();
    assert_eq!(refusal(&both, &access_token, at(0)).await, None);
}

#[tokio::test]
async fn a10_a_new_key_is_fetched_once_in_the_interval() {
    let (old, new) = (key(Algorithm::RS256), key(Algorithm::RS256));
    let (verifier, documents) = verifier(&[&old]);
    let unknown = Some(Refusal::Signature(SignatureError::UnknownKey));
    let token = new.sign(TokenType::AccessToken, &claims()).unwrap();
    assert_eq!(refusal(&verifier, &token, at(0)).await, unknown);
    documents.serve(jwks(&[&old, &new]));
    assert_eq!(refusal(&verifier, &token, at(29)).await, unknown);
    assert_eq!(documents.fetches(), 1);
    assert_eq!(refusal(&verifier, &token, at(30)).await, None);
    assert_eq!(documents.fetches(), 2);
}

#[tokio::test]
async fn a3_calls_at_the_same_time_share_a_fetch() {
    let mine = key(Algorithm::RS256);
    let (verifier, documents) = verifier(&[&mine]);
    let token = mine.sign(TokenType::AccessToken, &claims()).unwrap();
    let call = || refusal(&verifier, &token, at(0));
    let found = tokio::join!(call(), call(), call(), call());
    assert_eq!(found, (None, None, None, None));
    assert_eq!(documents.fetches(), 1);
}

#[tokio::test]
async fn a3_old_keys_are_used_for_a_bounded_time_while_the_fetch_fails() {
    let mine = key(Algorithm::RS256);
    let (verifier, documents) = verifier(&[&mine]);
    verifier.prepare(at(0)).await.unwrap();
    let token = mine.sign(TokenType::AccessToken, &with("exp", NOW + 100_000)).unwrap();
    let failures = [None, Some("no JSON".to_owned()), Some(" ".repeat(100_000))];
    for (failure, second) in failures.into_iter().zip([400, 430, 460]) {
        documents.serve(failure);
        let before = documents.fetches();
        assert_eq!(refusal(&verifier, &token, at(second)).await, None);
        assert_eq!(documents.fetches(), before + 1, "{second}");
    }
    documents.serve(None);
    assert_eq!(refusal(&verifier, &token, at(3599)).await, None);
    let verified: Result<Claims, _> = verifier.verify(&token, at(3600)).await;
    assert!(matches!(verified, Err(VerifyError::KeysUnavailable(_))), "{verified:?}");
    documents.serve(jwks(&[&mine]));
    assert_eq!(refusal(&verifier, &token, at(3700)).await, None);
}

#[tokio::test]
async fn a10_a_key_that_is_no_longer_published_is_refused_after_the_refresh() {
    let (old, new) = (key(Algorithm::RS256), key(Algorithm::RS256));
    let (verifier, documents) = verifier(&[&old]);
    let token = old.sign(TokenType::AccessToken, &with("exp", NOW + 100_000)).unwrap();
    assert_eq!(refusal(&verifier, &token, at(0)).await, None);
    documents.serve(jwks(&[&new]));
    assert_eq!(refusal(&verifier, &token, at(299)).await, None);
    let unknown = Some(Refusal::Signature(SignatureError::UnknownKey));
    assert_eq!(refusal(&verifier, &token, at(300)).await, unknown);
}

#[tokio::test]
async fn a3_without_keys_no_token_is_accepted_and_the_fetch_is_repeated_in_the_interval() {
    let documents = Documents::default();
    let verifier = Verifier::new(settings(Algorithm::RS256), documents.clone(), BOUNDS);
    for (second, fetches) in [(0, 1), (29, 1), (30, 2)] {
        assert!(verifier.prepare(at(second)).await.is_err());
        assert_eq!(documents.fetches(), fetches, "{second}");
    }
}

#[tokio::test]
async fn a3_a_document_may_have_keys_that_nobody_here_knows() {
    let mine = key(Algorithm::RS256);
    let (verifier, documents) = verifier(&[&mine]);
    let mut document: Value = serde_json::from_str(&jwks(&[&mine])).unwrap();
    document["keys"]
        .as_array_mut()
        .unwrap()
        .insert(0, json!({ "kty": "AKP", "alg": "ML-DSA-44", "kid": mine.kid() }));
    document["keys"].as_array_mut().unwrap().push(json!("nonsense"));
    documents.serve(document.to_string());
    let token = mine.sign(TokenType::AccessToken, &claims()).unwrap();
    assert_eq!(refusal(&verifier, &token, at(0)).await, None);
}
