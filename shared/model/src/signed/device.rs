//! Devices that are attached to users (S5, S7).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{DeviceId, DeviceInfo, DeviceMetadata, Identity, Signals, UserId};

/// The maximum number of devices of one user: one response of the list can hold them all.
pub const DEVICES_PER_USER: u32 = 500;

/// The maximum number of devices that unsigned calls may attach to one user. Anyone can make such calls; the
/// rest stays free for the user's own devices.
pub const UNSIGNED_DEVICES_PER_USER: u32 = 400;

/// A device that is attached to a user.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AttachedDevice {
    /// The id, by which the device is detached.
    pub id: DeviceId,
    /// The user.
    pub user: UserId,
    /// The identity of the device, if the attach request named one.
    pub identity: Option<Identity>,
    /// What the device reports about itself.
    pub info: DeviceInfo,
    /// What the project's app stores with the device.
    pub metadata: DeviceMetadata,
    /// The texts that distinguish the device from others.
    pub signals: Signals,
    /// When the device was first attached.
    pub created_at: Timestamp,
    /// When the device was last attached, or up to 24 hours earlier ([`must_update`](crate::DeviceReport::must_update)).
    pub updated_at: Timestamp,
}
