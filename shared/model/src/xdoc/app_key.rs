//! App keys: what security tokens of an application carry as `AppKey` (X1, X2).

use crypto::Secret;
use serde::{Deserialize, Serialize};

use crate::text::is_line;
use crate::xdoc::bounded_list::bounded_list;

/// The most app keys one token set has: a token's is compared with every one.
const APP_KEYS: usize = 20;

/// A text that a security token carries as `AppKey`, hidden in `Debug`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AppKey(Secret);

impl AppKey {
    /// The key. Whoever calls this answers for where it goes.
    #[must_use]
    pub fn reveal(&self) -> &str {
        self.0.reveal()
    }
}

impl TryFrom<String> for AppKey {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, &'static str> {
        let fits = is_line(&text, 256);
        let key = Self(Secret::from(text));
        if fits { Ok(key) } else { Err("must be 1 to 256 characters, without control characters, not blank") }
    }
}

impl From<AppKey> for String {
    fn from(key: AppKey) -> Self {
        key.reveal().to_owned()
    }
}

bounded_list!(
    /// Up to 20 app keys (X1). With none, a token's `AppKey` may be anything (X7).
    AppKeys,
    AppKey,
    APP_KEYS,
    |_| true,
    "must be at most 20 app keys"
);
