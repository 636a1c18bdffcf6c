//! The content of security and user tokens (X2).

use serde::Serialize;

use crate::{AppKey, Field, FieldText, GenDt, LongText, PlaintextError, TokenFields};

/// A security token: the calling application, its context, and the time (X2).
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct SecurityToken {
    /// The security context.
    pub context: FieldText,
    /// The id of the application.
    pub app_id: FieldText,
    /// The key of the application.
    pub app_key: AppKey,
    /// When the token was generated.
    #[serde(rename = "GenDT")]
    pub gen_dt: GenDt,
    /// The client.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client: Option<FieldText>,
}

/// A user token: the identity of the user (X2). It has no time. It is only known to be recent if it comes
/// with a security token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct UserToken {
    /// The user name.
    pub user_name: FieldText,
    /// The display name.
    pub display: FieldText,
    /// The e-mail address. Its format is not checked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<FieldText>,
    /// The profile.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile: Option<FieldText>,
    /// The user's id in an external system.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ext_id: Option<FieldText>,
    /// A reference into an external system.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ext_ref: Option<FieldText>,
    /// Data of an external system.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ext_data: Option<LongText>,
    /// Flags of an external system.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ext_flags: Option<FieldText>,
}

impl SecurityToken {
    pub(crate) fn from_fields(fields: &mut TokenFields) -> Result<Self, PlaintextError> {
        Ok(Self {
            context: fields.take_required(Field::Context)?,
            app_id: fields.take_required(Field::AppId)?,
            app_key: fields.take_required(Field::AppKey)?,
            gen_dt: fields.take_required(Field::GenDt)?,
            client: fields.take_optional(Field::Client)?,
        })
    }

    /// The fields in the order of X2.
    pub(crate) fn texts(&self) -> impl Iterator<Item = (Field, &str)> {
        let needed = [
            (Field::Context, self.context.as_str()),
            (Field::AppId, self.app_id.as_str()),
            (Field::AppKey, self.app_key.reveal()),
            (Field::GenDt, self.gen_dt.as_str()),
        ];
        needed.into_iter().chain(self.client.iter().map(|text| (Field::Client, text.as_str())))
    }
}

impl UserToken {
    pub(crate) fn from_fields(fields: &mut TokenFields) -> Result<Self, PlaintextError> {
        Ok(Self {
            user_name: fields.take_required(Field::UserName)?,
            display: fields.take_required(Field::Display)?,
            email: fields.take_optional(Field::Email)?,
            profile: fields.take_optional(Field::Profile)?,
            ext_id: fields.take_optional(Field::ExtId)?,
            ext_ref: fields.take_optional(Field::ExtRef)?,
            ext_data: fields.take_optional(Field::ExtData)?,
            ext_flags: fields.take_optional(Field::ExtFlags)?,
        })
    }

    /// The fields in the order of X2.
    pub(crate) fn texts(&self) -> impl Iterator<Item = (Field, &str)> {
        let optional = [
            (Field::Email, self.email.as_ref().map(FieldText::as_str)),
            (Field::Profile, self.profile.as_ref().map(FieldText::as_str)),
            (Field::ExtId, self.ext_id.as_ref().map(FieldText::as_str)),
            (Field::ExtRef, self.ext_ref.as_ref().map(FieldText::as_str)),
            (Field::ExtData, self.ext_data.as_ref().map(LongText::as_str)),
            (Field::ExtFlags, self.ext_flags.as_ref().map(FieldText::as_str)),
        ];
        let needed = [(Field::UserName, self.user_name.as_str()), (Field::Display, self.display.as_str())];
        needed.into_iter().chain(optional.into_iter().filter_map(|(field, text)| Some((field, text?))))
    }
}
