//! The size of a device in the table (S11).

use crate::{AttachedDevice, DeviceReport};

/// The maximum size of a device in the table, in bytes.
pub const MAX_DEVICE_BYTES: usize = 2048;

/// The size of a device whose fields are all empty: its key, the names of its attributes, its times and numbers.
const EMPTY_DEVICE_BYTES: usize = 320;

/// A report makes a device larger than [`MAX_DEVICE_BYTES`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{field} makes the device too large")]
pub struct DeviceTooLarge {
    /// The largest field of the report, as attach requests name it. It is not an id: ids alone are not too large.
    pub field: &'static str,
}

impl AttachedDevice {
    /// The size in the table, in bytes, or a little more. The id counts twice: it is also in the key.
    #[must_use]
    fn stored_bytes(&self) -> usize {
        let identity = self.identity.as_ref().map_or(0, |identity| identity.as_str().len());
        let ids = 2 * self.id.as_str().len() + self.user.as_str().len() + identity;
        let texts = self.info.stored_bytes() + self.metadata.stored_bytes() + self.signals.stored_bytes();
        EMPTY_DEVICE_BYTES + ids + texts
    }
}

impl DeviceReport {
    /// Checks that `new`, the device after this report, is not too large. A device of an earlier version may be larger; it
    /// must not grow.
    ///
    /// # Errors
    /// [`DeviceTooLarge`].
    pub fn check_size(
        &self,
        stored: Option<&AttachedDevice>,
        new: &AttachedDevice,
    ) -> Result<(), DeviceTooLarge> {
        let (bytes, before) = (new.stored_bytes(), stored.map_or(0, AttachedDevice::stored_bytes));
        if bytes > MAX_DEVICE_BYTES && bytes > before {
            Err(DeviceTooLarge { field: self.largest_field() })
        } else {
            Ok(())
        }
    }

    fn largest_field(&self) -> &'static str {
        let fields = [
            ("device_info", self.info.as_ref().map_or(0, |info| info.stored_bytes())),
            ("signals", self.signals.as_ref().map_or(0, |signals| signals.stored_bytes())),
            ("metadata", self.metadata.as_ref().map_or(0, |metadata| metadata.stored_bytes())),
        ];
        fields.into_iter().max_by_key(|(_, bytes)| *bytes).map_or("metadata", |(field, _)| field)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, from_value, json};

    fn report(metadata: usize, signals: usize) -> DeviceReport {
        let texts = |size: usize| (size > 0).then(|| json!({ "t": "x".repeat(size) }));
        let field = |texts: Option<Value>| texts.map(|texts| from_value(texts).unwrap());
        DeviceReport {
            id: from_value(json!("d")).unwrap(),
            user: from_value(json!("u")).unwrap(),
            identity: None,
            info: None,
            metadata: texts(metadata).map(|texts| from_value(texts).unwrap()),
            signals: field(texts(signals)),
        }
    }

    fn now() -> jiff::Timestamp {
        jiff::Timestamp::UNIX_EPOCH
    }

    #[test]
    fn s11_a_device_is_at_most_2048_bytes_and_the_largest_field_is_named() {
        let check = |metadata: usize, signals: usize| {
            let user = from_value(json!("\u{1f600}".repeat(256))).unwrap();
            let report = DeviceReport { user, ..report(metadata, signals) };
            report.check_size(None, &report.new_device(now()))
        };
        let of_ids = 2 * "d".len() + 256 * '\u{1f600}'.len_utf8();
        let room = MAX_DEVICE_BYTES - EMPTY_DEVICE_BYTES - of_ids - 2 * " t".len();
        assert_eq!(check(room - 200, 200), Ok(()));
        assert_eq!(check(200, room - 200), Ok(()));
        assert_eq!(check(room - 199, 200), Err(DeviceTooLarge { field: "metadata" }));
        assert_eq!(check(200, room - 199), Err(DeviceTooLarge { field: "signals" }));
    }

    #[test]
    fn s11_a_device_of_an_earlier_version_may_be_larger_but_must_not_grow() {
        let mut stored = report(1024, 0).new_device(now());
        stored.signals = from_value(json!({ "a": "x".repeat(512), "b": "x".repeat(512) })).unwrap();
        let after = |update: &DeviceReport| update.check_size(Some(&stored), &update.updated(&stored, now()));
        assert_eq!(after(&report(1024, 0)), Ok(()), "the same");
        assert_eq!(after(&report(900, 0)), Ok(()), "smaller");
        let grown = DeviceReport { identity: Some(from_value(json!("i")).unwrap()), ..report(1024, 0) };
        assert_eq!(after(&grown), Err(DeviceTooLarge { field: "metadata" }));
    }
}
