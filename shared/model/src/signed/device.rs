//! Devices attached to users, and what they say of themselves (S5, S7).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{DeviceId, DeviceInfo, DeviceMetadata, Identity, Signals, UserId};

/// The most devices a user has: what one answer of the list can hold.
pub const DEVICES_PER_USER: u32 = 500;

/// How many of them calls that prove nothing may attach: anyone makes those, and the user's own must still find room.
pub const UNSIGNED_DEVICES_PER_USER: u32 = 400;

/// A device attached to a user.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AttachedDevice {
    /// Its id, by which it is detached.
    pub id: DeviceId,
    /// Whose it is.
    pub user: UserId,
    /// Who it was taken for, if the call that attached it said so.
    pub identity: Option<Identity>,
    /// What it says of itself.
    pub info: DeviceInfo,
    /// What the project's app says of it.
    pub metadata: DeviceMetadata,
    /// What tells it from others.
    pub signals: Signals,
    /// When it was attached.
    pub created_at: Timestamp,
    /// When it was last attached again.
    pub updated_at: Timestamp,
}
