//! The response: the fields of the verified tokens.

use model::{AppKey, FieldText, GenDt, SecurityToken, UserToken, Verified};
use serde::Serialize;

#[derive(Serialize)]
pub(crate) struct Output<'a> {
    security_token: Option<Security<'a>>,
    user_token: Option<&'a UserToken>,
    authenticated: bool,
}

/// A security token, with or without its app key.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Security<'a> {
    context: &'a FieldText,
    app_id: &'a FieldText,
    #[serde(skip_serializing_if = "Option::is_none")]
    app_key: Option<&'a AppKey>,
    #[serde(rename = "GenDT")]
    gen_dt: &'a GenDt,
    #[serde(skip_serializing_if = "Option::is_none")]
    client: Option<&'a FieldText>,
}

impl<'a> Output<'a> {
    /// The fields of the tokens. The app key is left out for callers that may not see it.
    pub(crate) fn of(verified: &'a Verified, sees_app_keys: bool) -> Self {
        let Verified { security_token, user_token, authenticated } = verified;
        let security = |token: &'a SecurityToken| Security {
            context: &token.context,
            app_id: &token.app_id,
            app_key: Some(&token.app_key).filter(|_| sees_app_keys),
            gen_dt: &token.gen_dt,
            client: token.client.as_ref(),
        };
        Self {
            security_token: security_token.as_ref().map(security),
            user_token: user_token.as_ref(),
            authenticated: *authenticated,
        }
    }
}
