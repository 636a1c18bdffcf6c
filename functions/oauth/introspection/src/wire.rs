//! The response (RFC 7662, 2.2), by the kind of the token.

use api::{Claims, VerifiedToken};
use model::{
    AccessClaims, AnonymousClaims, ApiClaims, ClientClaims, DeviceClaims, EntityPath, ProjectId,
    SignedClaims, TokenPurpose,
};
use serde::Serialize;

/// The response.
#[derive(Serialize)]
#[serde(untagged)]
pub(crate) enum Output<'a> {
    Inactive { active: bool },
    Anonymous(Active<&'a AnonymousClaims>),
    Access(Active<&'a AccessClaims>),
    Client(Active<&'a ClientClaims>),
    Api(Active<&'a ApiClaims>),
    Device(Active<Device<'a>>),
    Signed(Active<Signed<'a>>),
}

/// The response for an active token: the common members, and the token's claims.
#[derive(Serialize)]
pub(crate) struct Active<C> {
    active: bool,
    kind: &'static str,
    token_type: &'static str,
    #[serde(flatten)]
    claims: C,
}

/// A token of a site. Its subject is the device.
#[derive(Serialize)]
pub(crate) struct Device<'a> {
    sub: &'a str,
    #[serde(flatten)]
    claims: &'a DeviceClaims,
    /// The entity of the site and those above it, as they are stored.
    entity_path: EntityPath,
}

/// A token of a project. The project's server may write times with fractions; here they are whole seconds.
#[derive(Serialize)]
pub(crate) struct Signed<'a> {
    sub: &'a str,
    user: &'a str,
    project_id: ProjectId,
    #[serde(skip_serializing_if = "Option::is_none")]
    iat: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    nbf: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    exp: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    jti: Option<&'a str>,
    /// The call that the token is for (S12). A token for another call does not prove the user.
    #[serde(skip_serializing_if = "Option::is_none")]
    purpose: Option<TokenPurpose>,
    /// The entity of the project and those above it, as they are stored.
    entity_path: EntityPath,
}

/// For tokens that are sent in `Authorization: Bearer`.
const BEARER: &str = "Bearer";

/// For tokens that are not used as access tokens (RFC 8693, 2.2.1).
const NOT_APPLICABLE: &str = "N_A";

impl<'a> Output<'a> {
    /// The only response for a token that is not active, or not for this client.
    pub(crate) const INACTIVE: Self = Self::Inactive { active: false };

    pub(crate) fn of(token: &'a VerifiedToken) -> Self {
        let kind = token.claims.kind();
        let entity_path = EntityPath::of_entity(&token.owner);
        match &token.claims {
            Claims::Anonymous(claims) => Self::Anonymous(Active::new(kind, BEARER, claims)),
            Claims::Access(claims) => Self::Access(Active::new(kind, BEARER, claims)),
            Claims::Client(claims) => Self::Client(Active::new(kind, BEARER, claims)),
            Claims::Api(claims) => Self::Api(Active::new(kind, BEARER, claims)),
            Claims::Device { claims, .. } => {
                let device = Device { sub: &claims.user_id, claims, entity_path };
                Self::Device(Active::new(kind, BEARER, device))
            }
            Claims::Signed { claims, project_id } => {
                Self::Signed(Active::new(kind, NOT_APPLICABLE, Signed::of(claims, *project_id, entity_path)))
            }
        }
    }
}

impl<C> Active<C> {
    const fn new(kind: &'static str, token_type: &'static str, claims: C) -> Self {
        Self { active: true, kind, token_type, claims }
    }
}

impl<'a> Signed<'a> {
    fn of(claims: &'a SignedClaims, project_id: ProjectId, entity_path: EntityPath) -> Self {
        Self {
            sub: &claims.user,
            user: &claims.user,
            project_id,
            iat: claims.iat.map(|iat| iat as i64),
            nbf: claims.nbf.map(|nbf| nbf.ceil() as i64),
            exp: claims.exp.map(|exp| exp as i64),
            jti: claims.jti.as_deref(),
            purpose: claims.purpose,
            entity_path,
        }
    }
}
