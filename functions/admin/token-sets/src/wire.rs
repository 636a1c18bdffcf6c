//! The JSON of this endpoint.

use api::Problem;
use crypto::{Iv, KeyBits, Mode, Padding, TokenKey};
use model::{AppKeys, InvalidScheme, Name, ProjectId, Scheme, Timestamp, TokenSecrets, TokenSet, TokenSetId};
use serde::{Deserialize, Serialize};

/// What is not said is GCM with 256 bits, and a new key (X9).
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Creation {
    pub(crate) name: Name,
    #[serde(default = "active")]
    pub(crate) active: bool,
    #[serde(default)]
    mode: Mode,
    #[serde(default)]
    key_bits: KeyBits,
    #[serde(default)]
    padding: Padding,
    #[serde(default, deserialize_with = "model::present")]
    iv: Option<Iv>,
    #[serde(default, deserialize_with = "model::present")]
    key: Option<String>,
    #[serde(default)]
    app_keys: AppKeys,
}

/// A token set's key and its use stay as they are: make another set, and end this one when nobody uses it any more.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Update {
    #[serde(default, deserialize_with = "model::present")]
    pub(crate) name: Option<Name>,
    #[serde(default, deserialize_with = "model::present")]
    pub(crate) active: Option<bool>,
    #[serde(default, deserialize_with = "model::present")]
    pub(crate) app_keys: Option<AppKeys>,
}

/// A token set without its secrets.
#[derive(Serialize)]
pub(crate) struct Output<'a> {
    id: TokenSetId,
    project_id: ProjectId,
    name: &'a Name,
    active: bool,
    cipher: &'static str,
    mode: Mode,
    key_bits: KeyBits,
    padding: Padding,
    iv: Option<&'a Iv>,
    /// Whether a changed token is told from a whole one; where not, the mode is for compatibility alone (X9).
    authenticated: bool,
    /// Whether the IV is eight characters taken as UTF-16LE (X5).
    legacy_iv: bool,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// A new token set with its key, shown once.
#[derive(Serialize)]
pub(crate) struct Shown<'a> {
    #[serde(flatten)]
    pub(crate) set: Output<'a>,
    pub(crate) key: &'a str,
}

const fn active() -> bool {
    true
}

impl Creation {
    /// The scheme and its secrets, if there is a cipher for them (X5).
    pub(crate) fn sound(&self) -> Result<(Scheme, TokenSecrets), Problem> {
        let Self { mode, key_bits, padding, .. } = *self;
        let scheme = Scheme { mode, key_bits, padding, iv: self.iv.clone() };
        scheme.check().map_err(|unsound| match unsound {
            InvalidScheme::NoIv => Problem::invalid("iv", unsound.to_string()),
            InvalidScheme::JweBits => Problem::invalid("key_bits", unsound.to_string()),
        })?;
        let key = match &self.key {
            None => TokenKey::generate(key_bits)?,
            Some(text) => TokenKey::parse(text, key_bits).map_err(|_| {
                Problem::invalid(
                    "key",
                    "must be Base64 or hex of exactly key_bits bits, or left out for a new key",
                )
            })?,
        };
        Ok((scheme, TokenSecrets { key, app_keys: self.app_keys.clone() }))
    }
}

impl<'a> Output<'a> {
    pub(crate) fn of(set: &'a TokenSet, project_id: ProjectId) -> Self {
        let Scheme { mode, key_bits, padding, ref iv } = set.scheme;
        Self {
            id: set.id,
            project_id,
            name: &set.name,
            active: set.active,
            cipher: "AES",
            mode,
            key_bits,
            padding,
            iv: iv.as_ref(),
            authenticated: mode.is_authenticated(),
            legacy_iv: iv.as_ref().is_some_and(Iv::is_legacy),
            created_at: set.created_at,
            updated_at: set.updated_at,
        }
    }
}
