//! The properties of each call: its name, its cryptography, its targets, its response.

use serde_json::Value;

use crate::calls::Call;
use crate::primitives::Primitive;
use crate::primitives::Primitive::{
    CbcDecrypt, CbcEncrypt, Ed25519Sign, Ed25519Verify, GcmOpen, GcmSeal, HmacSign, HmacVerify, RsaSign,
    RsaVerify,
};

/// The properties of a call.
pub(crate) struct Profile {
    /// Its name in the tables: the window and the operation.
    pub(crate) name: &'static str,
    /// The name of its function.
    pub(crate) function: &'static str,
    /// The cryptography that it needs.
    pub(crate) primitives: &'static [Primitive],
    /// The target for the CPU time of its handler.
    pub(crate) goal: Option<Goal>,
    /// The most round trips that read.
    pub(crate) reads: Option<Reads>,
    /// What a successful response has.
    pub(crate) answer: Answer,
}

/// The target for a CPU time.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Goal {
    /// At most so many microseconds above the raw cryptography.
    Above(f64),
    /// At most so many times the raw cryptography.
    Ratio(f64),
}

/// The most round trips that read: with only the cache entries of the start, and with all of them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reads {
    pub(crate) cold: usize,
    pub(crate) warm: usize,
}

/// What a response has.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Answer {
    /// A token at that JSON pointer.
    Token(&'static str),
    /// That text.
    Text(&'static str),
}

impl Answer {
    /// Whether `body` has it.
    pub(crate) fn is_in(self, body: &str) -> bool {
        match self {
            Self::Token(pointer) => {
                let json = serde_json::from_str::<Value>(body).unwrap_or_default();
                json.pointer(pointer).is_some_and(Value::is_string)
            }
            Self::Text(text) => body.contains(text),
        }
    }
}

const ABOVE: Option<Goal> = Some(Goal::Above(60.0));
const RATIO: Option<Goal> = Some(Goal::Ratio(1.3));
const CACHED: Option<Reads> = Some(Reads { cold: 2, warm: 0 });
/// Whether a token is revoked is read for each request: a token that is not revoked is never cached.
const CHECKS_REVOCATION: Option<Reads> = Some(Reads { cold: 2, warm: 1 });
/// Two lists are read after the caller is known: of signed calls, and of unsigned ones.
const LISTS: Option<Reads> = Some(Reads { cold: 4, warm: 2 });
/// Reads the revocation, and then the device and the number of devices, or whether the token's event was used.
const CHECKS_AND_READS: Option<Reads> = Some(Reads { cold: 3, warm: 2 });
/// Reads the revocation, the device, and after the attach or detach the number of devices.
const CHECKS_READS_AND_COUNTS: Option<Reads> = Some(Reads { cold: 4, warm: 3 });

impl Call {
    pub(crate) const fn profile(self) -> Profile {
        match self {
            Self::SecureAnonymous => {
                issuing("F token", "secure-anonymous-token", &[HmacVerify, Ed25519Sign], ABOVE, "")
            }
            Self::Assertions => Profile {
                reads: CHECKS_REVOCATION,
                answer: Answer::Text("Lovelace"),
                ..of("F assertions", "assertions", &[Ed25519Verify])
            },
            Self::AccessToken => issuing("K token", "access-token", &[RsaSign], RATIO, "/token"),
            Self::AnonymousToken => {
                issuing("V token", "anonymous-token", &[HmacSign], ABOVE, "/authorizationToken")
            }
            Self::NewDeviceToken => {
                issuing("V token, new device", "anonymous-token", &[HmacSign], None, "/authorizationToken")
            }
            Self::BuildGcm => issuing("X build GCM", "project-tokens", &[GcmSeal], ABOVE, "/encrypted"),
            Self::BuildCbc => issuing("X build CBC", "project-tokens", &[CbcEncrypt], ABOVE, "/encrypted"),
            Self::VerifyGcm => verifying("X verify GCM", &[GcmOpen]),
            Self::VerifyCbc => verifying("X verify CBC", &[CbcDecrypt]),
            Self::Sign => issuing("S sign", "signed-token", &[HmacSign], None, "/secret"),
            Self::Attach => attaching("S attach, known device", "attachment"),
            Self::AttachChanged => attaching("S attach, new metadata", "attachment"),
            Self::AttachNew => Profile {
                reads: CHECKS_READS_AND_COUNTS,
                ..attaching("S attach, first device", "attachment")
            },
            Self::Identify => Profile {
                reads: CHECKS_AND_READS,
                answer: Answer::Text("\"confidence\":1"),
                ..of("S identify", "identification", &[HmacVerify])
            },
            Self::Detach => Profile { reads: CHECKS_READS_AND_COUNTS, ..attaching("S detach", "detachment") },
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
                reads: None, // it has no cache
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
    Profile { name, function, primitives, goal: None, reads: CACHED, answer: Answer::Text("") }
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
    Profile { reads: CHECKS_AND_READS, answer, ..of(name, function, &[HmacVerify]) }
}

const fn introspecting(name: &'static str, primitives: &'static [Primitive]) -> Profile {
    Profile {
        reads: CHECKS_REVOCATION,
        answer: Answer::Text("\"active\":true"),
        ..of(name, "introspection", primitives)
    }
}
