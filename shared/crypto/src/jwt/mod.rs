//! JSON Web Tokens (RFC 7519): signed with a signing key of the deployment or with a shared secret.

mod hs256;
mod public_keys;
mod signing_key;
#[cfg(all(test, feature = "jose-vectors"))]
mod wycheproof;

pub use hs256::{UnverifiedHeader, dangerous_claims, sign_hs256, verify_hs256};
pub use public_keys::{PublicKeys, SignatureError};
pub use signing_key::{Algorithm, SigningKey, TokenType};
