//! The plaintext of a token in its three formats, and a reader whose work does not tell where it stopped (X2, X7, X8).

mod equal_work;
pub(crate) mod form;
mod format;
mod json;
mod reading;
#[cfg(test)]
mod tests;
mod xml;

use std::hint::black_box;

use crypto::WorkCount;
use serde::Serialize;

use crate::{Field, SecurityToken, TokenFields, TokenKind, UserToken};
use equal_work::read_with_equal_work;
use reading::{SECURITY, USER};

pub use format::Format;
pub use reading::PlaintextError;

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

        let reading = read_with_equal_work(checked.unwrap_or_default(), length, work);
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
            Format::Xml => {
                let root = if self.security.is_some() { SECURITY } else { USER };
                xml::write(root, self.texts())
            }
            Format::Json => serde_json::to_string(self).unwrap_or_default(),
            Format::Form => form::write(self.texts()),
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
