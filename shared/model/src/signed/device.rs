//! Devices that are attached to users (S5, S7).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{DeviceId, DeviceInfo, DeviceMetadata, Identity, Signals, UserId};

/// The maximum number of devices of one user that signed calls attach.
pub const DEVICES_PER_USER: u32 = 500;

/// The maximum number of devices of one user that unsigned calls attach, beside those of signed calls. Anyone can make
/// unsigned calls (S11).
pub const UNSIGNED_DEVICES_PER_USER: usize = 20;

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

/// A device that an unsigned call attached. It expires (S11).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct UnsignedDevice {
    /// The device.
    #[serde(flatten)]
    pub device: AttachedDevice,
    /// When the device expires, in Unix seconds.
    pub expires_at: i64,
    /// Until when the user is listed among the users of the project, in Unix seconds.
    pub listed_until: i64,
}

impl UnsignedDevice {
    /// Whether the device still exists at the time `now`.
    #[must_use]
    pub fn is_live(&self, now: Timestamp) -> bool {
        now.as_second() < self.expires_at
    }
}
