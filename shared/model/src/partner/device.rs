//! Anonymous devices, as a partner's app or page names them (V3).

/// The platforms, and the prefix of device ids on each platform.
const PLATFORMS: [(&str, &str); 3] = [("web_browser", "browser-"), ("iOS", "app-"), ("Android", "app-")];

/// The maximum length of an id without its prefix.
const MAX_LENGTH: usize = 128;

/// A device and its platform.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    platform: &'static str,
    id: String,
}

impl Device {
    /// Parses a platform and a device id. Returns `None` unless both have the exact spelling that V3
    /// requires.
    #[must_use]
    pub fn parse(platform: &str, id: &str) -> Option<Self> {
        let (platform, start) = PLATFORMS.into_iter().find(|(name, _)| *name == platform)?;
        let own = id.strip_prefix(start)?;
        let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        let well_formed = (1..=MAX_LENGTH).contains(&own.len()) && own.bytes().all(is_allowed);
        well_formed.then(|| Self { platform, id: id.to_owned() })
    }

    /// The platform.
    #[must_use]
    pub fn platform(&self) -> &str {
        self.platform
    }

    /// The id, with the prefix of the platform.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn v3_a_device_id_must_match_its_platform() {
        for (platform, id, fits) in [
            ("web_browser", "browser-unique_id_1234", true),
            ("iOS", "app-unique_id_5678", true),
            ("Android", "app-unique_id_9012", true),
            ("iOS", "app-A.b_c-9", true),
            ("web_browser", "app-1", false),
            ("iOS", "browser-1", false),
            ("Android", "browser-1", false),
            ("ios", "app-1", false),
            ("android", "app-1", false),
            ("Web_Browser", "browser-1", false),
            ("web_browser ", "browser-1", false),
            ("", "app-1", false),
            ("iOS", "app-", false),
            ("iOS", "app", false),
            ("iOS", "APP-1", false),
            ("iOS", "1", false),
            ("iOS", "", false),
            ("iOS", "app-a b", false),
            ("iOS", "app-a/b", false),
            ("iOS", "app-ä", false),
            ("iOS", "app-a\n", false),
            ("iOS", "app-a\0", false),
        ] {
            assert_eq!(Device::parse(platform, id).is_some(), fits, "{platform:?} {id:?}");
        }
    }

    #[test]
    fn v3_a_device_id_has_128_characters_at_most() {
        for (length, fits) in [(1, true), (128, true), (129, false)] {
            let own = "x".repeat(length);
            assert_eq!(Device::parse("iOS", &format!("app-{own}")).is_some(), fits, "{length}");
            assert_eq!(Device::parse("web_browser", &format!("browser-{own}")).is_some(), fits, "{length}");
        }
    }

    proptest! {
        #[test]
        fn v3_a_parsed_device_keeps_its_exact_spelling(platform in "\\PC{0,12}|iOS|web_browser", id in "(app|browser)-\\PC{0,140}") {
            if let Some(device) = Device::parse(&platform, &id) {
                prop_assert_eq!((device.platform(), device.id()), (&*platform, &*id));
                prop_assert!(id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte)));
            }
        }
    }
}
