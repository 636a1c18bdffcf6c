//! A verified token and its claims.

use std::sync::Arc;

use model::{
    AccessClaims, AnonymousClaims, ApiClaims, ClientClaims, ClientId, DeviceClaims, Entity, PartnerId,
    ProjectId, SignedClaims,
};

/// A token that was issued here, or signed with a secret of a project here, and has not expired.
#[derive(Debug)]
pub struct VerifiedToken {
    /// Its claims.
    pub claims: Claims,
    /// The entity it belongs to.
    pub owner: Arc<Entity>,
    /// The entity of the API, if the token is for an own API (A7).
    pub api_owner: Option<Arc<Entity>>,
    /// Whether it is already valid, and its key, provider, site or project is switched on.
    pub in_force: bool,
    /// Whether it was revoked.
    pub revoked: bool,
}

/// The claims of a token, by its kind.
#[derive(Debug)]
pub enum Claims {
    /// Window F.
    Anonymous(AnonymousClaims),
    /// Window K.
    Access(AccessClaims),
    /// The OAuth token endpoint.
    Client(ClientClaims),
    /// The OAuth token endpoint, for an own API (A7).
    Api(ApiClaims),
    /// Window V.
    Device {
        /// The claims.
        claims: DeviceClaims,
        /// The partner of the site whose secret signed it.
        partner_id: PartnerId,
    },
    /// Window S.
    Signed {
        /// The claims.
        claims: SignedClaims,
        /// The project whose secret signed it.
        project_id: ProjectId,
    },
}

impl Claims {
    /// The name of the kind in responses and in the audit log.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Anonymous(_) => "secure_anonymous",
            Self::Access(_) => "access",
            Self::Client(_) => "client",
            Self::Api(_) => "api",
            Self::Device { .. } => "anonymous_device",
            Self::Signed { .. } => "signed_security",
        }
    }

    /// The API key it was issued to, for the kinds that are issued to one.
    #[must_use]
    pub fn client_id(&self) -> Option<&ClientId> {
        match self {
            Self::Access(claims) => Some(&claims.sub),
            Self::Client(claims) => Some(&claims.sub),
            Self::Api(claims) => Some(&claims.sub),
            Self::Anonymous(_) | Self::Device { .. } | Self::Signed { .. } => None,
        }
    }

    /// When it expires, in Unix seconds. A fraction of a second is rounded up.
    #[must_use]
    pub fn exp(&self) -> Option<i64> {
        match self {
            Self::Anonymous(claims) => Some(claims.exp),
            Self::Access(claims) => Some(claims.exp),
            Self::Client(claims) => Some(claims.exp),
            Self::Api(claims) => Some(claims.exp),
            Self::Device { claims, .. } => Some(claims.exp),
            Self::Signed { claims, .. } => claims.exp.map(|exp| exp.ceil() as i64),
        }
    }

    /// Its own id, if it has one.
    #[must_use]
    pub fn jti(&self) -> Option<&str> {
        match self {
            Self::Anonymous(claims) => Some(&claims.jti),
            Self::Access(claims) => Some(&claims.jti),
            Self::Client(claims) => Some(&claims.jti),
            Self::Api(claims) => Some(&claims.jti),
            Self::Device { claims, .. } => Some(&claims.jti),
            Self::Signed { claims, .. } => claims.jti.as_deref(),
        }
    }
}
