//! Window S: the devices of a project's users, and the history of their calls.

mod device;
mod history;

pub use device::{
    AttachedDevice, DEVICES_PER_USER, DeviceInfo, DeviceMetadata, Signals, UNSIGNED_DEVICES_PER_USER,
};
pub use history::{Access, AccessKind, Unsigned};
