//! Window X: a project's token settings, and the security and user tokens built and verified by them.

mod app_key;
mod build;
#[cfg(test)]
mod equal_work_tests;
mod failure;
mod fields;
pub(crate) mod plaintext;
mod settings;
mod settings_file;
mod token;
mod token_set;
mod verify;
#[cfg(test)]
mod verify_tests;

pub use app_key::{AppKey, AppKeys};
pub use build::{BuiltToken, TokenKind, build_token, seal_text};
pub use failure::{FailureReason, VerificationFailed};
pub use fields::{Field, TokenFields};
pub use plaintext::{Format, Plaintext, PlaintextError};
pub use settings::{Seconds, SecurityContext, SecurityTokenRule, TokenSettings, TokenWindow};
pub use settings_file::{Cipher, KeyText, ProjectFile, TokenSetFile};
pub use token::{GenDt, SecurityToken, UserToken};
pub use token_set::{InvalidScheme, OpenTokenSet, Scheme, TokenSecrets, TokenSet, TokenSets};
pub use verify::{MAX_TOKEN_BYTES, PresentedTokens, Verification, Verified, verify_tokens};
