//! The items that a deployment has once: its data key, its signing keys and its issuer.

pub(crate) mod data_key;
mod data_key_file;
pub(crate) mod issuer;
mod kms;
pub(crate) mod signing_keys;

pub use data_key::DataKeySource;
pub use data_key_file::DataKeyFile;
pub use issuer::{FormerUrl, Issuer};
pub use kms::Kms;
pub use signing_keys::SigningKeys;
