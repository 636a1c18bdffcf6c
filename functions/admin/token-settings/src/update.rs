//! Changes to token settings: what is not named stays as it is, also within a member (X1).

use model::{FieldText, Object, Seconds, SecurityContext, SecurityTokenRule, TokenSettings, TokenWindow};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Update {
    #[serde(default, deserialize_with = "model::present")]
    security_context: Option<Object<ContextUpdate>>,
    #[serde(default, deserialize_with = "model::present")]
    security_token: Option<Object<RuleUpdate>>,
    #[serde(default, deserialize_with = "model::present")]
    gen_dt: Option<Object<WindowUpdate>>,
}

/// `null` takes the value away.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ContextUpdate {
    #[serde(default, deserialize_with = "model::present")]
    value: Option<Option<FieldText>>,
    #[serde(default, deserialize_with = "model::present")]
    required: Option<bool>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleUpdate {
    #[serde(default, deserialize_with = "model::present")]
    required: Option<bool>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WindowUpdate {
    #[serde(default, deserialize_with = "model::present")]
    past_seconds: Option<Seconds>,
    #[serde(default, deserialize_with = "model::present")]
    future_seconds: Option<Seconds>,
}

impl Update {
    /// `old` with these changes.
    pub(crate) fn applied_to(self, old: &TokenSettings) -> TokenSettings {
        let mut new = old.clone();
        if let Some(Object(update)) = self.security_context {
            let SecurityContext { value, required } = new.security_context;
            new.security_context = SecurityContext {
                value: update.value.unwrap_or(value),
                required: update.required.unwrap_or(required),
            };
        }
        if let Some(Object(update)) = self.security_token {
            let SecurityTokenRule { required } = new.security_token;
            new.security_token = SecurityTokenRule { required: update.required.unwrap_or(required) };
        }
        if let Some(Object(update)) = self.gen_dt {
            let TokenWindow { past_seconds, future_seconds } = new.gen_dt;
            new.gen_dt = TokenWindow {
                past_seconds: update.past_seconds.unwrap_or(past_seconds),
                future_seconds: update.future_seconds.unwrap_or(future_seconds),
            };
        }
        new
    }
}
