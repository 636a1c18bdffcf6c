//! Verification of security and user tokens. Every refused call gets the same response and takes the same
//! work (X7).
//!
//! Every active token set is tried on every token. Each try does all its steps over the same number of bytes,
//! even after one of them failed; the results are combined at the end. [`WorkCount`] counts steps and bytes,
//! and a property test compares the counts of all failures.

use crypto::{WorkCount, constant_time_eq};
use jiff::Timestamp;

use crate::{
    FailureReason, FieldText, OpenTokenSet, Plaintext, SecurityToken, TokenFields, TokenSettings, UserToken,
    VerificationFailed,
};

/// The maximum length of a token, in bytes of Base64 or JWE.
pub const MAX_TOKEN_BYTES: usize = 16 * 1024;

/// The parameters of a call (X6).
#[derive(Clone, Copy, Default)]
pub struct PresentedTokens<'c> {
    /// `XST`: the security token, or a combined token.
    pub xst: Option<&'c str>,
    /// `XUT`: the user token, or a combined token.
    pub xut: Option<&'c str>,
    /// `XSC`: the security context.
    pub xsc: Option<&'c str>,
}

impl std::fmt::Debug for PresentedTokens<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PresentedTokens(redacted)")
    }
}

/// The content of verified tokens.
#[derive(Debug, Clone)]
pub struct Verified {
    /// The security token.
    pub security_token: Option<SecurityToken>,
    /// The user token.
    pub user_token: Option<UserToken>,
    /// Whether all tokens were encrypted in a mode with authentication (X9).
    pub authenticated: bool,
}

/// The result of a verification, and its work.
#[derive(Debug)]
pub struct Verification {
    /// The content, or the reason for the log.
    pub result: Result<Verified, VerificationFailed>,
    /// The work, for tests.
    pub work: WorkCount,
}

/// Verifies the tokens of a call with a project's settings and active token sets (X7).
///
/// The context is checked as follows. The `Context` of a token must equal the configured value and `XSC`, as
/// far as these exist. `XSC` must equal the configured value, even without a security token. If the settings
/// require `XSC`, it must be there.
#[must_use]
pub fn verify_tokens(
    sets: &[OpenTokenSet],
    settings: &TokenSettings,
    presented: PresentedTokens<'_>,
    now: Timestamp,
) -> Verification {
    let mut check = Check { sets, settings, xsc: presented.xsc, now, work: WorkCount::default() };
    let result = check.run(presented).map_err(VerificationFailed);
    Verification { result, work: check.work }
}

/// A verification in progress.
struct Check<'c> {
    sets: &'c [OpenTokenSet],
    settings: &'c TokenSettings,
    xsc: Option<&'c str>,
    now: Timestamp,
    work: WorkCount,
}

/// A token that one of the sets verified.
struct VerifiedPlaintext {
    plaintext: Plaintext,
    is_authenticated: bool,
}

impl Check<'_> {
    fn run(
        &mut self,
        PresentedTokens { xst, xut, xsc }: PresentedTokens<'_>,
    ) -> Result<Verified, FailureReason> {
        // These early returns depend only on what the caller knows: the number of tokens and their lengths.
        if [xst, xut].into_iter().flatten().any(|token| token.len() > MAX_TOKEN_BYTES) || is_too_long(xsc) {
            return Err(FailureReason::TooLong);
        }
        let results = (xst.map(|token| self.try_sets(token)), xut.map(|token| self.try_sets(token)));
        let context = self.check_context_of_call();
        let passed = match results {
            (None, None) => Err(FailureReason::NoToken),
            (Some(only), None) | (None, Some(only)) => only,
            (Some(xst), Some(xut)) => xst.and_then(|xst| join_tokens(xst, xut?)),
        };
        let VerifiedPlaintext { plaintext, is_authenticated } = passed?;
        context?;
        if self.settings.security_token.required && plaintext.security.is_none() {
            return Err(FailureReason::NoSecurityToken);
        }
        let Plaintext { security, user } = plaintext;
        Ok(Verified { security_token: security, user_token: user, authenticated: is_authenticated })
    }

    /// Tries all token sets on a token.
    fn try_sets(&mut self, token: &str) -> Result<VerifiedPlaintext, FailureReason> {
        let sets = self.sets;
        let tries: Vec<_> = sets.iter().map(|set| self.try_set(set, token)).collect();
        let furthest = |one: Result<_, FailureReason>, other: Result<_, FailureReason>| match (one, other) {
            (Ok(passed), _) | (_, Ok(passed)) => Ok(passed),
            (Err(one), Err(other)) => Err(if one.rank() < other.rank() { other } else { one }),
        };
        tries.into_iter().reduce(furthest).unwrap_or(Err(FailureReason::NoTokenSet))
    }

    /// Does all steps with one token set. After a failure, the next steps work on a decoy.
    fn try_set(&mut self, set: &OpenTokenSet, token: &str) -> Result<VerifiedPlaintext, FailureReason> {
        let opened = set.cipher.open(token);
        self.work += opened.work();
        let faults = opened.faults();
        let read = Plaintext::read_with_equal_work(opened.dangerous_bytes(), opened.length(), &mut self.work);
        let decoy = decoy();
        let security = read.as_ref().ok().and_then(|plaintext| plaintext.security.as_ref());
        let checked = self.check_security_token(security.or(decoy.as_ref()), set);
        let is_authenticated = set.cipher.mode().is_authenticated();
        if !faults.is_empty() {
            return Err(FailureReason::NotDecrypted(faults));
        }
        let plaintext = read.map_err(FailureReason::InvalidPlaintext)?;
        if plaintext.security.is_some() {
            checked?;
        }
        Ok(VerifiedPlaintext { plaintext, is_authenticated })
    }

    /// Does all comparisons of a security token, whatever their results.
    fn check_security_token(
        &mut self,
        token: Option<&SecurityToken>,
        set: &OpenTokenSet,
    ) -> Result<(), FailureReason> {
        let context = token.map_or("", |token| token.context.as_str());
        let configured = self.settings.security_context.value.as_ref().map(FieldText::as_str);
        let is_configured = self.equals(configured, context);
        let is_called = self.equals(self.xsc, context);
        let app_key = token.map_or("", |token| token.app_key.reveal());
        let is_key =
            set.app_keys.iter().fold(false, |found, key| self.equals(Some(key.reveal()), app_key) | found);
        let is_recent = self.is_in_window(token.map_or(Timestamp::UNIX_EPOCH, |token| token.gen_dt.at()));
        if !is_configured || !is_called {
            return Err(FailureReason::Context);
        }
        if !is_key && !set.app_keys.is_empty() {
            return Err(FailureReason::AppKey);
        }
        if is_recent { Ok(()) } else { Err(FailureReason::GenDt) }
    }

    /// Compares `XSC` with the configured context.
    fn check_context_of_call(&mut self) -> Result<(), FailureReason> {
        let context = &self.settings.security_context;
        let configured = context.value.as_ref().map(FieldText::as_str);
        let is_equal = self.equals(configured, self.xsc.unwrap_or_default());
        match self.xsc {
            None if context.required => Err(FailureReason::NoContext),
            Some(_) if !is_equal => Err(FailureReason::Context),
            _ => Ok(()),
        }
    }

    /// Whether `text` equals `expected`. Any text is accepted if nothing is expected.
    fn equals(&mut self, expected: Option<&str>, text: &str) -> bool {
        let is_equal = constant_time_eq(expected.unwrap_or_default(), text);
        self.work.add(1);
        is_equal | expected.is_none()
    }

    /// Whether the time is within the accepted range. Both bounds are included.
    fn is_in_window(&mut self, at: Timestamp) -> bool {
        let age = self.now.duration_since(at);
        let window = self.settings.gen_dt;
        self.work.add(1);
        age <= window.past_seconds.as_duration() && -age <= window.future_seconds.as_duration()
    }
}

/// Joins the tokens of `XST` and `XUT`. The first must be a security token, the second a user token, and
/// neither a combined one.
fn join_tokens(xst: VerifiedPlaintext, xut: VerifiedPlaintext) -> Result<VerifiedPlaintext, FailureReason> {
    let is_authenticated = xst.is_authenticated && xut.is_authenticated;
    match (xst.plaintext, xut.plaintext) {
        (
            Plaintext { security: Some(security), user: None },
            Plaintext { security: None, user: Some(user) },
        ) => Ok(VerifiedPlaintext {
            plaintext: Plaintext { security: Some(security), user: Some(user) },
            is_authenticated,
        }),
        _ => Err(FailureReason::WrongParameter),
    }
}

/// A security token for the comparisons if there is no real one.
fn decoy() -> Option<SecurityToken> {
    let text = "aaaaaaaaaaaa";
    let fields =
        [("Context", text), ("AppId", text), ("AppKey", text), ("GenDT", "2023-03-08T14:15:53-08:00")];
    let pairs = fields.map(|(name, text)| (name.to_owned(), text.to_owned())).to_vec();
    SecurityToken::from_fields(&mut TokenFields::try_from(pairs).ok()?).ok()
}

fn is_too_long(xsc: Option<&str>) -> bool {
    xsc.is_some_and(|text| text.chars().count() > 256)
}
