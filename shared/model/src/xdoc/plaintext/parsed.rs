//! What the parsers of the three formats share: their result, their limits, and the characters they skip (X2, X8).

use crate::Field;

/// The most fields that a parser accepts: every field once, and a few that are empty or repeated.
pub(crate) const MAX_PAIRS: usize = 16;

/// Characters that may precede a plaintext: a byte order mark and white space.
pub(crate) const LEADING_BLANKS: [char; 5] = ['\u{feff}', ' ', '\t', '\r', '\n'];

/// The element or member that contains a security token's fields.
pub(crate) const SECURITY: &str = "SecurityToken";
/// The element or member that contains a user token's fields.
pub(crate) const USER: &str = "UserToken";

/// The result of a parser, and its work.
pub(crate) struct Parsed {
    pub(crate) pairs: Result<Vec<(String, String)>, PlaintextError>,
    pub(crate) work: ParserWork,
}

/// The work of a parser.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct ParserWork {
    /// Bytes it processed.
    pub(crate) bytes: usize,
    /// Fields it found, whether or not their names are known.
    pub(crate) pairs: usize,
    /// Escapes it found. In XML, the text pieces between them count as well.
    pub(crate) marks: usize,
}

/// Why a plaintext cannot be parsed. Only its owner and the log may see this (X7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PlaintextError {
    /// The bytes are not UTF-8. A wrong key usually has this result.
    #[error("the plaintext is not UTF-8")]
    Utf8,
    /// The XML does not have the shape of X2, or it has a DTD, an entity, an instruction, a comment or an attribute (X8).
    #[error("the plaintext is not XML of a token's shape")]
    Xml,
    /// The text is not a JSON object of strings.
    #[error("the plaintext is not JSON of a token's shape")]
    Json,
    /// The text is not `Name=value&…`.
    #[error("the plaintext is not form-url of a token's shape")]
    Form,
    /// A field name is unknown.
    #[error("the plaintext has an unknown field")]
    UnknownField,
    /// A field is there more than once.
    #[error("{0} stands twice")]
    DuplicateField(Field),
    /// A field's text breaks the field's rule.
    #[error("{0} is too long or malformed")]
    InvalidValue(Field),
    /// A field belongs to the other kind of token.
    #[error("a field belongs to another kind of token")]
    OtherTokenKind,
    /// A required field is missing or empty.
    #[error("{0} is missing or empty")]
    MissingField(Field),
}
