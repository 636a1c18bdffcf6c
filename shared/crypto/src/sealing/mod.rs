//! Sealing: AES-256-GCM under a data key, bound to the item in which the value is stored. And the hash key, which makes
//! ids that never change.

mod data_key;
mod data_keys;
mod hash_key;
mod sealed;

pub use data_key::DataKey;
pub use data_keys::DataKeys;
pub use hash_key::HashKey;
pub use sealed::Sealed;
