//! A project's settings for security and user tokens (X1).

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::number::whole_number;
use crate::{FieldText, TokenSets};

/// A project's requirements for security and user tokens (X1). By default, a security token is required, a
/// context is not, and there is no token set, so every token is refused.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TokenSettings {
    /// The required security context.
    pub security_context: SecurityContext,
    /// Whether a security token is required.
    pub security_token: SecurityTokenRule,
    /// The accepted range of `GenDT` (X7).
    pub gen_dt: TokenWindow,
    /// The token sets.
    pub token_sets: TokenSets,
}

/// The security context (X1). Tokens carry it as `Context`, calls as `XSC`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SecurityContext {
    /// The value that tokens and calls must have. Without it, a token and a call must only agree with each
    /// other.
    pub value: Option<FieldText>,
    /// Whether a call must have `XSC`.
    pub required: bool,
}

/// Whether security tokens are required (X1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SecurityTokenRule {
    /// Whether a call must have a security token. A token that a call does have is verified in any case.
    pub required: bool,
}

impl Default for SecurityTokenRule {
    fn default() -> Self {
        Self { required: true }
    }
}

/// The accepted range of `GenDT` around the current time. Both bounds are included (X7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TokenWindow {
    /// Maximum age in seconds. Default: 300.
    pub past_seconds: Seconds,
    /// Maximum time in the future in seconds. Default: 60.
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
    /// The number as a duration.
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
    fn x1_by_default_a_security_token_of_the_last_five_minutes_is_required() {
        let settings: TokenSettings = serde_json::from_value(json!({})).unwrap();
        let whole = json!({
            "security_context": { "value": null, "required": false }, "security_token": { "required": true },
            "gen_dt": { "past_seconds": 300, "future_seconds": 60 }, "token_sets": [],
        });
        assert_eq!(serde_json::to_value(&settings).unwrap(), whole);
        assert_eq!(serde_json::from_value::<TokenSettings>(whole).unwrap(), settings);
    }

    #[test]
    fn x1_settings_outside_their_limits_are_refused() {
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
