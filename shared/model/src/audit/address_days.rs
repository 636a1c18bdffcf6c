//! How long the audit log keeps source addresses.

use jiff::Timestamp;

use crate::number::whole_number;

whole_number! {
    /// For how many days the source address of an audit record is kept (A13).
    AuditAddressDays, 1..=3650, "must be 1 to 3650 days";
}

impl Default for AuditAddressDays {
    fn default() -> Self {
        Self(90)
    }
}

impl AuditAddressDays {
    /// When an address that was stored at the time `at` expires, in Unix seconds.
    #[must_use]
    pub fn expires_at(self, at: Timestamp) -> i64 {
        at.as_second() + i64::from(self.0) * 86_400
    }
}
