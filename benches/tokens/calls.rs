//! The calls that are measured, by the function that answers each.

use api::Start;
use model::SignedDuration;

use crate::Outcome;
use crate::function::Function;

/// A call that is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Call {
    /// A signed request gets a JWT for an anonymous user (F9).
    SecureAnonymous,
    /// The holder of that JWT reads its assertions (F15).
    Assertions,
    /// An API key is exchanged for an access token (K2).
    AccessToken,
    /// A partner's key gets a token for a device (V1).
    AnonymousToken,
    /// The same for a device that was not seen before (V1).
    NewDeviceToken,
    /// A security token is built with GCM (X6, X9).
    BuildGcm,
    /// A security token is built with CBC (X6).
    BuildCbc,
    /// A security token of GCM is verified (X7).
    VerifyGcm,
    /// A security token of CBC is verified (X7).
    VerifyCbc,
    /// A project's server gets a signed token (S3).
    Sign,
    /// A known device that reports nothing new is attached again (S5).
    Attach,
    /// A known device is attached again with other metadata (S5).
    AttachChanged,
    /// The first device of a new user is attached (S5).
    AttachNew,
    /// A device is identified, with the token of a new event (S6).
    Identify,
    /// A device is detached (S7).
    Detach,
    /// A project's server lists a user's five devices (S7).
    List,
    /// A project's server reads a history of five calls (S8).
    History,
    /// A client's credentials get an access token (A2).
    ClientToken,
    /// A client introspects a token of window F (A2).
    IntrospectF,
    /// A client introspects its own token of window K (A2).
    IntrospectK,
    /// A client introspects a token of window V (A2, V9).
    IntrospectV,
    /// A client revokes its own token of window K (A2).
    Revoke,
    /// Anyone reads the public keys (A1).
    Jwks,
    /// Anyone reads the discovery document (A1).
    Discovery,
}

impl Call {
    /// Every call.
    pub(crate) const ALL: [Self; 24] = [
        Self::SecureAnonymous,
        Self::Assertions,
        Self::AccessToken,
        Self::AnonymousToken,
        Self::NewDeviceToken,
        Self::BuildGcm,
        Self::BuildCbc,
        Self::VerifyGcm,
        Self::VerifyCbc,
        Self::Sign,
        Self::Attach,
        Self::AttachChanged,
        Self::AttachNew,
        Self::Identify,
        Self::Detach,
        Self::List,
        Self::History,
        Self::ClientToken,
        Self::IntrospectF,
        Self::IntrospectK,
        Self::IntrospectV,
        Self::Revoke,
        Self::Jwks,
        Self::Discovery,
    ];

    /// The calls whose response has a token.
    pub(crate) const ISSUING: [Self; 7] = [
        Self::SecureAnonymous,
        Self::AccessToken,
        Self::AnonymousToken,
        Self::BuildGcm,
        Self::BuildCbc,
        Self::Sign,
        Self::ClientToken,
    ];

    /// One call of each window: their binaries are started and their sizes measured.
    pub(crate) const STARTED: [Self; 6] = [
        Self::SecureAnonymous,
        Self::AccessToken,
        Self::AnonymousToken,
        Self::VerifyGcm,
        Self::Attach,
        Self::ClientToken,
    ];

    /// Boots its function.
    pub(crate) async fn boot(self, start: &Start) -> Outcome<Function> {
        match self {
            Self::SecureAnonymous => Function::boot::<secure_anonymous_token::App>(start).await,
            Self::Assertions => Function::boot::<assertions::App>(start).await,
            Self::AccessToken => Function::boot::<access_token::App>(start).await,
            Self::AnonymousToken | Self::NewDeviceToken => {
                Function::boot::<anonymous_token::App>(start).await
            }
            Self::BuildGcm | Self::BuildCbc => Function::boot::<project_tokens::App>(start).await,
            Self::VerifyGcm | Self::VerifyCbc => Function::boot::<token_verification::App>(start).await,
            Self::Sign => Function::boot::<signed_token::App>(start).await,
            Self::Attach | Self::AttachChanged | Self::AttachNew => {
                Function::boot::<attachment::App>(start).await
            }
            Self::Identify => Function::boot::<identification::App>(start).await,
            Self::Detach => Function::boot::<detachment::App>(start).await,
            Self::List => Function::boot::<attached_devices::App>(start).await,
            Self::History => Function::boot::<access_history::App>(start).await,
            Self::ClientToken => Function::boot::<oauth_token::App>(start).await,
            Self::IntrospectF | Self::IntrospectK | Self::IntrospectV => {
                Function::boot::<introspection::App>(start).await
            }
            Self::Revoke => Function::boot::<revocation::App>(start).await,
            Self::Jwks => Function::boot::<jwks::App>(start).await,
            Self::Discovery => Function::boot::<discovery::App>(start).await,
        }
    }

    /// The time between two calls of the same caller, on the test clock: 100 ms, or more if a limit is narrower.
    pub(crate) const fn gap(self) -> SignedDuration {
        match self {
            Self::History => SignedDuration::from_secs(1),
            _ => SignedDuration::from_millis(100),
        }
    }

    /// The call that issues the token which this call needs; itself, if it issues one.
    pub(crate) const fn issuing(self) -> Self {
        match self {
            Self::Assertions | Self::IntrospectF => Self::SecureAnonymous,
            Self::IntrospectK | Self::Revoke => Self::AccessToken,
            Self::IntrospectV | Self::NewDeviceToken => Self::AnonymousToken,
            Self::VerifyGcm => Self::BuildGcm,
            Self::VerifyCbc => Self::BuildCbc,
            Self::Attach | Self::AttachChanged | Self::AttachNew | Self::Identify | Self::Detach => {
                Self::Sign
            }
            other => other,
        }
    }
}
