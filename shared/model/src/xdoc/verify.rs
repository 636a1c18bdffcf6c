//! Verifying security and user tokens so that no refusal is told from another (X7).
//!
//! Every active token set is tried on every token, every step of every try is taken whatever the one before found, over
//! as many bytes, and only then is it said whether all were well. [`WorkCount`] counts the steps and bytes where they are
//! done, and a property test holds failures to each other by it.

use crypto::{WorkCount, constant_time_eq};
use jiff::Timestamp;

use crate::{
    FailureReason, FieldText, OpenTokenSet, Plaintext, SecurityToken, TokenFields, TokenSettings, UserToken,
    VerificationFailed,
};

/// The longest token read, in bytes of Base64 or JWE.
pub const MAX_TOKEN_BYTES: usize = 16 * 1024;

/// What a call brings (X6).
#[derive(Clone, Copy, Default)]
pub struct PresentedTokens<'c> {
    /// The security token, or the single combined one.
    pub xst: Option<&'c str>,
    /// The user token, or the single combined one.
    pub xut: Option<&'c str>,
    /// The security context.
    pub xsc: Option<&'c str>,
}

impl std::fmt::Debug for PresentedTokens<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PresentedTokens(redacted)")
    }
}

/// What verified tokens say.
#[derive(Debug, Clone)]
pub struct Verified {
    /// The security token's fields.
    pub security_token: Option<SecurityToken>,
    /// The user token's fields.
    pub user_token: Option<UserToken>,
    /// Whether a mode with authentication vouches for all of it (X9).
    pub authenticated: bool,
}

/// An answer, and what it took.
#[derive(Debug)]
pub struct Verification {
    /// The fields, or the refusal.
    pub result: Result<Verified, VerificationFailed>,
    /// The work done, for tests.
    pub work: WorkCount,
}

/// Verifies what a call brings against a project's settings and its active token sets (X7).
///
/// The context: a token's `Context` equals the configured one, if there is one, and `XSC`, if it is sent; `XSC` equals
/// the configured one even without a security token; where it is required it has to be sent.
#[must_use]
pub fn verify_tokens(
    sets: &[OpenTokenSet],
    settings: &TokenSettings,
    presented: PresentedTokens<'_>,
    now: Timestamp,
) -> Verification {
    let mut check = Check { sets, settings, xsc: presented.xsc, now, work: WorkCount::default() };
    let result = check.all(presented).map_err(VerificationFailed);
    Verification { result, work: check.work }
}

/// A verification under way.
struct Check<'c> {
    sets: &'c [OpenTokenSet],
    settings: &'c TokenSettings,
    xsc: Option<&'c str>,
    now: Timestamp,
    work: WorkCount,
}

/// A token that passed under one of the sets.
struct Passed {
    plaintext: Plaintext,
    is_authenticated: bool,
}

impl Check<'_> {
    fn all(
        &mut self,
        PresentedTokens { xst, xut, xsc }: PresentedTokens<'_>,
    ) -> Result<Verified, FailureReason> {
        // What is told apart here the caller knows: how many tokens there are, and how long.
        if [xst, xut].into_iter().flatten().any(|token| token.len() > MAX_TOKEN_BYTES) || is_long(xsc) {
            return Err(FailureReason::TooLong);
        }
        let xst = xst.map(|token| self.token(token));
        let xut = xut.map(|token| self.token(token));
        let context = self.context_of_call();
        let passed = match (xst, xut) {
            (None, None) => Err(FailureReason::NoToken),
            (Some(only), None) | (None, Some(only)) => only,
            (Some(xst), Some(xut)) => xst.and_then(|xst| join(xst, xut?)),
        };
        let Passed { plaintext, is_authenticated } = passed?;
        context?;
        if self.settings.security_token.required && plaintext.security.is_none() {
            return Err(FailureReason::NoSecurityToken);
        }
        let Plaintext { security, user } = plaintext;
        Ok(Verified { security_token: security, user_token: user, authenticated: is_authenticated })
    }

    /// Tries every set on a token.
    fn token(&mut self, token: &str) -> Result<Passed, FailureReason> {
        let sets = self.sets;
        let tries: Vec<_> = sets.iter().map(|set| self.token_under(set, token)).collect();
        let furthest = |one: Result<_, FailureReason>, other: Result<_, FailureReason>| match (one, other) {
            (Ok(passed), _) | (_, Ok(passed)) => Ok(passed),
            (Err(one), Err(other)) => Err(if one.rank() < other.rank() { other } else { one }),
        };
        tries.into_iter().reduce(furthest).unwrap_or(Err(FailureReason::NoTokenSet))
    }

    /// All steps of one set on one token; a step that fails hands the next one a decoy.
    fn token_under(&mut self, set: &OpenTokenSet, token: &str) -> Result<Passed, FailureReason> {
        let opened = set.cipher.open(token);
        self.work += opened.work();
        let faults = opened.faults();
        let read = Plaintext::read_whole(opened.dangerous_bytes(), opened.length(), &mut self.work);
        let decoy = decoy();
        let security = read.as_ref().ok().and_then(|plaintext| plaintext.security.as_ref());
        let judged = self.security(security.or(decoy.as_ref()), set);
        let is_authenticated = set.cipher.mode().is_authenticated();
        if !faults.is_empty() {
            return Err(FailureReason::NotDecrypted(faults));
        }
        let plaintext = read.map_err(FailureReason::InvalidPlaintext)?;
        if plaintext.security.is_some() {
            judged?;
        }
        Ok(Passed { plaintext, is_authenticated })
    }

    /// All comparisons of a security token, none of them left out for another's result.
    fn security(&mut self, token: Option<&SecurityToken>, set: &OpenTokenSet) -> Result<(), FailureReason> {
        let context = token.map_or("", |token| token.context.as_str());
        let configured = self.settings.security_context.value.as_ref().map(FieldText::as_str);
        let is_configured = self.equal(configured, context);
        let is_called = self.equal(self.xsc, context);
        let app_key = token.map_or("", |token| token.app_key.reveal());
        let is_key =
            set.app_keys.iter().fold(false, |found, key| self.equal(Some(key.reveal()), app_key) | found);
        let is_now = self.is_now(token.map_or(Timestamp::UNIX_EPOCH, |token| token.gen_dt.at()));
        if !is_configured || !is_called {
            return Err(FailureReason::Context);
        }
        if !is_key && !set.app_keys.is_empty() {
            return Err(FailureReason::AppKey);
        }
        if is_now { Ok(()) } else { Err(FailureReason::GenDt) }
    }

    /// `XSC` against the configured context, whatever tokens there are.
    fn context_of_call(&mut self) -> Result<(), FailureReason> {
        let context = &self.settings.security_context;
        let configured = context.value.as_ref().map(FieldText::as_str);
        let is_equal = self.equal(configured, self.xsc.unwrap_or_default());
        match self.xsc {
            None if context.required => Err(FailureReason::NoContext),
            Some(_) if !is_equal => Err(FailureReason::Context),
            _ => Ok(()),
        }
    }

    /// Whether `text` is the expected one; any is where none is expected.
    fn equal(&mut self, expected: Option<&str>, text: &str) -> bool {
        let is_equal = constant_time_eq(expected.unwrap_or_default(), text);
        self.work.add(1);
        is_equal | expected.is_none()
    }

    /// Whether a token of that moment is neither too old nor from ahead: two bounds, both included.
    fn is_now(&mut self, at: Timestamp) -> bool {
        let age = self.now.duration_since(at);
        let window = self.settings.gen_dt;
        self.work.add(1);
        age <= window.past_seconds.as_duration() && -age <= window.future_seconds.as_duration()
    }
}

/// A security token and a user token that came apart: each in its place, and nothing else in either.
fn join(xst: Passed, xut: Passed) -> Result<Passed, FailureReason> {
    let is_authenticated = xst.is_authenticated && xut.is_authenticated;
    match (xst.plaintext, xut.plaintext) {
        (
            Plaintext { security: Some(security), user: None },
            Plaintext { security: None, user: Some(user) },
        ) => Ok(Passed {
            plaintext: Plaintext { security: Some(security), user: Some(user) },
            is_authenticated,
        }),
        _ => Err(FailureReason::WrongParameter),
    }
}

/// A security token to judge where there is none.
fn decoy() -> Option<SecurityToken> {
    let text = "aaaaaaaaaaaa";
    let fields =
        [("Context", text), ("AppId", text), ("AppKey", text), ("GenDT", "2023-03-08T14:15:53-08:00")];
    let fields = fields.map(|(name, text)| (name.to_owned(), text.to_owned())).to_vec();
    SecurityToken::take(&mut TokenFields::try_from(fields).ok()?).ok()
}

fn is_long(xsc: Option<&str>) -> bool {
    xsc.is_some_and(|text| text.chars().count() > 256)
}
