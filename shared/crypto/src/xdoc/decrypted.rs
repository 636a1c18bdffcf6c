//! What opening a token gives: always bytes to go on with, and apart from them whether they may be believed (X7).

use zeroize::Zeroizing;

/// How much was done, counted where it is done: for the tests that hold one failure's work to another's (X7).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct WorkCount {
    /// Steps taken.
    pub stages: usize,
    /// Bytes they went over.
    pub bytes: usize,
    /// What a reader found in them: fields, escapes, and the texts between.
    pub events: usize,
}

impl WorkCount {
    /// One more step, over so many bytes.
    pub fn add(&mut self, bytes: usize) {
        self.stages += 1;
        self.bytes += bytes;
    }
}

impl std::ops::AddAssign for WorkCount {
    fn add_assign(&mut self, other: Self) {
        self.stages += other.stages;
        self.bytes += other.bytes;
        self.events += other.events;
    }
}

/// What is wrong with a token, for its owner and the log alone: whoever sent it hears of none of it (X7).
///
/// One bit each, set without a branch.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DecryptionFaults(u8);

impl DecryptionFaults {
    /// Its text is not standard Base64.
    pub(crate) const BASE64: Self = Self(1);
    /// It is not a JWE in five parts, `dir` and `A256GCM`, without parameters unknown here.
    pub(crate) const FORM: Self = Self(2);
    /// It is too short, or not whole blocks.
    pub(crate) const LENGTH: Self = Self(4);
    /// It has been changed, or was made with another key.
    pub(crate) const AUTHENTICATION: Self = Self(8);
    /// Its padding is none.
    pub(crate) const PADDING: Self = Self(16);

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Adds `fault` if `holds`.
    pub(crate) fn note(&mut self, fault: Self, holds: bool) {
        self.0 |= fault.0 * u8::from(holds);
    }
}

impl std::fmt::Display for DecryptionFaults {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let says = [
            (Self::BASE64, "it is not standard Base64 with its padding"),
            (Self::FORM, "it is not a compact JWE of alg dir and enc A256GCM"),
            (Self::LENGTH, "its length is none of this mode's"),
            (Self::AUTHENTICATION, "its tag does not fit: changed, or sealed with another key"),
            (Self::PADDING, "its padding does not fit: another key, mode or padding"),
        ];
        let first = says.iter().find(|(fault, _)| self.0 & fault.0 != 0);
        f.write_str(first.map_or("it opens", |(_, says)| says))
    }
}

/// An opened token, or a decoy of its size. Later steps go over [`length`](Self::length) bytes in either case.
pub struct DecryptedToken {
    pub(crate) plain: Zeroizing<Vec<u8>>,
    pub(crate) length: usize,
    pub(crate) faults: DecryptionFaults,
    pub(crate) work: WorkCount,
}

impl DecryptedToken {
    /// The plaintext, if it may be believed. In a mode without authentication that says little: one wrong key in 256
    /// gives right padding.
    ///
    /// # Errors
    /// The [`DecryptionFaults`], for the owner and the log.
    pub fn into_plaintext(self) -> Result<Zeroizing<Vec<u8>>, DecryptionFaults> {
        if self.faults.is_empty() { Ok(self.plain) } else { Err(self.faults) }
    }

    /// The bytes, to be believed or not: for reading them all the same, so that no failure is quicker than another.
    #[must_use]
    pub fn dangerous_bytes(&self) -> &[u8] {
        &self.plain
    }

    /// How many bytes there are with their padding. A reader of fewer goes on over a decoy, or its time would tell how
    /// much of them was padding.
    #[must_use]
    pub const fn length(&self) -> usize {
        self.length
    }

    /// What is wrong with it.
    #[must_use]
    pub const fn faults(&self) -> DecryptionFaults {
        self.faults
    }

    /// What opening it took.
    #[must_use]
    pub const fn work(&self) -> WorkCount {
        self.work
    }
}

impl std::fmt::Debug for DecryptedToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DecryptedToken").field("faults", &self.faults).finish_non_exhaustive()
    }
}
