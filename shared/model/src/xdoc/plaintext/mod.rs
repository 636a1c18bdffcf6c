//! The plaintext of a token: three formats, and a parser whose work does not reveal where it failed (X2, X7,
//! X8).

mod equal_work;
pub(crate) mod form;
mod format;
mod json;
mod parsed;
#[cfg(test)]
mod tests;
mod xml;

use std::hint::black_box;

use crypto::WorkCount;
use serde::Serialize;

use crate::{Field, SecurityToken, TokenFields, TokenKind, UserToken};
use equal_work::parse_with_equal_work;
use parsed::{SECURITY, USER};

pub use format::Format;
pub use parsed::PlaintextError;

/// The content of a token. A combined token has both parts (X7). JSON and forms then contain all fields side
/// by side. XML contains them in one root, `SecurityToken` or `UserToken`, or in both elements within a root
/// `Tokens`.
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
    /// Parses a plaintext in any format.
    ///
    /// # Errors
    /// [`PlaintextError`].
    pub fn read(bytes: &[u8]) -> Result<Self, PlaintextError> {
        Self::read_with_equal_work(bytes, bytes.len(), &mut WorkCount::default())
    }

    /// Parses like [`read`](Self::read), but every step does the work of a valid plaintext of `length` bytes,
    /// even after a failure (X7).
    pub(crate) fn read_with_equal_work(
        bytes: &[u8],
        length: usize,
        work: &mut WorkCount,
    ) -> Result<Self, PlaintextError> {
        let checked = std::str::from_utf8(bytes);
        let valid = checked.map_or_else(|error| error.valid_up_to(), str::len);
        let rest = " ".repeat(length.saturating_sub(valid));
        work.add(valid + black_box(std::str::from_utf8(rest.as_bytes())).map_or(0, str::len));

        let parsed = parse_with_equal_work(checked.unwrap_or_default(), length, work);
        let pairs = checked.map_err(|_| PlaintextError::Utf8).and(parsed.pairs);
        let read = pairs.and_then(|pairs| TokenFields::try_from(pairs)?.try_into());
        work.add(Field::ALL.len());
        read
    }

    /// The kind of token.
    #[must_use]
    pub const fn kind(&self) -> TokenKind {
        match (&self.security, &self.user) {
            (Some(_), Some(_)) => TokenKind::Combined,
            (Some(_), None) => TokenKind::Security,
            (None, _) => TokenKind::User,
        }
    }

    /// Writes the plaintext in the given format.
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

/// Builds the parts that have fields. There must be at least one.
impl TryFrom<TokenFields> for Plaintext {
    type Error = PlaintextError;

    fn try_from(mut fields: TokenFields) -> Result<Self, PlaintextError> {
        let (has_security, has_user) = (fields.has_security_fields(), fields.has_user_fields());
        if !has_security && !has_user {
            return Err(PlaintextError::MissingField(Field::Context));
        }
        let security = has_security.then(|| SecurityToken::from_fields(&mut fields)).transpose()?;
        let user = has_user.then(|| UserToken::from_fields(&mut fields)).transpose()?;
        Ok(Self { security, user })
    }
}
