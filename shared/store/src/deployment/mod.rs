//! The items that a deployment has once: its data keys and hash key, its signing keys and its issuer.

mod data_key;
mod data_key_file;
pub(crate) mod issuer;
mod item;
mod keys;
mod kms;
pub(crate) mod signing_keys;

pub use data_key::{DataKeySource, Wrapping};
pub use data_key_file::DataKeyFile;
pub use issuer::{FormerUrl, Issuer};
pub use keys::DeploymentKeys;
pub use kms::Kms;
pub use signing_keys::SigningKeys;
