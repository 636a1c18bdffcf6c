//! Selects calls of a history (S8).

use std::fmt;

use model::{Access, DeviceId, Identity, UserId};

/// A filter on the history of a project. The user, the device or the identity is set; a call must match all fields that are
/// set.
#[derive(Debug, Clone, Default)]
pub struct HistoryFilter {
    /// Calls for this user.
    pub user: Option<UserId>,
    /// Calls for this device.
    pub device: Option<DeviceId>,
    /// Calls for this identity.
    pub identity: Option<Identity>,
    /// Signed calls, or unsigned ones.
    pub signed: Option<bool>,
}

impl HistoryFilter {
    pub(crate) fn matches(&self, access: &Access) -> bool {
        let same_user = self.user.is_none() || self.user == access.user;
        let same_device = self.device.is_none() || self.device == access.device;
        let same_identity = self.identity.is_none() || self.identity == access.identity;
        let same_proof = self.signed.is_none_or(|signed| signed == access.unsigned.is_none());
        same_user && same_device && same_identity && same_proof
    }

    /// Leaves out unsigned calls for an identity that signed calls have: anyone can name any identity (S11).
    pub(crate) fn retain_proved(&self, calls: &mut Vec<Access>) {
        let is_signed = |access: &Access| access.unsigned.is_none();
        if self.identity.is_some() && calls.iter().any(is_signed) {
            calls.retain(is_signed);
        }
    }
}

/// The filter in one spelling, for cursors.
impl fmt::Display for HistoryFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { user, device, identity, signed } = self;
        write!(f, "user={user:?} device={device:?} identity={identity:?} signed={signed:?}")
    }
}
