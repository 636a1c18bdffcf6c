//! A function's settings, read from the environment once and checked at start.

use std::path::PathBuf;

use model::{AuditAddressDays, SignedDuration};

use crate::request::edge::Edge;

/// How log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// One JSON object per line.
    Json,
    /// For reading on a terminal.
    Text,
}

/// What happens to a request when its rate limit cannot be checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnFailure {
    /// It is accepted without a limit.
    Open,
    /// It is refused.
    Closed,
}

/// Whether the Admin API and window X accept plain signed requests (F10) beside bearer tokens (A12).
///
/// A plain signature covers neither method nor path nor body: whoever sees the headers of one request can send any other
/// request with them for 300 s.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlainSignatures {
    /// It accepts them.
    Accepted,
    /// It refuses them. The default.
    Refused,
}

/// The settings of every function.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    /// `TOKENBOOTH_TABLE`: the table's name.
    pub(crate) table: String,
    /// `TOKENBOOTH_DATA_KEY_FILE`: the file with the data key. Without it, KMS unwraps the data key in the table.
    pub(crate) data_key_file: Option<PathBuf>,
    /// `TOKENBOOTH_CACHE_SECONDS`: how long reads are cached, 0 to 300, 10 by default. After at most this time a disable,
    /// revoke or rotate takes effect everywhere.
    pub(crate) cache: SignedDuration,
    /// `TOKENBOOTH_RATE_LIMIT_FAILURE`: `open` (the default) or `closed`. Windows V and S ignore it and always fail closed.
    pub(crate) rate_limit_failure: OnFailure,
    /// `TOKENBOOTH_ADMIN_PLAIN_SIGNATURES`: `false` (the default) or `true`. Only the functions of the Admin API
    /// and of window X read it.
    pub(crate) admin_plain_signatures: PlainSignatures,
    /// `TOKENBOOTH_AUDIT_ADDRESS_DAYS`: for how many days the source addresses of audit records are kept, 1 to 3650, 90 by
    /// default.
    pub(crate) audit_address_days: AuditAddressDays,
    /// `TOKENBOOTH_LOG`: `json` (the default) or `text`.
    pub(crate) log: LogFormat,
    /// `TOKENBOOTH_ORIGIN_SECRET_DIGESTS` and `TOKENBOOTH_REQUIRE_ORIGIN_SECRET`: how requests from the edge are recognised.
    pub(crate) edge: Edge,
}

/// A setting that is missing or wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{name} {reason}")]
pub struct SettingsError {
    name: &'static str,
    reason: &'static str,
}

impl Settings {
    /// Reads them from the environment.
    ///
    /// # Errors
    /// [`SettingsError`] naming the setting.
    pub(crate) fn from_env() -> Result<Self, SettingsError> {
        Self::read(|name| std::env::var(name).ok())
    }

    fn read(variable: impl Fn(&str) -> Option<String>) -> Result<Self, SettingsError> {
        let refuse = |name, reason| SettingsError { name, reason };
        let set = |name| variable(name).filter(|value| !value.is_empty());
        let cache = match set("TOKENBOOTH_CACHE_SECONDS").map(|text| text.parse::<u16>()) {
            None => 10,
            Some(Ok(seconds)) if seconds <= 300 => seconds,
            Some(_) => return Err(refuse("TOKENBOOTH_CACHE_SECONDS", "must be 0 to 300")),
        };
        let log = match set("TOKENBOOTH_LOG").as_deref() {
            None | Some("json") => LogFormat::Json,
            Some("text") => LogFormat::Text,
            Some(_) => return Err(refuse("TOKENBOOTH_LOG", "must be json or text")),
        };
        let rate_limit_failure = match set("TOKENBOOTH_RATE_LIMIT_FAILURE").as_deref() {
            None | Some("open") => OnFailure::Open,
            Some("closed") => OnFailure::Closed,
            Some(_) => return Err(refuse("TOKENBOOTH_RATE_LIMIT_FAILURE", "must be open or closed")),
        };
        let admin_plain_signatures = match set("TOKENBOOTH_ADMIN_PLAIN_SIGNATURES").as_deref() {
            None | Some("false") => PlainSignatures::Refused,
            Some("true") => PlainSignatures::Accepted,
            Some(_) => return Err(refuse("TOKENBOOTH_ADMIN_PLAIN_SIGNATURES", "must be true or false")),
        };
        let address_days = set("TOKENBOOTH_AUDIT_ADDRESS_DAYS").map(|text| text.parse::<u16>());
        let audit_address_days = match address_days.map(|days| days.map(f64::from).map(TryFrom::try_from)) {
            None => AuditAddressDays::default(),
            Some(Ok(Ok(days))) => days,
            Some(_) => return Err(refuse("TOKENBOOTH_AUDIT_ADDRESS_DAYS", "must be 1 to 3650")),
        };
        Ok(Self {
            rate_limit_failure,
            admin_plain_signatures,
            audit_address_days,
            table: set("TOKENBOOTH_TABLE").ok_or(refuse("TOKENBOOTH_TABLE", "is not set"))?,
            data_key_file: set("TOKENBOOTH_DATA_KEY_FILE").map(PathBuf::from),
            cache: SignedDuration::from_secs(i64::from(cache)),
            log,
            edge: edge(variable)?,
        })
    }
}

/// Reads from the environment how requests from the edge are recognised.
///
/// # Errors
/// [`SettingsError`] naming the setting.
pub fn edge_from_env() -> Result<Edge, SettingsError> {
    edge(|name| std::env::var(name).ok())
}

fn edge(variable: impl Fn(&str) -> Option<String>) -> Result<Edge, SettingsError> {
    const DIGESTS: &str = "TOKENBOOTH_ORIGIN_SECRET_DIGESTS";
    const REQUIRE: &str = "TOKENBOOTH_REQUIRE_ORIGIN_SECRET";
    let set = |name| variable(name).filter(|value| !value.is_empty());
    let is_required = match set(REQUIRE).as_deref() {
        None | Some("false") => false,
        Some("true") => true,
        Some(_) => return Err(SettingsError { name: REQUIRE, reason: "must be true or false" }),
    };
    match set(DIGESTS) {
        Some(digests) => {
            Edge::parse(&digests, is_required).map_err(|reason| SettingsError { name: DIGESTS, reason })
        }
        None if is_required => Err(SettingsError { name: DIGESTS, reason: "is not set and is required" }),
        None => Ok(Edge::default()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(set: &[(&str, &str)]) -> Result<Settings, String> {
        let find = |name: &str| set.iter().find(|(it, _)| *it == name).map(|(_, value)| (*value).to_owned());
        Settings::read(find).map_err(|error| error.to_string())
    }

    #[test]
    fn settings_have_defaults_and_the_table_has_none() {
        let settings = read(&[("TOKENBOOTH_TABLE", "t")]).unwrap();
        assert_eq!(settings.cache, SignedDuration::from_secs(10));
        assert_eq!(settings.log, LogFormat::Json);
        assert_eq!(settings.rate_limit_failure, OnFailure::Open);
        assert_eq!(settings.admin_plain_signatures, PlainSignatures::Refused);
        assert_eq!(u32::from(settings.audit_address_days), 90);
        assert_eq!(read(&[]).unwrap_err(), "TOKENBOOTH_TABLE is not set");
        assert_eq!(read(&[("TOKENBOOTH_TABLE", "")]).unwrap_err(), "TOKENBOOTH_TABLE is not set");
    }

    #[test]
    fn a_wrong_setting_names_itself() {
        for (name, value) in [
            ("TOKENBOOTH_CACHE_SECONDS", "301"),
            ("TOKENBOOTH_CACHE_SECONDS", "-1"),
            ("TOKENBOOTH_CACHE_SECONDS", "soon"),
            ("TOKENBOOTH_LOG", "xml"),
            ("TOKENBOOTH_RATE_LIMIT_FAILURE", "ajar"),
            ("TOKENBOOTH_REQUIRE_ORIGIN_SECRET", "yes"),
            ("TOKENBOOTH_ORIGIN_SECRET_DIGESTS", "the-secret-itself"),
            ("TOKENBOOTH_ORIGIN_SECRET_DIGESTS", &format!("{},", "0".repeat(64))),
            ("TOKENBOOTH_ORIGIN_SECRET_DIGESTS", &"A".repeat(64)),
            ("TOKENBOOTH_ORIGIN_SECRET_DIGESTS", &["0"; 3].map(|it| it.repeat(64)).join(",")),
            ("TOKENBOOTH_ADMIN_PLAIN_SIGNATURES", "yes"),
            ("TOKENBOOTH_AUDIT_ADDRESS_DAYS", "0"),
            ("TOKENBOOTH_AUDIT_ADDRESS_DAYS", "3651"),
            ("TOKENBOOTH_AUDIT_ADDRESS_DAYS", "1.5"),
        ] {
            let error = read(&[("TOKENBOOTH_TABLE", "t"), (name, value)]).unwrap_err();
            assert!(error.starts_with(name), "{error}");
        }
        let without_digests =
            read(&[("TOKENBOOTH_TABLE", "t"), ("TOKENBOOTH_REQUIRE_ORIGIN_SECRET", "true")]);
        assert!(without_digests.unwrap_err().starts_with("TOKENBOOTH_ORIGIN_SECRET_DIGESTS"));
    }

    #[test]
    fn an_edge_has_one_or_two_digests() {
        let (one, other) = ("0".repeat(64), "f".repeat(64));
        for (digests, count) in [(String::new(), 0), (one.clone(), 1), (format!("{one}, {other}"), 2)] {
            let set = [("TOKENBOOTH_TABLE", "t"), ("TOKENBOOTH_ORIGIN_SECRET_DIGESTS", &*digests)];
            let edge = read(&set).unwrap().edge;
            let expected = if count == 0 { Edge::default() } else { Edge::parse(&digests, false).unwrap() };
            assert_eq!(edge, expected, "{digests}");
        }
    }
}
