//! The algorithms and types of JWTs (RFC 7518, RFC 8037, RFC 8725).

use serde::{Deserialize, Serialize};

/// The signature algorithm of a key. A key has one algorithm for its whole life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Algorithm {
    /// Ed25519 (RFC 8037): window F. It is deterministic, so a signature needs no randomness.
    EdDSA,
    /// ECDSA with P-256 and SHA-256 (RFC 7518, 3.4): own APIs that ask for it (A7).
    ES256,
    /// RSASSA-PKCS1-v1_5 with SHA-256 and 2048-bit keys: window K (K3), and the JWT authorizers of API Gateway.
    RS256,
}

impl Algorithm {
    /// Every algorithm.
    pub const ALL: [Self; 3] = [Self::EdDSA, Self::ES256, Self::RS256];

    /// The name of the algorithm in a JWS header (RFC 7518, RFC 8037).
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::EdDSA => "EdDSA",
            Self::ES256 => "ES256",
            Self::RS256 => "RS256",
        }
    }
}

/// The type of a JWT, in the `typ` member of its header. It keeps tokens of one type from being accepted as another
/// (RFC 8725, 3.11).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenType {
    /// `JWT`: tokens of windows F and K (F14, K3).
    Jwt,
    /// `at+jwt`: OAuth access tokens (A2, RFC 9068).
    AccessToken,
}

impl TokenType {
    /// The value of `typ` in the header.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Jwt => "JWT",
            Self::AccessToken => "at+jwt",
        }
    }
}
