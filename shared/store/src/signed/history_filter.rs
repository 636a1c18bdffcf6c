//! Selects calls of a history (S8).

use model::{Access, DeviceId, Identity, UserId};

/// A filter on the history of a project. At least one field is set; a call must match all fields that are set.
#[derive(Debug, Clone, Default)]
pub struct HistoryFilter {
    /// Calls for this user.
    pub user: Option<UserId>,
    /// Calls for this device.
    pub device: Option<DeviceId>,
    /// Calls for this identity.
    pub identity: Option<Identity>,
}

impl HistoryFilter {
    pub(crate) fn matches(&self, access: &Access) -> bool {
        let same_user = self.user.is_none() || self.user == access.user;
        let same_device = self.device.is_none() || self.device == access.device;
        let same_identity = self.identity.is_none() || self.identity == access.identity;
        same_user && same_device && same_identity
    }
}
