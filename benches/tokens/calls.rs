//! The calls that are measured: the windows' and OAuth's, by the function that answers each.

use api::Start;

use crate::Outcome;
use crate::function::Function;
use crate::primitives::Primitive;
use crate::primitives::Primitive::{Ed25519Sign, Ed25519Verify, HmacSign, HmacVerify, RsaSign, RsaVerify};

/// A call that is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Call {
    /// A signed request becomes a JWT for an anonymous user (F9).
    SecureAnonymous,
    /// An API key is redeemed for an access token (K2).
    AccessToken,
    /// A partner's key and a device become a token for that device (V1).
    AnonymousToken,
    /// A client's credentials become an access token (A2).
    ClientToken,
    /// A client asks about a token of window F (A2).
    IntrospectF,
    /// A client asks about its own token of window K (A2).
    IntrospectK,
    /// A client asks about a token of window V (A2, V9).
    IntrospectV,
    /// A client ends its own token of window K (A2).
    Revoke,
    /// Anyone reads the public keys (A1).
    Jwks,
}

/// What the CPU time of a handler is held to.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Goal {
    /// So many microseconds above the bare cryptography.
    Above(f64),
    /// So many times the bare cryptography.
    Ratio(f64),
}

impl Call {
    /// All of them.
    pub(crate) const ALL: [Self; 9] = [
        Self::SecureAnonymous,
        Self::AccessToken,
        Self::AnonymousToken,
        Self::ClientToken,
        Self::IntrospectF,
        Self::IntrospectK,
        Self::IntrospectV,
        Self::Revoke,
        Self::Jwks,
    ];

    /// One of each window's, to start and to weigh their binaries.
    pub(crate) const STARTED: [Self; 4] =
        [Self::SecureAnonymous, Self::AccessToken, Self::AnonymousToken, Self::ClientToken];

    /// Its name in the table: the window, and what it does there.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::SecureAnonymous => "F token",
            Self::AccessToken => "K token",
            Self::AnonymousToken => "V token",
            Self::ClientToken => "A2 token",
            Self::IntrospectF => "A2 introspect F",
            Self::IntrospectK => "A2 introspect K",
            Self::IntrospectV => "A2 introspect V",
            Self::Revoke => "A2 revoke K",
            Self::Jwks => "JWKS",
        }
    }

    /// The name of its function.
    pub(crate) const fn function(self) -> &'static str {
        match self {
            Self::SecureAnonymous => "secure-anonymous-token",
            Self::AccessToken => "access-token",
            Self::AnonymousToken => "anonymous-token",
            Self::ClientToken => "oauth-token",
            Self::IntrospectF | Self::IntrospectK | Self::IntrospectV => "introspection",
            Self::Revoke => "revocation",
            Self::Jwks => "jwks",
        }
    }

    /// Its function, booted.
    pub(crate) async fn boot(self, start: &Start) -> Outcome<Function> {
        match self {
            Self::SecureAnonymous => Function::boot::<secure_anonymous_token::App>(start).await,
            Self::AccessToken => Function::boot::<access_token::App>(start).await,
            Self::AnonymousToken => Function::boot::<anonymous_token::App>(start).await,
            Self::ClientToken => Function::boot::<oauth_token::App>(start).await,
            Self::IntrospectF | Self::IntrospectK | Self::IntrospectV => {
                Function::boot::<introspection::App>(start).await
            }
            Self::Revoke => Function::boot::<revocation::App>(start).await,
            Self::Jwks => Function::boot::<jwks::App>(start).await,
        }
    }

    /// The cryptography it cannot do without.
    pub(crate) const fn primitives(self) -> &'static [Primitive] {
        match self {
            Self::SecureAnonymous => &[HmacVerify, Ed25519Sign],
            Self::AccessToken | Self::ClientToken => &[RsaSign],
            Self::AnonymousToken => &[HmacSign],
            Self::IntrospectF => &[Ed25519Verify],
            Self::IntrospectK | Self::Revoke => &[RsaVerify],
            Self::IntrospectV => &[HmacVerify],
            Self::Jwks => &[],
        }
    }

    /// What its handler is held to; nothing where it reads or writes in any case.
    pub(crate) const fn goal(self) -> Option<Goal> {
        match self {
            Self::SecureAnonymous | Self::AnonymousToken => Some(Goal::Above(60.0)),
            Self::AccessToken | Self::ClientToken => Some(Goal::Ratio(1.3)),
            _ => None,
        }
    }

    /// The most round trips it may take to read, with nothing in the cache but what starting put there, and with all in
    /// it. What was revoked is never remembered, and revoking remembers nothing at all.
    pub(crate) const fn reads(self) -> Option<Reads> {
        match self {
            Self::IntrospectF | Self::IntrospectK | Self::IntrospectV => Some(Reads { cold: 2, warm: 1 }),
            Self::Revoke => None,
            _ => Some(Reads { cold: 2, warm: 0 }),
        }
    }

    /// What its answer says if it did what is measured.
    pub(crate) const fn says(self) -> &'static str {
        match self {
            Self::SecureAnonymous => "\"ey",
            Self::AccessToken => "\"token\":\"ey",
            Self::AnonymousToken => "\"authorizationToken\":\"ey",
            Self::ClientToken => "\"access_token\":\"ey",
            Self::IntrospectF | Self::IntrospectK | Self::IntrospectV => "\"active\":true",
            Self::Revoke => "",
            Self::Jwks => "\"keys\":[",
        }
    }
}

/// Round trips to read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reads {
    pub(crate) cold: usize,
    pub(crate) warm: usize,
}
