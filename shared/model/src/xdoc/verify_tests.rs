//! Which tokens verification accepts and refuses (X6, X7, X9).

use crypto::{Iv, KeyBits, Mode, Padding, TokenKey, WorkCount};
use jiff::Timestamp;
use serde_json::json;

use crate::{
    FailureReason, Format, OpenTokenSet, Plaintext, PresentedTokens, Scheme, TokenFields, TokenKind,
    TokenSettings, Verified, build_token, verify_tokens,
};

pub(crate) const MODES: [Mode; 4] = [Mode::Cbc, Mode::Ecb, Mode::Gcm, Mode::Jwe];
pub(crate) const PADDINGS: [Padding; 3] = [Padding::Pkcs7, Padding::Zeros, Padding::None];
pub(crate) const GEN_DT: &str = "2027-01-15T00:00:00-08:00";

pub(crate) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + seconds).unwrap()
}

pub(crate) fn set(mode: Mode, padding: Padding, key: u8, app_keys: &[&str]) -> OpenTokenSet {
    let iv = Iv::try_from("00112233445566778899aabbccddeeff".to_owned()).ok();
    let scheme = Scheme { mode, key_bits: KeyBits::Aes256, padding, iv };
    let key = TokenKey::parse(&format!("{key:02x}").repeat(32), KeyBits::Aes256).unwrap();
    let app_keys = serde_json::from_value(json!(app_keys)).unwrap();
    OpenTokenSet { cipher: scheme.cipher(&key).unwrap(), padding, app_keys }
}

pub(crate) fn settings() -> TokenSettings {
    serde_json::from_value(json!({ "security_context": { "value": "MyContext" } })).unwrap()
}

fn fields(of: &[(&str, &str)]) -> TokenFields {
    let pairs = of.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect::<Vec<_>>();
    TokenFields::try_from(pairs).unwrap()
}

const SECURITY: [(&str, &str); 4] =
    [("Context", "MyContext"), ("AppId", "MyAppId"), ("AppKey", "MyAppKey"), ("GenDT", GEN_DT)];
const USER: [(&str, &str); 2] = [("UserName", "admin"), ("Display", "John Doe")];

/// A security token's plaintext with one field changed.
pub(crate) fn security(name: &str, text: &str) -> Plaintext {
    let changed = SECURITY.map(|(field, before)| (field, if field == name { text } else { before }));
    fields(&changed).complete(TokenKind::Security, at(0)).unwrap()
}

fn user() -> Plaintext {
    fields(&USER).complete(TokenKind::User, at(0)).unwrap()
}

fn both() -> Plaintext {
    fields(&[&SECURITY[..], &USER].concat()).complete(TokenKind::Combined, at(0)).unwrap()
}

fn token(set: &OpenTokenSet, plaintext: &Plaintext) -> String {
    build_token(set, plaintext, Format::Xml).unwrap().token
}

fn call<'c>(xst: Option<&'c str>, xut: Option<&'c str>, xsc: Option<&'c str>) -> PresentedTokens<'c> {
    PresentedTokens { xst, xut, xsc }
}

/// The result of verification at 10 s after the tokens were made.
fn result(
    sets: &[OpenTokenSet],
    settings: &TokenSettings,
    presented: PresentedTokens<'_>,
) -> Result<Verified, FailureReason> {
    verify_tokens(sets, settings, presented, at(10)).result.map_err(|failed| failed.0)
}

fn parts(verified: Result<Verified, FailureReason>) -> Result<(bool, bool), FailureReason> {
    verified.map(|verified| (verified.security_token.is_some(), verified.user_token.is_some()))
}

#[test]
fn x7_tokens_are_accepted_in_their_own_parameters_only() {
    let sets = [set(Mode::Gcm, Padding::Pkcs7, 1, &["MyAppKey"])];
    let (xst, xut) = (token(&sets[0], &security("", "")), token(&sets[0], &user()));
    let combined = token(&sets[0], &both());
    let (mut optional, mut named) = (settings(), settings());
    optional.security_token.required = false;
    named.security_context.required = true;
    let (xst, xut, combined, context) = (Some(&*xst), Some(&*xut), Some(&*combined), Some("MyContext"));
    for (case, settings, presented, expected) in [
        ("both", &settings(), call(xst, xut, None), Ok((true, true))),
        ("both and the context", &settings(), call(xst, xut, context), Ok((true, true))),
        ("a security token", &settings(), call(xst, None, context), Ok((true, false))),
        ("a combined one as XST", &settings(), call(combined, None, None), Ok((true, true))),
        ("a combined one as XUT", &settings(), call(None, combined, None), Ok((true, true))),
        ("a security token as XUT", &settings(), call(None, xst, None), Ok((true, false))),
        ("a user token", &settings(), call(None, xut, None), Err(FailureReason::NoSecurityToken)),
        (
            "a user token where no security token is required",
            &optional,
            call(None, xut, None),
            Ok((false, true)),
        ),
        (
            "a user token in another context",
            &optional,
            call(None, xut, Some("Other")),
            Err(FailureReason::Context),
        ),
        ("another context", &settings(), call(xst, xut, Some("Other")), Err(FailureReason::Context)),
        ("another case", &settings(), call(xst, xut, Some("mycontext")), Err(FailureReason::Context)),
        ("an empty context", &settings(), call(xst, xut, Some("")), Err(FailureReason::Context)),
        ("no context where it is required", &named, call(xst, xut, None), Err(FailureReason::NoContext)),
        ("a context where it is required", &named, call(xst, xut, context), Ok((true, true))),
        ("nothing", &optional, call(None, None, context), Err(FailureReason::NoToken)),
        ("XST and XUT exchanged", &settings(), call(xut, xst, None), Err(FailureReason::WrongParameter)),
        ("one token twice", &settings(), call(xst, xst, None), Err(FailureReason::WrongParameter)),
        (
            "a combined one and a user token",
            &settings(),
            call(combined, xut, None),
            Err(FailureReason::WrongParameter),
        ),
    ] {
        assert_eq!(parts(result(&sets, settings, presented)), expected, "{case}");
    }
}

#[test]
fn x7_without_a_configured_context_token_and_call_must_agree() {
    let sets = [set(Mode::Gcm, Padding::Pkcs7, 1, &[])];
    let xst = token(&sets[0], &security("Context", "Any"));
    let settings = TokenSettings::default();
    for (xsc, expected) in [(None, true), (Some("Any"), true), (Some("Other"), false)] {
        assert_eq!(result(&sets, &settings, call(Some(&xst), None, xsc)).is_ok(), expected, "{xsc:?}");
    }
}

#[test]
fn x7_an_app_key_must_be_one_of_the_token_set_s_if_it_has_any() {
    let other = "AnotherKey";
    for (case, keys, expected) in [
        ("none", &[][..], Ok((true, false))),
        ("the one", &["MyAppKey"], Ok((true, false))),
        ("the last", &[other, "MyAppKey"], Ok((true, false))),
        ("another", &[other], Err(FailureReason::AppKey)),
        ("one with more", &["MyAppKey1"], Err(FailureReason::AppKey)),
    ] {
        let sets = [set(Mode::Ecb, Padding::Pkcs7, 1, keys)];
        let xst = token(&sets[0], &security("", ""));
        assert_eq!(parts(result(&sets, &settings(), call(Some(&xst), None, None))), expected, "{case}");
    }
}

#[test]
fn x7_gen_dt_is_at_most_300_s_ago_and_60_s_ahead() {
    let sets = [set(Mode::Gcm, Padding::Pkcs7, 1, &[])];
    let xst = token(&sets[0], &security("GenDT", "2027-01-15T09:00:00+01:00")); // at(0)
    let presented = PresentedTokens { xst: Some(&xst), ..PresentedTokens::default() };
    for (now, expected) in [(-61, false), (-60, true), (0, true), (300, true), (301, false)] {
        let result = verify_tokens(&sets, &settings(), presented, at(now)).result;
        assert_eq!(
            result.map_err(|failed| failed.0).err(),
            (!expected).then_some(FailureReason::GenDt),
            "{now}"
        );
    }
    let later = at(300).checked_add(jiff::SignedDuration::from_nanos(1)).unwrap();
    assert!(verify_tokens(&sets, &settings(), presented, later).result.is_err());
    let mut wide = settings();
    wide.gen_dt = serde_json::from_value(json!({ "past_seconds": 400, "future_seconds": 0 })).unwrap();
    for (now, expected) in [(-1, false), (0, true), (400, true), (401, false)] {
        assert_eq!(verify_tokens(&sets, &wide, presented, at(now)).result.is_ok(), expected, "{now}");
    }
}

#[test]
fn x7_every_active_token_set_is_tried() {
    let sets: Vec<_> =
        (1..=5).map(|key| set(MODES[usize::from(key) % 4], Padding::Pkcs7, key, &["MyAppKey"])).collect();
    for of in &sets {
        let (xst, xut) = (token(of, &security("", "")), token(&sets[0], &user()));
        let verified = result(&sets, &settings(), call(Some(&xst), Some(&xut), None)).unwrap();
        assert_eq!(verified.user_token.unwrap().display.as_str(), "John Doe");
        assert!(result(&sets[1..1], &settings(), call(Some(&xst), None, None)).is_err(), "no set");
    }
    let foreign = set(Mode::Gcm, Padding::Pkcs7, 9, &[]);
    let xst = token(&foreign, &security("", ""));
    assert!(matches!(
        result(&sets, &settings(), call(Some(&xst), None, None)),
        Err(FailureReason::NotDecrypted(_) | FailureReason::InvalidPlaintext(_))
    ));
}

#[test]
fn x9_tokens_are_authenticated_only_in_a_mode_with_authentication() {
    for mode in MODES {
        let (one, gcm) = (set(mode, Padding::Pkcs7, 1, &[]), set(Mode::Gcm, Padding::Pkcs7, 2, &[]));
        let (xst, xut) = (token(&one, &security("", "")), token(&gcm, &user()));
        let verified = result(&[one, gcm], &settings(), call(Some(&xst), Some(&xut), None)).unwrap();
        assert_eq!(verified.authenticated, mode.is_authenticated(), "{mode:?}");
    }
}

#[test]
fn x7_tokens_that_are_too_long_are_refused_without_work() {
    let sets = [set(Mode::Cbc, Padding::Pkcs7, 1, &[])];
    let (most, more) = ("A".repeat(16 * 1024), "A".repeat(16 * 1024 + 1));
    for (case, presented, is_done) in [
        ("the longest", PresentedTokens { xst: Some(&most), ..PresentedTokens::default() }, true),
        ("XST", PresentedTokens { xst: Some(&more), ..PresentedTokens::default() }, false),
        ("XUT", PresentedTokens { xst: Some("A"), xut: Some(&more), xsc: None }, false),
        ("XSC", PresentedTokens { xst: Some("A"), xut: None, xsc: Some(&most[..257]) }, false),
    ] {
        let verification = verify_tokens(&sets, &settings(), presented, at(0));
        assert_eq!(verification.work != WorkCount::default(), is_done, "{case}");
        assert_eq!(verification.result.unwrap_err().to_string(), "the tokens are refused", "{case}");
    }
}

#[test]
fn x6_gen_dt_defaults_to_now_and_missing_fields_are_refused() {
    let without = &SECURITY[..3];
    let built = fields(without).complete(TokenKind::Security, at(0)).unwrap();
    assert_eq!(built.security.unwrap().gen_dt.as_str(), "2027-01-15T08:00:00Z");
    for (case, of, kind) in [
        ("no field", &[][..], TokenKind::Security),
        ("no field of a user", &SECURITY[..], TokenKind::Combined),
        ("a user's field", &[("UserName", "a"), ("Context", "b")], TokenKind::Security),
        ("a security token's field", &[("UserName", "a"), ("Display", "b"), ("AppId", "c")], TokenKind::User),
        ("one field of two", &USER[..1], TokenKind::User),
    ] {
        assert!(fields(of).complete(kind, at(0)).is_err(), "{case}");
    }
    assert!(fields(&USER).complete(TokenKind::User, at(0)).unwrap().security.is_none());
}

#[test]
fn x3_a_built_token_is_url_encoded() {
    for mode in MODES {
        let built = build_token(&set(mode, Padding::Pkcs7, 1, &[]), &both(), Format::Json).unwrap();
        let expected = built.token.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
        assert_eq!(built.url_encoded, expected, "{mode:?}");
        assert!(!format!("{built:?}").contains("admin"), "{mode:?}");
    }
}

#[test]
fn x6_every_built_token_is_verified_in_every_mode_padding_and_format() {
    for (mode, padding, format) in MODES.into_iter().flat_map(|mode| {
        PADDINGS.into_iter().flat_map(move |padding| {
            [Format::Xml, Format::Json, Format::Form].map(move |format| (mode, padding, format))
        })
    }) {
        let sets = [set(mode, padding, 1, &["MyAppKey"])];
        let built = build_token(&sets[0], &both(), format).unwrap();
        let verified = result(&sets, &settings(), call(Some(&built.token), None, Some("MyContext"))).unwrap();
        let user = verified.user_token.unwrap();
        assert_eq!(user.display.as_str(), "John Doe", "{mode:?} {padding:?} {format:?}");
    }
}
