//! The result of decryption: bytes to process in any case, and separately whether they are valid (X7).

use zeroize::Zeroizing;

/// Counts the work that was done. Tests use it to show that all failures take the same work (X7).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct WorkCount {
    /// Number of steps.
    pub stages: usize,
    /// Number of bytes that the steps processed.
    pub bytes: usize,
    /// Number of fields, escapes and text pieces that the parsers found.
    pub events: usize,
}

impl WorkCount {
    /// Adds one step that processed `bytes` bytes.
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

/// What is wrong with a token. Only its owner and the log may see this; a caller gets one message for all faults
/// (X7).
///
/// A bit set, so that a fault can be added without a branch.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DecryptionFaults(u8);

impl DecryptionFaults {
    /// The token is not Base64 with the standard alphabet and padding.
    pub(crate) const BASE64: Self = Self(1);
    /// The token is not a JWE of five parts with `dir`, `A256GCM` and known header members only.
    pub(crate) const JWE: Self = Self(2);
    /// The token is too short, or not whole blocks.
    pub(crate) const LENGTH: Self = Self(4);
    /// The tag does not match: the token was changed, or sealed with another key.
    pub(crate) const AUTHENTICATION: Self = Self(8);
    /// The padding is malformed.
    pub(crate) const PADDING: Self = Self(16);

    /// Whether there is no fault.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Adds `fault` if `is_present` is true, without a branch.
    pub(crate) fn add_if(&mut self, fault: Self, is_present: bool) {
        self.0 |= fault.0 * u8::from(is_present);
    }
}

impl std::fmt::Display for DecryptionFaults {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let messages = [
            (Self::BASE64, "it is not standard Base64 with its padding"),
            (Self::JWE, "it is not a compact JWE of alg dir and enc A256GCM"),
            (Self::LENGTH, "its length is not possible in this mode"),
            (Self::AUTHENTICATION, "its tag does not fit: it was changed, or sealed with another key"),
            (Self::PADDING, "its padding does not fit: another key, mode or padding"),
        ];
        let first = messages.iter().find(|(fault, _)| self.0 & fault.0 != 0);
        f.write_str(first.map_or("it opens", |(_, message)| message))
    }
}

/// A decrypted token, or a decoy of the same size if decryption failed. Later steps process [`length`](Self::length)
/// bytes in both cases.
pub struct DecryptedToken {
    pub(crate) plain: Zeroizing<Vec<u8>>,
    pub(crate) length: usize,
    pub(crate) faults: DecryptionFaults,
    pub(crate) work: WorkCount,
}

impl DecryptedToken {
    /// Returns the plaintext if there is no fault. In CBC and ECB this is weak evidence: about one wrong key in 256
    /// gives valid padding.
    ///
    /// # Errors
    /// The [`DecryptionFaults`], for the owner and the log.
    pub fn into_plaintext(self) -> Result<Zeroizing<Vec<u8>>, DecryptionFaults> {
        if self.faults.is_empty() { Ok(self.plain) } else { Err(self.faults) }
    }

    /// The bytes, whether or not they are valid. Later steps process them in any case, so that all failures take the
    /// same time.
    #[must_use]
    pub fn dangerous_bytes(&self) -> &[u8] {
        &self.plain
    }

    /// Number of bytes including padding. Later steps process this many bytes, so that their time does not reveal the
    /// length of the padding.
    #[must_use]
    pub const fn length(&self) -> usize {
        self.length
    }

    /// What is wrong with the token.
    #[must_use]
    pub const fn faults(&self) -> DecryptionFaults {
        self.faults
    }

    /// The work of decryption.
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
