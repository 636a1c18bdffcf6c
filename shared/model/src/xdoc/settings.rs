//! A project's settings for security and user tokens (X1).

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::number::whole_number;
use crate::{FieldText, TokenSets};

/// What a project asks of its security and user tokens (X1). Without a word: a security token is required, no context
/// is, and there is no token set, so nothing is accepted.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TokenSettings {
    /// The context tokens must be for.
    pub security_context: SecurityContext,
    /// Whether calls need a security token.
    pub security_token: SecurityTokenRule,
    /// How far a token's `GenDT` may be from now (X7).
    pub gen_dt: TokenWindow,
    /// The keys and how they are used.
    pub token_sets: TokenSets,
}

/// The security context (X1). Tokens carry it as `Context`, calls as `XSC`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SecurityContext {
    /// What both must be; without one, whatever both agree on.
    pub value: Option<FieldText>,
    /// Whether a call must name it in `XSC`.
    pub required: bool,
}

/// The security token's switch (X1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SecurityTokenRule {
    /// Whether a call must bring one. One that is brought is verified in any case.
    pub required: bool,
}

impl Default for SecurityTokenRule {
    fn default() -> Self {
        Self { required: true }
    }
}

/// How old a token may be, and how far ahead its maker's clock may go: two bounds, both included (X7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TokenWindow {
    /// Seconds into the past, 300 unless set.
    pub past_seconds: Seconds,
    /// Seconds into the future, 60 unless set.
    pub future_seconds: Seconds,
}

impl Default for TokenWindow {
    fn default() -> Self {
        Self { past_seconds: Seconds(300), future_seconds: Seconds(60) }
    }
}

whole_number! {
    /// 0 to 86400 whole seconds.
    Seconds, 0..=86_400, "must be 0 to 86400 whole seconds";
}

impl Seconds {
    /// As a span of time.
    #[must_use]
    pub fn as_duration(self) -> SignedDuration {
        SignedDuration::from_secs(i64::from(self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn x1_settings_without_a_word_ask_for_a_security_token_of_the_last_five_minutes() {
        let settings: TokenSettings = serde_json::from_value(json!({})).unwrap();
        let whole = json!({
            "security_context": { "value": null, "required": false }, "security_token": { "required": true },
            "gen_dt": { "past_seconds": 300, "future_seconds": 60 }, "token_sets": [],
        });
        assert_eq!(serde_json::to_value(&settings).unwrap(), whole);
        assert_eq!(serde_json::from_value::<TokenSettings>(whole).unwrap(), settings);
    }

    #[test]
    fn x1_settings_are_bounded() {
        for bad in [
            json!({ "gen_dt": { "past_seconds": -1 } }),
            json!({ "gen_dt": { "future_seconds": 86_401 } }),
            json!({ "gen_dt": { "past_seconds": 0.5 } }),
            json!({ "security_context": { "value": "" } }),
            json!({ "security_context": { "value": "x".repeat(257) } }),
            json!({ "security_context": { "needed": true } }),
            json!({ "other": 1 }),
        ] {
            assert!(serde_json::from_value::<TokenSettings>(bad.clone()).is_err(), "{bad}");
        }
    }
}
