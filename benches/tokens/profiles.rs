//! What there is to know of each call: its name, its cryptography, its targets, its answer.

use serde_json::Value;

use crate::calls::Call;
use crate::primitives::Primitive;
use crate::primitives::Primitive::{
    CbcDecrypt, CbcEncrypt, Ed25519Sign, Ed25519Verify, GcmOpen, GcmSeal, HmacSign, HmacVerify, RsaSign,
    RsaVerify,
};

/// What there is to know of a call.
pub(crate) struct Profile {
    /// Its name in the tables: the window, and what it does there.
    pub(crate) name: &'static str,
    /// The name of its function.
    pub(crate) function: &'static str,
    /// The cryptography it cannot do without.
    pub(crate) primitives: &'static [Primitive],
    /// What the CPU time of its handler is held to.
    pub(crate) goal: Option<Goal>,
    /// The round trips it may take to read.
    pub(crate) reads: Option<Reads>,
    /// What its answer holds if it did what is measured.
    pub(crate) answer: Answer,
}

/// What a CPU time is held to.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Goal {
    /// So many microseconds above the bare cryptography.
    Above(f64),
    /// So many times the bare cryptography.
    Ratio(f64),
}

/// The most round trips to read, with nothing in the cache but what starting put there, and with all in it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reads {
    pub(crate) cold: usize,
    pub(crate) warm: usize,
}

/// What an answer holds.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Answer {
    /// A token, at that JSON pointer.
    Token(&'static str),
    /// That text.
    Text(&'static str),
}

impl Answer {
    /// Whether `answered` holds it.
    pub(crate) fn is_in(self, answered: &str) -> bool {
        match self {
            Self::Token(pointer) => {
                let answered = serde_json::from_str::<Value>(answered).unwrap_or_default();
                answered.pointer(pointer).is_some_and(Value::is_string)
            }
            Self::Text(text) => answered.contains(text),
        }
    }
}

const ABOVE: Option<Goal> = Some(Goal::Above(60.0));
const RATIO: Option<Goal> = Some(Goal::Ratio(1.3));
const REMEMBERS: Option<Reads> = Some(Reads { cold: 2, warm: 0 });
/// Whether a token was revoked is asked each time: that it was not is never remembered.
const ASKS: Option<Reads> = Some(Reads { cold: 2, warm: 1 });
/// What is listed is read once the caller is known.
const LISTS: Option<Reads> = Some(Reads { cold: 3, warm: 1 });
/// Both: whether the token was revoked, and then how many devices there are, or whether the token's event was used.
const COUNTS: Option<Reads> = Some(Reads { cold: 3, warm: 2 });

impl Call {
    pub(crate) const fn profile(self) -> Profile {
        match self {
            Self::SecureAnonymous => {
                issuing("F token", "secure-anonymous-token", &[HmacVerify, Ed25519Sign], ABOVE, "")
            }
            Self::Assertions => Profile {
                reads: ASKS,
                answer: Answer::Text("Lovelace"),
                ..of("F assertions", "assertions", &[Ed25519Verify])
            },
            Self::AccessToken => issuing("K token", "access-token", &[RsaSign], RATIO, "/token"),
            Self::AnonymousToken => {
                issuing("V token", "anonymous-token", &[HmacSign], ABOVE, "/authorizationToken")
            }
            Self::BuildGcm => issuing("X build GCM", "project-tokens", &[GcmSeal], ABOVE, "/encrypted"),
            Self::BuildCbc => issuing("X build CBC", "project-tokens", &[CbcEncrypt], ABOVE, "/encrypted"),
            Self::VerifyGcm => verifying("X verify GCM", &[GcmOpen]),
            Self::VerifyCbc => verifying("X verify CBC", &[CbcDecrypt]),
            Self::Sign => issuing("S sign", "signed-token", &[HmacSign], None, "/secret"),
            Self::Attach => attaching("S attach, known device", "attachment"),
            Self::AttachNew => attaching("S attach, first device", "attachment"),
            Self::Identify => Profile {
                reads: COUNTS,
                answer: Answer::Text("\"confidence\":1"),
                ..of("S identify", "identification", &[HmacVerify])
            },
            Self::Detach => attaching("S detach", "detachment"),
            Self::List => Profile { reads: LISTS, ..of("S list of 5", "attached-devices", &[]) },
            Self::History => Profile {
                reads: LISTS,
                answer: Answer::Text("\"totalDocs\":5"),
                ..of("S history of 5", "access-history", &[])
            },
            Self::ClientToken => issuing("A2 token", "oauth-token", &[RsaSign], RATIO, "/access_token"),
            Self::IntrospectF => introspecting("A2 introspect F", &[Ed25519Verify]),
            Self::IntrospectK => introspecting("A2 introspect K", &[RsaVerify]),
            Self::IntrospectV => introspecting("A2 introspect V", &[HmacVerify]),
            Self::Revoke => Profile {
                reads: None, // it remembers nothing at all
                answer: Answer::Text(""),
                ..of("A2 revoke K", "revocation", &[RsaVerify])
            },
            Self::Jwks => Profile { answer: Answer::Text("\"keys\":["), ..of("JWKS", "jwks", &[]) },
            Self::Discovery => {
                Profile { answer: Answer::Text("\"jwks_uri\":"), ..of("discovery", "discovery", &[]) }
            }
        }
    }

    pub(crate) const fn name(self) -> &'static str {
        self.profile().name
    }

    pub(crate) const fn function(self) -> &'static str {
        self.profile().function
    }
}

const fn of(name: &'static str, function: &'static str, primitives: &'static [Primitive]) -> Profile {
    Profile { name, function, primitives, goal: None, reads: REMEMBERS, answer: Answer::Text("") }
}

const fn issuing(
    name: &'static str,
    function: &'static str,
    primitives: &'static [Primitive],
    goal: Option<Goal>,
    token: &'static str,
) -> Profile {
    Profile { goal, answer: Answer::Token(token), ..of(name, function, primitives) }
}

const fn verifying(name: &'static str, primitives: &'static [Primitive]) -> Profile {
    let answer = Answer::Text("\"security_token\":{");
    Profile { goal: ABOVE, answer, ..of(name, "token-verification", primitives) }
}

const fn attaching(name: &'static str, function: &'static str) -> Profile {
    let answer = Answer::Text("\"success\":true");
    Profile { reads: COUNTS, answer, ..of(name, function, &[HmacVerify]) }
}

const fn introspecting(name: &'static str, primitives: &'static [Primitive]) -> Profile {
    Profile { reads: ASKS, answer: Answer::Text("\"active\":true"), ..of(name, "introspection", primitives) }
}
