//! What a deployment has once: its data key, its signing keys and its issuer.

pub(crate) mod data_key;
pub(crate) mod issuer;
pub(crate) mod signing_keys;

pub use data_key::{DataKeyFile, DataKeySource};
pub use issuer::Issuer;
pub use signing_keys::SigningKeys;
