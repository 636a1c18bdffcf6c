//! Window S: the devices of a project's users, and the access history.

mod device;
mod device_info;
mod device_report;
mod device_size;
mod device_texts;
mod history;

pub use device::{AttachedDevice, DEVICES_PER_USER, UNSIGNED_DEVICES_PER_USER, UnsignedDevice};
pub use device_info::DeviceInfo;
pub use device_report::DeviceReport;
pub use device_size::{DeviceTooLarge, MAX_DEVICE_BYTES};
pub use device_texts::{DeviceMetadata, Signals};
pub use history::{Access, AccessKind, Unsigned};
