//! What a device reports about itself (S5, S7).

use serde::{Deserialize, Serialize};

use crate::{InfoText, Object};

/// What a device reports about itself. A text that it does not report is empty.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(from = "Object<Reported>")]
pub struct DeviceInfo {
    os: Os,
    device: Hardware,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
struct Os {
    name: String,
    version: String,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
struct Hardware {
    vendor: String,
    r#type: String,
    model: String,
}

/// [`DeviceInfo`] as apps send it: every part may be missing or `null`.
#[derive(Deserialize)]
struct Reported {
    os: Option<Object<ReportedOs>>,
    device: Option<Object<ReportedHardware>>,
}

#[derive(Default, Deserialize)]
struct ReportedOs {
    name: Option<InfoText>,
    version: Option<InfoText>,
}

#[derive(Default, Deserialize)]
struct ReportedHardware {
    vendor: Option<InfoText>,
    r#type: Option<InfoText>,
    model: Option<InfoText>,
}

impl From<Object<Reported>> for DeviceInfo {
    fn from(Object(reported): Object<Reported>) -> Self {
        let text = |reported: Option<InfoText>| reported.map(String::from).unwrap_or_default();
        let os = reported.os.map(|Object(os)| os).unwrap_or_default();
        let device = reported.device.map(|Object(device)| device).unwrap_or_default();
        Self {
            os: Os { name: text(os.name), version: text(os.version) },
            device: Hardware {
                vendor: text(device.vendor),
                r#type: text(device.r#type),
                model: text(device.model),
            },
        }
    }
}

impl DeviceInfo {
    /// The size of the texts in bytes.
    pub(crate) fn stored_bytes(&self) -> usize {
        let (os, device) = (&self.os, &self.device);
        let texts = [&os.name, &os.version, &device.vendor, &device.r#type, &device.model];
        texts.into_iter().map(String::len).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn s7_device_info_that_is_not_reported_is_empty_text() {
        let empty = json!({
            "os": { "name": "", "version": "" }, "device": { "vendor": "", "type": "", "model": "" },
        });
        let read = |text: &str| serde_json::from_str::<DeviceInfo>(text).map(|info| json!(info)).ok();
        assert_eq!(read(r#"{"os":null,"device":{"type":null,"more":1},"x":[1]}"#).unwrap(), empty);
        let reported = read(r#"{"os":{"name":"iOS","version":"18"},"device":{"model":"X"}}"#).unwrap();
        assert_eq!((&reported["os"]["name"], &reported["device"]["model"]), (&json!("iOS"), &json!("X")));
        assert_eq!(
            serde_json::from_value::<DeviceInfo>(reported.clone()).map(|it| json!(it)).unwrap(),
            reported
        );
        for bad in ["[]", "[null,null]", r#"{"os":[]}"#, r#"{"os":{"name":1}}"#, r#"{"device":"x"}"#] {
            assert!(read(bad).is_none(), "{bad}");
        }
    }
}
