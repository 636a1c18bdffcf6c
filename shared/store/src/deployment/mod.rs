//! The items that a deployment has once: its data keys and hash key, its signing keys and its issuer.

mod comparison;
mod data_key;
mod data_key_file;
mod inspection;
pub(crate) mod issuer;
mod item;
mod keys;
mod kms;
mod rotation;
pub(crate) mod signing_keys;

pub use comparison::{Comparison, Difference, FieldDifference, Since};
pub use data_key::{DataKeySource, Wrapping};
pub use data_key_file::DataKeyFile;
pub use inspection::Inspection;
pub use issuer::{FormerUrl, Issuer};
pub use keys::DeploymentKeys;
pub use kms::Kms;
pub use rotation::{Rotation, RotationStep};
pub use signing_keys::SigningKeys;
