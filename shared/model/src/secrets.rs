//! A secret that rotates with overlap: the new one and the old one both count until the old one's end.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// The most versions of a secret that count at one time.
const MOST: usize = 5;
/// How long what is rotated goes on unless told otherwise.
const OVERLAP: SignedDuration = SignedDuration::from_hours(24);
/// The longest it may go on.
const LONGEST_OVERLAP: SignedDuration = SignedDuration::from_hours(90 * 24);

/// One version of a secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecretVersion {
    /// The secret, sealed: it is needed again to sign and to verify.
    pub sealed: crypto::Sealed,
    /// Its SHA-256, by which a caller that presents it is found.
    pub digest: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// From this moment on it no longer counts.
    pub valid_until: Option<Timestamp>,
}

/// The versions of a secret, the newest first. That one has no end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secrets(Vec<SecretVersion>);

/// Why a secret is not rotated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RotationRefused {
    /// The old one would go on for too long.
    #[error("the old secret may go on for at most 90 days")]
    TooLong,
    /// As many as may count at one time still do.
    #[error("as many old secrets as may overlap still do, wait until one ends or end them all now")]
    TooMany,
}

/// When what is rotated now ends: at the moment asked for, or in 24 h (F4, S2).
///
/// # Errors
/// [`RotationRefused::TooLong`].
pub fn overlap_end(requested: Option<Timestamp>, now: Timestamp) -> Result<Timestamp, RotationRefused> {
    let until = requested.unwrap_or(now + OVERLAP);
    if until > now + LONGEST_OVERLAP { Err(RotationRefused::TooLong) } else { Ok(until) }
}

impl SecretVersion {
    /// A version without an end.
    #[must_use]
    pub fn new(sealed: crypto::Sealed, digest: String, now: Timestamp) -> Self {
        Self { sealed, digest, created_at: now, valid_until: None }
    }

    /// Whether it counts at that moment.
    #[must_use]
    pub fn is_usable(&self, now: Timestamp) -> bool {
        self.valid_until.is_none_or(|end| now < end)
    }
}

impl Secrets {
    /// The first version alone.
    #[must_use]
    pub fn new(first: SecretVersion) -> Self {
        Self(vec![first])
    }

    /// All versions, the newest first; also those that no longer count.
    pub fn iter(&self) -> impl Iterator<Item = &SecretVersion> {
        self.0.iter()
    }

    /// The same with `new` in front. The others end at `until`, or in 24 h, unless they do sooner; those that have ended
    /// go.
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
        if all.len() > MOST { Err(RotationRefused::TooMany) } else { Ok(Self(all)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn version(name: &str, made: i64) -> SecretVersion {
        let sealed = crypto::DataKey::new(&[0; 32]).unwrap().seal(b"", "").unwrap();
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
        let untold = later.rotated(version("e", 41), None, at(41)).unwrap();
        assert_eq!(usable(&untold, 41 + 86_399), ["e", "d"]);
        assert_eq!(usable(&untold, 41 + 86_400), ["e"]);
        let longest = Some(at(41 + 90 * 86_400));
        assert!(later.rotated(version("e", 41), longest, at(41)).is_ok());
        assert_eq!(later.rotated(version("e", 41), longest, at(40)), Err(RotationRefused::TooLong));
    }

    #[test]
    fn a_handful_of_secrets_may_overlap() {
        let mut secrets = Secrets::new(version("0", 0));
        for made in 1..5 {
            secrets = secrets.rotated(version("n", made), Some(at(100)), at(made)).unwrap();
        }
        assert_eq!(secrets.rotated(version("n", 6), Some(at(100)), at(6)), Err(RotationRefused::TooMany));
        assert!(secrets.rotated(version("n", 100), Some(at(200)), at(100)).is_ok());
    }
}
