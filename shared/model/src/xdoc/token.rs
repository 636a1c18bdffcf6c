//! What security and user tokens say (X2).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{AppKey, Field, FieldText, LongText, PlaintextError, TokenFields};

/// What a token is to hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    /// A security token's fields.
    Security,
    /// A user token's.
    User,
    /// Both (X7).
    Combined,
}

/// A security token: which application calls, in which context, since when (X2).
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct SecurityToken {
    /// The security context it is for.
    pub context: FieldText,
    /// The application.
    pub app_id: FieldText,
    /// The application's key.
    pub app_key: AppKey,
    /// When it was made.
    #[serde(rename = "GenDT")]
    pub gen_dt: GenDt,
    /// The client.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client: Option<FieldText>,
}

/// A user token: who the user is (X2). It carries no time; only with a security token beside it, or combined with one,
/// is it fresh.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct UserToken {
    /// The user.
    pub user_name: FieldText,
    /// What to call the user.
    pub display: FieldText,
    /// E-mail address, as its maker wrote it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<FieldText>,
    /// Profile.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile: Option<FieldText>,
    /// An outer system's id of the user.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ext_id: Option<FieldText>,
    /// An outer system's reference.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ext_ref: Option<FieldText>,
    /// An outer system's data.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ext_data: Option<LongText>,
    /// An outer system's flags.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ext_flags: Option<FieldText>,
}

impl SecurityToken {
    pub(crate) fn take(fields: &mut TokenFields) -> Result<Self, PlaintextError> {
        Ok(Self {
            context: fields.need(Field::Context)?,
            app_id: fields.need(Field::AppId)?,
            app_key: fields.need(Field::AppKey)?,
            gen_dt: fields.need(Field::GenDt)?,
            client: fields.take(Field::Client)?,
        })
    }

    /// Its fields, in the order of X2.
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
    pub(crate) fn take(fields: &mut TokenFields) -> Result<Self, PlaintextError> {
        Ok(Self {
            user_name: fields.need(Field::UserName)?,
            display: fields.need(Field::Display)?,
            email: fields.take(Field::Email)?,
            profile: fields.take(Field::Profile)?,
            ext_id: fields.take(Field::ExtId)?,
            ext_ref: fields.take(Field::ExtRef)?,
            ext_data: fields.take(Field::ExtData)?,
            ext_flags: fields.take(Field::ExtFlags)?,
        })
    }

    /// Its fields, in the order of X2.
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

/// When a token was made: RFC 3339 with an offset or `Z`, kept as it was written (X7).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct GenDt {
    text: String,
    at: Timestamp,
}

impl GenDt {
    /// `now`, to the second, in UTC (X6).
    #[must_use]
    pub fn new(now: Timestamp) -> Self {
        let at = Timestamp::from_second(now.as_second()).unwrap_or(now);
        Self { text: at.to_string(), at }
    }

    /// The moment.
    #[must_use]
    pub const fn at(&self) -> Timestamp {
        self.at
    }

    /// As it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl TryFrom<String> for GenDt {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, &'static str> {
        let says = "must be a date and time with an offset or Z, as in 2023-03-08T14:15:53-08:00";
        // The library reads more than RFC 3339: blanks for the T, short offsets, names of zones.
        let is_plain = text.bytes().all(|byte| byte.is_ascii_digit() || b"-:.+TZ".contains(&byte));
        let offset = text.get(19..).and_then(|rest| rest.find(['Z', '+', '-']).and_then(|at| rest.get(at..)));
        let is_whole = offset.is_some_and(|offset| offset == "Z" || offset.len() == "+00:00".len());
        if !is_plain || !is_whole || text.len() > 40 {
            return Err(says);
        }
        let at = text.parse().map_err(|_| says)?;
        Ok(Self { text, at })
    }
}

impl From<GenDt> for String {
    fn from(gen_dt: GenDt) -> Self {
        gen_dt.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn x7_gen_dt_has_an_offset_or_z() {
        let read = |text: &str| GenDt::try_from(text.to_owned());
        for (text, second) in [
            ("2023-03-08T14:15:53-08:00", 1_678_313_753),
            ("2023-03-08T22:15:53Z", 1_678_313_753),
            ("2023-03-09T03:45:53.1234567+05:30", 1_678_313_753),
        ] {
            let gen_dt = read(text).unwrap();
            assert_eq!((gen_dt.at().as_second(), gen_dt.as_str()), (second, text));
        }
        for bad in [
            "",
            "2023-03-08T14:15:53",
            "2023-03-08T14:15Z",
            "2023-03-08 14:15:53Z",
            "2023-03-08T14:15:53-08",
            "2023-03-08T14:15:53-0800",
            "2023-03-08T14:15:53z",
            "2023-03-08T14:15:53-08:00[America/Los_Angeles]",
            "2023-02-30T14:15:53Z",
            "2023-03-08T25:15:53Z",
            "20230308T141553Z",
            "2023-03-08",
            "1678313753",
            "2023-03-08T14:15:53.12345678901234567890123Z",
        ] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn x6_gen_dt_is_filled_in_to_the_second() {
        let gen_dt = GenDt::new("2027-01-15T08:00:00.987Z".parse().unwrap());
        assert_eq!(gen_dt.as_str(), "2027-01-15T08:00:00Z");
        assert_eq!(GenDt::try_from(gen_dt.as_str().to_owned()).unwrap(), gen_dt);
    }
}
