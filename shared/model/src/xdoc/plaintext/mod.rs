//! The plaintext of a token in its three formats, and a reader whose work does not tell where it stopped (X2, X7, X8).

mod equal_work;
pub(crate) mod form;
mod json;
#[cfg(test)]
mod tests;
mod xml;

use std::hint::black_box;

use crypto::WorkCount;
use serde::{Deserialize, Serialize};

use crate::{Field, SecurityToken, TokenFields, TokenKind, UserToken};
use equal_work::{Effort, read_level};

/// How a plaintext is written (X2). It is told by its first character that is not blank (X8).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// Elements in a root named for the kind of token.
    #[default]
    Xml,
    /// A flat object.
    Json,
    /// `Name=value&…`.
    Form,
}

/// What may stand before a plaintext: a mark some writers set, and blanks.
pub(crate) const BLANKS: [char; 5] = ['\u{feff}', ' ', '\t', '\r', '\n'];

impl Format {
    /// The format of `text`, by its first character that is not blank (X8).
    #[must_use]
    pub fn of(text: &str) -> Self {
        match text.trim_start_matches(BLANKS).chars().next() {
            Some('<') => Self::Xml,
            Some('{') => Self::Json,
            _ => Self::Form,
        }
    }
}

/// Why a plaintext cannot be read: for its owner and the log alone (X7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PlaintextError {
    /// Bytes that are not UTF-8: what a wrong key makes of most.
    #[error("the plaintext is not UTF-8")]
    Utf8,
    /// Not XML of the shape of X2, or with a DTD, an entity, an instruction, a comment or an attribute (X8).
    #[error("the plaintext is not XML of a token's shape")]
    Xml,
    /// Not a JSON object of texts.
    #[error("the plaintext is not JSON of a token's shape")]
    Json,
    /// Not `Name=value&…`.
    #[error("the plaintext is not form-url of a token's shape")]
    Form,
    /// A field that tokens do not have.
    #[error("the plaintext has a field that tokens do not have")]
    UnknownField,
    /// A field twice.
    #[error("{0} stands twice")]
    DuplicateField(Field),
    /// A text its field does not take.
    #[error("{0} is too long, or not what it has to be")]
    InvalidValue(Field),
    /// A field of the other kind of token.
    #[error("a field of another kind of token")]
    OtherTokenKind,
    /// A field the token cannot do without.
    #[error("{0} is missing or empty")]
    MissingField(Field),
}

/// A token's content. Both parts are there when the token is a combined one (X7): then all fields stand in one flat
/// object or form; in XML in one root, `SecurityToken` or `UserToken`, or in both of them within a root `Tokens`.
#[derive(Debug, Clone, Serialize)]
pub struct Plaintext {
    /// The security token.
    #[serde(flatten)]
    pub security: Option<SecurityToken>,
    /// The user token.
    #[serde(flatten)]
    pub user: Option<UserToken>,
}

/// What a format's reader found, and what it took.
pub(crate) struct Reading {
    pub(crate) pairs: Result<Vec<(String, String)>, PlaintextError>,
    pub(crate) effort: Effort,
}

impl Plaintext {
    /// Reads a plaintext in any format.
    ///
    /// # Errors
    /// [`PlaintextError`].
    pub fn read(bytes: &[u8]) -> Result<Self, PlaintextError> {
        Self::read_whole(bytes, bytes.len(), &mut WorkCount::default())
    }

    /// The same, doing what a sound plaintext of `length` bytes takes in every step, wherever it fails (X7).
    pub(crate) fn read_whole(
        bytes: &[u8],
        length: usize,
        work: &mut WorkCount,
    ) -> Result<Self, PlaintextError> {
        let checked = std::str::from_utf8(bytes);
        let valid = checked.map_or_else(|error| error.valid_up_to(), str::len);
        let rest = " ".repeat(length.saturating_sub(valid));
        work.add(valid + black_box(std::str::from_utf8(rest.as_bytes())).map_or(0, str::len));

        let reading = read_level(checked.unwrap_or_default(), length, work);
        let pairs = checked.map_err(|_| PlaintextError::Utf8).and(reading.pairs);
        let read = pairs.and_then(|pairs| TokenFields::try_from(pairs)?.try_into());
        work.add(Field::ALL.len());
        read
    }

    /// What it holds.
    #[must_use]
    pub const fn kind(&self) -> TokenKind {
        match (&self.security, &self.user) {
            (Some(_), Some(_)) => TokenKind::Combined,
            (Some(_), None) => TokenKind::Security,
            (None, _) => TokenKind::User,
        }
    }

    /// Its text in that format.
    #[must_use]
    pub fn write(&self, format: Format) -> String {
        match format {
            Format::Xml => xml::write(self),
            Format::Json => serde_json::to_string(self).unwrap_or_default(),
            Format::Form => form::write(self),
        }
    }

    /// All fields in the order of X2.
    pub(crate) fn texts(&self) -> impl Iterator<Item = (Field, &str)> {
        let security = self.security.iter().flat_map(SecurityToken::texts);
        security.chain(self.user.iter().flat_map(UserToken::texts))
    }
}

/// The parts whose fields are there; at least one.
impl TryFrom<TokenFields> for Plaintext {
    type Error = PlaintextError;

    fn try_from(mut fields: TokenFields) -> Result<Self, PlaintextError> {
        let (has_security, has_user) = (fields.has_any(true), fields.has_any(false));
        if !has_security && !has_user {
            return Err(PlaintextError::MissingField(Field::Context));
        }
        let security = has_security.then(|| SecurityToken::take(&mut fields)).transpose()?;
        let user = has_user.then(|| UserToken::take(&mut fields)).transpose()?;
        Ok(Self { security, user })
    }
}
