//! Building security and user tokens (X3, X6).

use crypto::{CryptoError, Mode, Padding};
use jiff::Timestamp;
use percent_encoding::utf8_percent_encode;

use crate::xdoc::plaintext::form::ESCAPED;
use crate::{Field, Format, GenDt, OpenTokenSet, Plaintext, PlaintextError, TokenFields, TokenKind};

/// A token in three forms (X6).
#[derive(Clone)]
pub struct BuiltToken {
    /// The plaintext in the chosen format.
    pub plaintext: String,
    /// The encrypted plaintext, in Base64 or as JWE.
    pub token: String,
    /// The encrypted plaintext, escaped for `XST` or `XUT` in a URL (X3).
    pub url_encoded: String,
}

impl std::fmt::Debug for BuiltToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("BuiltToken(redacted)")
    }
}

impl TokenFields {
    /// Checks the fields of a token of this kind and returns its plaintext. `GenDT` defaults to `now` (X6).
    ///
    /// # Errors
    /// [`PlaintextError`]: a field is missing, invalid, or of another kind of token.
    pub fn complete(mut self, kind: TokenKind, now: Timestamp) -> Result<Plaintext, PlaintextError> {
        let (is_security, is_user) = (kind != TokenKind::User, kind != TokenKind::Security);
        if is_security && !self.has(Field::GenDt) {
            self.set(Field::GenDt, GenDt::new(now).into());
        }
        if is_security && !self.has_security_fields() || is_user && !self.has_user_fields() {
            let field = if is_user { Field::UserName } else { Field::Context };
            return Err(PlaintextError::MissingField(field));
        }
        if !is_security && self.has_security_fields() || !is_user && self.has_user_fields() {
            return Err(PlaintextError::OtherTokenKind);
        }
        self.try_into()
    }
}

/// Writes `plaintext` in the given format and encrypts it with the token set.
///
/// # Errors
/// [`CryptoError::Random`], [`CryptoError::Seal`].
pub fn build_token(
    set: &OpenTokenSet,
    plaintext: &Plaintext,
    format: Format,
) -> Result<BuiltToken, CryptoError> {
    seal_text(set, plaintext.write(format))
}

/// Encrypts a plaintext that is already written.
///
/// In CBC and ECB without padding, the text is extended to whole blocks with characters that parsers skip:
/// spaces, or `&` in a form.
///
/// # Errors
/// [`CryptoError::Random`], [`CryptoError::Seal`].
pub fn seal_text(set: &OpenTokenSet, mut text: String) -> Result<BuiltToken, CryptoError> {
    let has_blocks = matches!(set.cipher.mode(), Mode::Cbc | Mode::Ecb);
    if has_blocks && set.padding == Padding::None {
        let filler = if Format::of(&text) == Format::Form { "&" } else { " " };
        text.push_str(&filler.repeat((16 - text.len() % 16) % 16));
    }
    let token = set.cipher.seal(text.as_bytes())?;
    let url_encoded = utf8_percent_encode(&token, ESCAPED).to_string();
    Ok(BuiltToken { plaintext: text, token, url_encoded })
}
