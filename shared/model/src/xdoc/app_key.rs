//! App keys: the `AppKey` in security tokens of an application (X1, X2).

use crypto::Secret;
use serde::{Deserialize, Serialize};

use crate::bounded_list::bounded_list;
use crate::text::is_line;

/// The maximum number of app keys of one token set. Each token is compared with all of them.
const MAX_APP_KEYS: usize = 20;

/// The `AppKey` of a security token. `Debug` hides it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AppKey(Secret);

impl AppKey {
    /// Returns the key in clear. The caller must not log it.
    #[must_use]
    pub fn reveal(&self) -> &str {
        self.0.reveal()
    }
}

impl TryFrom<String> for AppKey {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, &'static str> {
        let is_valid = is_line(&text, 256);
        let key = Self(Secret::from(text));
        if is_valid {
            Ok(key)
        } else {
            Err("must be 1 to 256 characters, without control characters, not blank")
        }
    }
}

impl From<AppKey> for String {
    fn from(key: AppKey) -> Self {
        key.reveal().to_owned()
    }
}

bounded_list!(
    /// Up to 20 app keys (X1). If the list is empty, a token may have any `AppKey` (X7).
    AppKeys,
    AppKey,
    MAX_APP_KEYS,
    |_| true,
    "must be at most 20 app keys"
);
