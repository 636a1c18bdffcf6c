//! Window X: a project's token settings, and the security and user tokens that are built and verified with
//! them.

mod app_key;
mod build;
#[cfg(test)]
mod equal_work_tests;
mod failure;
mod field;
mod fields;
mod gen_dt;
pub(crate) mod plaintext;
mod scheme;
mod settings;
mod settings_file;
mod token;
mod token_set;
mod verify;
#[cfg(test)]
mod verify_tests;

pub use app_key::{AppKey, AppKeys};
pub use build::{BuiltToken, build_token, seal_text};
pub use failure::{FailureReason, VerificationFailed};
pub use field::{Field, TokenKind};
pub use fields::TokenFields;
pub use gen_dt::GenDt;
pub use plaintext::{Format, Plaintext, PlaintextError};
pub use scheme::{InvalidScheme, Scheme};
pub use settings::{Seconds, SecurityContext, SecurityTokenRule, TokenSettings, TokenWindow};
pub use settings_file::{Cipher, KeyText, ProjectFile, TokenSetFile};
pub use token::{SecurityToken, UserToken};
pub use token_set::{OpenTokenSet, TokenSecrets, TokenSet, TokenSets, default_token_set};
pub use verify::{MAX_TOKEN_BYTES, PresentedTokens, Verification, Verified, verify_tokens};
