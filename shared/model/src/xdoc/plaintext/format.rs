//! The three formats of a plaintext (X2, X8).

use serde::{Deserialize, Serialize};

use crate::xdoc::plaintext::parsed::LEADING_BLANKS;

/// The format of a plaintext (X2). Its first character that is not blank determines it (X8).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// XML. The name of the root is the kind of token.
    #[default]
    Xml,
    /// A flat JSON object.
    Json,
    /// `Name=value&…`.
    Form,
}

impl Format {
    /// The format of `text`, from its first character that is not blank (X8).
    #[must_use]
    pub fn of(text: &str) -> Self {
        match text.trim_start_matches(LEADING_BLANKS).chars().next() {
            Some('<') => Self::Xml,
            Some('{') => Self::Json,
            _ => Self::Form,
        }
    }
}
