//! Secrets that rotate with overlap: after a rotation, the old secret stays valid until its end.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// The maximum number of versions that are valid at the same time.
const MAX_VERSIONS: usize = 5;
/// How long a rotated secret stays valid by default.
const DEFAULT_OVERLAP: SignedDuration = SignedDuration::from_hours(24);
/// The maximum overlap.
const MAX_OVERLAP: SignedDuration = SignedDuration::from_hours(90 * 24);

/// One version of a secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecretVersion {
    /// The encrypted secret. It is needed in clear to sign and to verify.
    pub sealed: crypto::Sealed,
    /// SHA-256 of the secret. A caller that presents the secret is looked up by it.
    pub digest: String,
    /// When the version was created.
    pub created_at: Timestamp,
    /// The version is invalid from this time on. `None` means that it has no end.
    pub valid_until: Option<Timestamp>,
}

/// The versions of a secret, the newest first. The newest has no end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secrets(Vec<SecretVersion>);

/// Why a secret cannot be rotated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RotationRefused {
    /// The requested overlap is longer than 90 days.
    #[error("the old secret can stay valid for at most 90 days")]
    TooLong,
    /// Too many versions are still valid.
    #[error("too many old secrets are still valid, wait until one ends or end them all now")]
    TooMany,
}

/// When a secret that is rotated at `now` becomes invalid: at the requested time, or after 24 hours (F4, S2).
///
/// # Errors
/// [`RotationRefused::TooLong`] if the overlap is longer than 90 days.
pub fn overlap_end(requested: Option<Timestamp>, now: Timestamp) -> Result<Timestamp, RotationRefused> {
    let until = requested.unwrap_or(now + DEFAULT_OVERLAP);
    if until > now + MAX_OVERLAP { Err(RotationRefused::TooLong) } else { Ok(until) }
}

impl SecretVersion {
    /// A new version without an end.
    #[must_use]
    pub fn new(sealed: crypto::Sealed, digest: String, now: Timestamp) -> Self {
        Self { sealed, digest, created_at: now, valid_until: None }
    }

    /// Whether the version is valid at the time `now`.
    #[must_use]
    pub fn is_usable(&self, now: Timestamp) -> bool {
        self.valid_until.is_none_or(|end| now < end)
    }
}

impl Secrets {
    /// A secret with one version.
    #[must_use]
    pub fn new(first: SecretVersion) -> Self {
        Self(vec![first])
    }

    /// All versions, the newest first, including invalid ones.
    pub fn iter(&self) -> impl Iterator<Item = &SecretVersion> {
        self.0.iter()
    }

    /// Adds `new` as the newest version. The other versions end at `until` (default: in 24 hours) or earlier,
    /// and versions that have ended are removed.
    ///
    /// # Errors
    /// [`RotationRefused`].
    pub fn rotated(
        &self,
        new: SecretVersion,
        until: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<Self, RotationRefused> {
        let until = overlap_end(until, now)?;
        let ending = |old: &SecretVersion| {
            let end = old.valid_until.map_or(until, |end| end.min(until));
            SecretVersion { valid_until: Some(end), ..old.clone() }
        };
        let others = self.0.iter().map(ending).filter(|old| old.is_usable(now));
        let all: Vec<_> = std::iter::once(new).chain(others).collect();
        if all.len() > MAX_VERSIONS { Err(RotationRefused::TooMany) } else { Ok(Self(all)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn version(name: &str, made: i64) -> SecretVersion {
        let sealed =
            crypto::DataKeys::unnamed(crypto::DataKey::new(&[0; 32]).unwrap()).seal(b"", "").unwrap();
        SecretVersion::new(sealed, name.to_owned(), at(made))
    }

    fn usable(secrets: &Secrets, now: i64) -> Vec<&str> {
        secrets.iter().filter(|it| it.is_usable(at(now))).map(|it| it.digest.as_str()).collect()
    }

    #[test]
    fn s2_a_secret_rotates_with_overlap() {
        let once = Secrets::new(version("a", 0)).rotated(version("b", 10), Some(at(20)), at(10)).unwrap();
        assert_eq!(usable(&once, 19), ["b", "a"]);
        assert_eq!(usable(&once, 20), ["b"]);
        let twice = once.rotated(version("c", 12), Some(at(30)), at(12)).unwrap();
        assert_eq!(usable(&twice, 19), ["c", "b", "a"], "a rotation makes no old secret last longer");
        assert_eq!(usable(&twice, 20), ["c", "b"]);
        let later = twice.rotated(version("d", 40), Some(at(50)), at(40)).unwrap();
        assert_eq!(later.iter().count(), 2, "ended versions go");
        let at_once = later.rotated(version("e", 41), Some(at(41)), at(41)).unwrap();
        assert_eq!(usable(&at_once, 41), ["e"], "without overlap");
        let by_default = later.rotated(version("e", 41), None, at(41)).unwrap();
        assert_eq!(usable(&by_default, 41 + 86_399), ["e", "d"]);
        assert_eq!(usable(&by_default, 41 + 86_400), ["e"]);
        let longest = Some(at(41 + 90 * 86_400));
        assert!(later.rotated(version("e", 41), longest, at(41)).is_ok());
        assert_eq!(later.rotated(version("e", 41), longest, at(40)), Err(RotationRefused::TooLong));
    }

    #[test]
    fn at_most_five_versions_overlap() {
        let mut secrets = Secrets::new(version("0", 0));
        for made in 1..5 {
            secrets = secrets.rotated(version("n", made), Some(at(100)), at(made)).unwrap();
        }
        assert_eq!(secrets.rotated(version("n", 6), Some(at(100)), at(6)), Err(RotationRefused::TooMany));
        assert!(secrets.rotated(version("n", 100), Some(at(200)), at(100)).is_ok());
    }
}
