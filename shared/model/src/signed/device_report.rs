//! What an attach call reports about a device (S5).

use jiff::{SignedDuration, Timestamp};

use crate::{AttachedDevice, DeviceId, DeviceInfo, DeviceMetadata, Identity, Signals, UserId};

/// An attach that reports nothing new updates the device only if its last update is this old. So `updated_at` is at
/// most this much older than the last attach. The history has the time of every attach.
const UPDATE_INTERVAL: SignedDuration = SignedDuration::from_hours(24);

/// A device as an attach call reports it. A field that the call leaves out is `None`.
#[derive(Debug, Clone)]
pub struct DeviceReport {
    /// The id of the device.
    pub id: DeviceId,
    /// The user it belongs to.
    pub user: UserId,
    /// The identity that was found for it.
    pub identity: Option<Identity>,
    /// What the device reports about itself.
    pub info: Option<DeviceInfo>,
    /// What the app reports about it.
    pub metadata: Option<DeviceMetadata>,
    /// What distinguishes it from other devices.
    pub signals: Option<Signals>,
}

impl AttachedDevice {
    /// Whether an attach at the time `now` updates the device even if it reports nothing new.
    #[must_use]
    pub fn is_update_due(&self, now: Timestamp) -> bool {
        now.duration_since(self.updated_at) >= UPDATE_INTERVAL
    }
}

impl DeviceReport {
    /// The device, attached for the first time at the time `now`.
    #[must_use]
    pub fn new_device(&self, now: Timestamp) -> AttachedDevice {
        let Self { id, user, identity, info, metadata, signals } = self.clone();
        AttachedDevice {
            id,
            user,
            identity,
            info: info.unwrap_or_default(),
            metadata: metadata.unwrap_or_default(),
            signals: signals.unwrap_or_default(),
            created_at: now,
            updated_at: now,
        }
    }

    /// `stored` after an attach at the time `now`. A field that the call leaves out keeps its value.
    #[must_use]
    pub fn updated(&self, stored: &AttachedDevice, now: Timestamp) -> AttachedDevice {
        let Self { identity, info, metadata, signals, .. } = self.clone();
        AttachedDevice {
            identity: identity.or_else(|| stored.identity.clone()),
            info: info.unwrap_or_else(|| stored.info.clone()),
            metadata: metadata.unwrap_or_else(|| stored.metadata.clone()),
            signals: signals.unwrap_or_else(|| stored.signals.clone()),
            updated_at: now,
            ..stored.clone()
        }
    }

    /// Whether an attach at the time `now` has to update `stored`: the report has something that is not stored, or the
    /// last update is 24 hours old.
    #[must_use]
    pub fn must_update(&self, stored: &AttachedDevice, now: Timestamp) -> bool {
        stored.is_update_due(now)
            || (self.identity.is_some() && self.identity != stored.identity)
            || self.info.as_ref().is_some_and(|info| *info != stored.info)
            || self.metadata.as_ref().is_some_and(|metadata| *metadata != stored.metadata)
            || self.signals.as_ref().is_some_and(|signals| *signals != stored.signals)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, from_value, json};

    fn report(fields: Value) -> DeviceReport {
        let field = |name: &str| fields[name].clone();
        DeviceReport {
            id: from_value(json!("d")).unwrap(),
            user: from_value(json!("u")).unwrap(),
            identity: from_value(field("identity")).unwrap(),
            info: from_value(field("info")).unwrap(),
            metadata: fields.get("metadata").map(|it| from_value(it.clone()).unwrap()),
            signals: fields.get("signals").map(|it| from_value(it.clone()).unwrap()),
        }
    }

    fn hours(hours: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_hours(hours)
    }

    #[test]
    fn s5_a_report_updates_the_device_if_it_has_something_that_is_not_stored() {
        let full = json!({
            "identity": "i", "info": { "os": { "name": "iOS" } }, "metadata": { "plan": "pro" },
            "signals": { "locale": "de" },
        });
        let stored = report(full.clone()).new_device(hours(0));
        for (case, fields, expected) in [
            ("everything as stored", full, false),
            ("nothing", json!({}), false),
            ("another identity", json!({ "identity": "j" }), true),
            ("other info", json!({ "info": { "os": { "name": "iOS", "version": "18" } } }), true),
            ("other metadata", json!({ "metadata": { "plan": "trial" } }), true),
            ("more metadata", json!({ "metadata": { "plan": "pro", "x": "" } }), true),
            ("other signals", json!({ "signals": { "locale": "fr" } }), true),
        ] {
            assert_eq!(report(fields).must_update(&stored, hours(1)), expected, "{case}");
        }
        let bare = report(json!({})).new_device(hours(0));
        assert!(report(json!({ "identity": "i" })).must_update(&bare, hours(0)), "the first identity");
    }

    #[test]
    fn s7_updated_at_is_less_than_24_hours_older_than_the_last_attach() {
        let nothing_new = report(json!({}));
        let stored = nothing_new.new_device(hours(100));
        let second = SignedDuration::from_secs(1);
        for (now, expected) in [
            (hours(100), false),
            (hours(124) - second, false),
            (hours(124), true),
            (hours(500), true),
            (hours(90), false), // the clock of another function is ahead
        ] {
            assert_eq!(nothing_new.must_update(&stored, now), expected, "{now}");
        }
    }
}
