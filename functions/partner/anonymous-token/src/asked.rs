//! What a request asks for: a site, a platform and a device, in its query (V3).

use api::Request;
use model::{Device, SiteName};

/// What the query names, each only if it is as it must be.
pub(crate) struct Asked {
    /// The site; known also when the rest does not fit, for it says which methods there are (V1).
    pub(crate) site: Option<SiteName>,
    /// The device; none if there is any other parameter, or one twice.
    pub(crate) device: Option<Device>,
}

impl Asked {
    /// Reads it. What is badly encoded is read as characters no parameter may have.
    pub(crate) fn read(request: &Request) -> Self {
        let all = api::parameters(request).unwrap_or_default();
        let once = |name: &str| {
            let mut named = all.iter().filter(|(it, _)| it == name);
            let (first, second) = (named.next()?, named.next());
            second.is_none().then_some(first.1.as_str())
        };
        let site = once("site").and_then(|name| SiteName::try_from(name.to_owned()).ok());
        let device = once("platform").zip(once("deviceId")).filter(|_| all.len() == 3);
        Self { site, device: device.and_then(|(platform, id)| Device::parse(platform, id)) }
    }
}
