//! Authenticates projects: by the public client id with a signed token (S4, S5), or by the API secret (S3, S8).

use std::sync::Arc;

use crypto::{EncodedKey, Secret, SignatureError, digest_hex, verify_hs256};
use lambda_http::Request;
use model::{ClaimsError, ClientId, Lineage, Project, SignedClaims, Timestamp, Unsigned};
use store::{Lookup, OpenProject, OpenSecrets, StoreError, View};

use crate::auth::denied::{Denied, Reason};
use crate::auth::headers::single_header;
use crate::auth::switches::is_project_on;
use crate::auth::{logged_caller, lookups};

/// The credentials that a caller sent. They are not verified yet.
#[derive(Debug)]
pub(crate) enum ProjectCredentials {
    /// The project's client id, which is public, with a signed token or none (S5).
    Client {
        /// The client id.
        client_id: ClientId,
        /// The token.
        token: Option<Secret>,
    },
    /// The API secret.
    Secret(Secret),
}

/// What a caller proved.
#[derive(Debug)]
pub(crate) enum ProjectProof {
    /// The API secret.
    Secret,
    /// A valid token, signed for a user or an event.
    Signed(SignedClaims),
    /// Nothing, for this reason. The claims are those of the token, if the project signed it.
    Unsigned(Unsigned, Option<SignedClaims>),
}

/// Credentials, and the project that they name. They are not verified yet.
#[derive(Debug)]
pub(crate) struct NamedProject {
    credentials: ProjectCredentials,
    open: Arc<OpenProject>,
    lineage: Lineage,
    is_revoked: bool,
}

/// The project of a call, with what the caller proved.
#[derive(Debug)]
pub(crate) struct ProjectCaller {
    open: Arc<OpenProject>,
    lineage: Lineage,
    /// What the caller proved.
    pub(crate) proof: ProjectProof,
}

impl ProjectCredentials {
    /// Reads the one `Authorization` header: `Basic`, raw as the vendor's mobile SDKs send it or in Base64, or `Bearer`
    /// with the API secret.
    ///
    /// # Errors
    /// [`Denied::Unauthenticated`].
    pub(crate) fn read(request: &Request, now: Timestamp) -> Result<Self, Denied> {
        let header = single_header(request.headers(), "authorization");
        let credentials = header.and_then(Self::parse).ok_or(Reason::Malformed("authorization").at(now))?;
        if let Self::Client { client_id, .. } = &credentials {
            logged_caller::note_claim(client_id);
        }
        Ok(credentials)
    }

    fn parse(header: &str) -> Option<Self> {
        let (scheme, padded) = header.split_once(' ')?;
        let text = padded.trim_matches(' ');
        if scheme.eq_ignore_ascii_case("basic") {
            return basic(text);
        }
        let is_secret = || Secret::is_well_formed(text, crypto::Prefix::ApiSecret);
        let is_bearer = scheme.eq_ignore_ascii_case("bearer") && is_secret();
        is_bearer.then(|| Self::Secret(Secret::from(text.to_owned())))
    }

    /// Whether this is a client id rather than the API secret.
    #[must_use]
    pub(crate) const fn is_client(&self) -> bool {
        matches!(self, Self::Client { .. })
    }

    /// Returns the project with what the caller proved; a wrong API secret is denied.
    ///
    /// # Errors
    /// [`Denied::Unauthenticated`], or [`Denied::Store`].
    pub(crate) async fn authenticate(
        self,
        view: &mut View<'_>,
        now: Timestamp,
    ) -> Result<ProjectCaller, Denied> {
        let named = self.find_project(view).await?;
        named.ok_or(Reason::Unknown.at(now))?.authenticate(now)
    }

    /// The project that the credentials name, if it exists. The first round trip reads which project it is; the second one
    /// reads the project and its entities.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn find_project(self, view: &mut View<'_>) -> Result<Option<NamedProject>, StoreError> {
        let (by_credentials, token_digest) = match &self {
            Self::Client { client_id, token } => {
                let digest = token.as_ref().map(|token| digest_hex(token.reveal().as_bytes()));
                (Lookup::ProjectOfClient(client_id.clone()), digest)
            }
            Self::Secret(secret) => (Lookup::ProjectOfSecret(secret.digest()), None),
        };
        let revocation = token_digest.clone().map(Lookup::Revocation);
        view.fetch([by_credentials.clone()].into_iter().chain(revocation)).await?;
        let Some(owner) = view.project_owner(&by_credentials).cloned() else { return Ok(None) };
        view.fetch(lookups::of_project_owner(&owner).collect::<Vec<_>>()).await?;
        let is_revoked = token_digest.is_some_and(|digest| view.is_revoked(&digest));
        let found = view.project(owner.project_id).cloned().zip(view.lineage(owner.entity_id));
        Ok(found.map(|(open, lineage)| NamedProject { credentials: self, open, lineage, is_revoked }))
    }

    /// What the credentials prove; `None` for an API secret that is not the project's.
    fn proof(self, secrets: &OpenSecrets, is_revoked: bool, now: Timestamp) -> Option<ProjectProof> {
        match self {
            Self::Secret(presented) => {
                let is_right = secrets.usable(now).filter(|secret| presented.equals(secret)).count() == 1;
                is_right.then_some(ProjectProof::Secret)
            }
            Self::Client { token: None, .. } => Some(ProjectProof::Unsigned(Unsigned::NoToken, None)),
            Self::Client { token: Some(token), .. } => {
                Some(ProjectProof::of_token(&token, secrets, is_revoked, now))
            }
        }
    }
}

/// Reads `<client id>:<token or nothing>`, raw or in Base64. The raw form has a colon, which Base64 never has.
fn basic(text: &str) -> Option<ProjectCredentials> {
    let (client_id, token) = match text.split_once(':') {
        Some((client_id, token)) => (client_id.parse(), Secret::from(token.to_owned())),
        None => {
            let decoded = EncodedKey::parse(text)?;
            (decoded.client_id.parse(), decoded.secret)
        }
    };
    let token = Some(token).filter(|token| !token.reveal().is_empty());
    Some(ProjectCredentials::Client { client_id: client_id.ok()?, token })
}

impl ProjectProof {
    /// What the token proves: its claims, if one of the secrets signed it, and it is valid now and not revoked (S4).
    fn of_token(token: &Secret, secrets: &OpenSecrets, is_revoked: bool, now: Timestamp) -> Self {
        let claims: SignedClaims = match verify_hs256(token.reveal(), secrets.usable(now)) {
            Ok(claims) => claims,
            Err(SignatureError::Malformed) => return Self::Unsigned(Unsigned::MalformedToken, None),
            Err(SignatureError::UnknownKey) => return Self::Unsigned(Unsigned::OtherAlgorithm, None),
            Err(SignatureError::Invalid) => return Self::Unsigned(Unsigned::WrongSignature, None),
        };
        let why = match claims.validate(now) {
            Ok(()) if is_revoked => Unsigned::Revoked,
            Ok(()) => return Self::Signed(claims),
            Err(ClaimsError::Expired) => Unsigned::Expired,
            Err(ClaimsError::NotYetValid) => Unsigned::NotYetValid,
            Err(ClaimsError::WrongIssuer | ClaimsError::LivesTooLong | ClaimsError::WrongTokenKind) => {
                Unsigned::WrongSignature
            }
        };
        Self::Unsigned(why, Some(claims))
    }

    /// The claims of the token, if the project signed it. The token need not prove anything.
    pub(crate) const fn signed_claims(&self) -> Option<&SignedClaims> {
        match self {
            Self::Signed(claims) | Self::Unsigned(_, Some(claims)) => Some(claims),
            Self::Secret | Self::Unsigned(_, None) => None,
        }
    }
}

impl NamedProject {
    /// The project.
    #[must_use]
    pub(crate) fn project(&self) -> &Project {
        &self.open.project
    }

    /// Returns the project with what the caller proved; a wrong API secret is denied.
    ///
    /// # Errors
    /// [`Denied::Unauthenticated`].
    pub(crate) fn authenticate(self, now: Timestamp) -> Result<ProjectCaller, Denied> {
        let Self { credentials, open, lineage, is_revoked } = self;
        let proof = credentials.proof(&open.secrets, is_revoked, now).ok_or(Reason::Wrong.at(now))?;
        match proof {
            ProjectProof::Unsigned(..) => logged_caller::note_tenant(open.project.customer()),
            ProjectProof::Secret | ProjectProof::Signed(_) => {
                logged_caller::note_proof(&open.project.client_id, open.project.customer());
            }
        }
        Ok(ProjectCaller { open, lineage, proof })
    }
}

impl ProjectCaller {
    /// The project.
    #[must_use]
    pub(crate) fn project(&self) -> &Project {
        &self.open.project
    }

    /// The project with its open secrets.
    pub(crate) fn into_open(self) -> Arc<OpenProject> {
        self.open
    }

    /// The project's API secrets.
    #[must_use]
    pub(crate) fn secrets(&self) -> &OpenSecrets {
        &self.open.secrets
    }

    /// Whether the project, its entity and all entities above it are active, with the API switch on (F1, F2).
    #[must_use]
    pub(crate) fn is_on(&self) -> bool {
        is_project_on(self.project(), &self.lineage)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use data_encoding::{BASE64, BASE64_NOPAD};
    use proptest::prelude::*;

    const ID: &str = "7vcrn2enrtlrm5gnlqb24p5np2";

    /// Client id and token, as they were read.
    fn read(header: &str) -> Option<(String, Option<String>)> {
        match ProjectCredentials::parse(header)? {
            ProjectCredentials::Client { client_id, token } => {
                Some((client_id.to_string(), token.map(|token| token.reveal().to_owned())))
            }
            ProjectCredentials::Secret(secret) => Some((secret.reveal().to_owned(), None)),
        }
    }

    #[test]
    fn s5_the_header_is_read_raw_and_in_base64() {
        let pair = |token: &str| format!("{ID}:{token}");
        let some = |token: &str| Some((ID.to_owned(), Some(token.to_owned())));
        for (header, expected) in [
            (format!("Basic {}", pair("a.b.c")), some("a.b.c")),
            (format!("basic  {}", pair("a.b.c")), some("a.b.c")),
            (format!("Basic {}", pair("")), Some((ID.to_owned(), None))),
            (format!("Basic {}", BASE64.encode(pair("a.b.c").as_bytes())), some("a.b.c")),
            (format!("Basic {}", BASE64_NOPAD.encode(pair("a.b.c").as_bytes())), some("a.b.c")),
            (format!("Basic {}", BASE64.encode(pair("").as_bytes())), Some((ID.to_owned(), None))),
            (format!("Basic {}", pair("a:b")), some("a:b")),
            (format!("Basic {ID}"), None),
            (format!("Basic {}:a", ID.to_uppercase()), None),
            (format!("Basic {}", BASE64.encode(ID.as_bytes())), None),
            ("Basic".to_owned(), None),
            ("Basic :".to_owned(), None),
            (pair("a.b.c"), None),
            (format!("Digest {}", pair("a.b.c")), None),
            (format!("Bearer {}", pair("a.b.c")), None),
            ("Bearer tbas_x".to_owned(), None),
        ] {
            assert_eq!(read(&header), expected, "{header}");
        }
    }

    #[test]
    fn s3_a_bearer_is_recognised_as_an_api_secret() {
        let secret = Secret::generate(crypto::Prefix::ApiSecret).unwrap();
        assert!(read(&format!("bearer {}", secret.reveal())).is_some());
        let other = Secret::generate(crypto::Prefix::ClientSecret).unwrap();
        assert!(read(&format!("Bearer {}", other.reveal())).is_none());
    }

    proptest! {
        #[test]
        fn s5_any_header_is_read_or_refused(header in "(?i:basic|bearer) [ -~]{0,200}|[ -~]{0,200}") {
            if let Some((id, token)) = read(&header) {
                prop_assert!(id.parse::<ClientId>().is_ok() || id.starts_with("tbas_"));
                prop_assert!(token.is_none_or(|token| !token.is_empty()));
            }
        }

        #[test]
        fn s5_raw_and_base64_say_the_same(token in "[ -~]{0,100}") {
            let pair = format!("{ID}:{token}");
            let raw = read(&format!("Basic {pair}")).map(|(_, it)| it.unwrap_or_default());
            let in_base64 = format!("Basic {}", BASE64.encode(pair.as_bytes()));
            let encoded = read(&in_base64).map(|(_, it)| it.unwrap_or_default());
            prop_assert_eq!(raw.as_deref(), Some(token.trim_end_matches(' ')));
            prop_assert_eq!(encoded.as_deref(), Some(&*token));
        }
    }
}
