//! Proving which project calls: its public client id with a signed token (S4, S5), or its API secret (S3, S8).

use std::sync::Arc;

use crypto::{EncodedKey, Secret, SignatureError, digest_hex, verify_hs256};
use lambda_http::Request;
use model::{ClaimsError, ClientId, Lineage, Project, SignedClaims, Status, Timestamp, Unsigned};
use store::{Lookup, OpenProject, OpenSecrets, View};

use crate::auth::credentials::{Denied, single};

/// What a caller presented, not yet verified.
#[derive(Debug)]
pub enum ProjectCredentials {
    /// The project's client id, which anyone may know, with a signed token or none (S5).
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
pub enum ProjectProof {
    /// It holds the API secret.
    Secret,
    /// It holds a token that says so, for a user or an event.
    Signed(SignedClaims),
    /// Nothing, and why.
    Unsigned(Unsigned),
}

/// A project that is called, with what the caller proved.
#[derive(Debug)]
pub struct ProjectCaller {
    open: Arc<OpenProject>,
    lineage: Lineage,
    /// What it proved.
    pub proof: ProjectProof,
}

impl ProjectCredentials {
    /// The one `Authorization` header: `Basic`, raw as the vendor's mobile SDKs send it or in Base64, or `Bearer` with
    /// the API secret.
    ///
    /// # Errors
    /// [`Denied::Malformed`].
    pub fn read(request: &Request) -> Result<Self, Denied> {
        let header = single(request.headers(), "authorization");
        header.and_then(Self::parse).ok_or(Denied::Malformed("authorization"))
    }

    fn parse(header: &str) -> Option<Self> {
        let (scheme, text) = header.split_once(' ')?;
        let text = text.trim_matches(' ');
        if scheme.eq_ignore_ascii_case("basic") {
            return basic(text);
        }
        let is_ours = || Secret::is_well_formed(text, crypto::Prefix::ApiSecret);
        let secret = scheme.eq_ignore_ascii_case("bearer") && is_ours();
        secret.then(|| Self::Secret(Secret::from(text.to_owned())))
    }

    /// The project, if there is one, and the secret, if that is what was presented, is its own. Reads what the
    /// credentials lead to in one round trip, and in a second one the project and all entities above it.
    ///
    /// # Errors
    /// [`Denied`].
    pub async fn authenticate(self, view: &mut View<'_>, now: Timestamp) -> Result<ProjectCaller, Denied> {
        let (leads, revocation) = match &self {
            Self::Client { client_id, token } => {
                let digest = token.as_ref().map(|token| digest_hex(token.reveal().as_bytes()));
                (Lookup::ProjectOfClient(client_id.clone()), digest)
            }
            Self::Secret(secret) => (Lookup::ProjectOfSecret(secret.digest()), None),
        };
        let also = revocation.clone().map(Lookup::Revocation);
        view.fetch(std::iter::once(leads.clone()).chain(also)).await?;
        let owner = view.project_owner(&leads).cloned().ok_or(Denied::Unknown)?;
        let path = std::iter::once(owner.entity_id).chain(owner.ancestors.iter().copied());
        let project = Lookup::Project(owner.project_id);
        view.fetch(path.map(Lookup::Entity).chain([project]).collect::<Vec<_>>()).await?;
        let open = view.project(owner.project_id).cloned().ok_or(Denied::Unknown)?;
        let lineage = view.lineage(owner.entity_id).ok_or(Denied::Unknown)?;
        let revoked = revocation.is_some_and(|digest| view.is_revoked(&digest));
        let proof = self.proof(&open.secrets, revoked, now).ok_or(Denied::Wrong)?;
        Ok(ProjectCaller { open, lineage, proof })
    }

    /// What they prove; nothing if the secret is not the project's.
    fn proof(self, secrets: &OpenSecrets, revoked: bool, now: Timestamp) -> Option<ProjectProof> {
        match self {
            Self::Secret(presented) => {
                let right = secrets.usable(now).filter(|secret| presented.equals(secret)).count() == 1;
                right.then_some(ProjectProof::Secret)
            }
            Self::Client { token: None, .. } => Some(ProjectProof::Unsigned(Unsigned::NoToken)),
            Self::Client { token: Some(token), .. } => Some(match signed(&token, secrets, now) {
                Ok(_) if revoked => ProjectProof::Unsigned(Unsigned::Revoked),
                Ok(claims) => ProjectProof::Signed(claims),
                Err(unsigned) => ProjectProof::Unsigned(unsigned),
            }),
        }
    }
}

/// `<client id>:<token or nothing>`. No Base64 has a colon in it, and no client id is without one after it.
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

/// What the token says, if one of the secrets signed it and it holds now (S4).
fn signed(token: &Secret, secrets: &OpenSecrets, now: Timestamp) -> Result<SignedClaims, Unsigned> {
    let claims: SignedClaims =
        verify_hs256(token.reveal(), secrets.usable(now)).map_err(|refused| match refused {
            SignatureError::Malformed => Unsigned::MalformedToken,
            SignatureError::UnknownKey => Unsigned::OtherAlgorithm,
            SignatureError::Invalid => Unsigned::WrongSignature,
        })?;
    claims.validate(now).map_err(|rejected| match rejected {
        ClaimsError::Expired => Unsigned::Expired,
        ClaimsError::NotYetValid => Unsigned::NotYetValid,
        ClaimsError::WrongIssuer | ClaimsError::WrongTokenKind => Unsigned::WrongSignature,
    })?;
    Ok(claims)
}

impl ProjectCaller {
    /// The project.
    #[must_use]
    pub fn project(&self) -> &Project {
        &self.open.project
    }

    /// The same, with its secrets open.
    pub(crate) fn into_open(self) -> Arc<OpenProject> {
        self.open
    }

    /// Its API secrets.
    #[must_use]
    pub fn secrets(&self) -> &OpenSecrets {
        &self.open.secrets
    }

    /// Whether the project, its entity and all above are active, with the API switch on (F1, F2).
    #[must_use]
    pub fn is_active(&self) -> bool {
        let active = self.project().status == Status::Active;
        active && self.lineage.is_active() && self.lineage.is_api_enabled()
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
    fn s3_a_bearer_is_an_api_secret_by_its_looks() {
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
            let encoded = read(&format!("Basic {}", BASE64.encode(pair.as_bytes())));
            let encoded = encoded.map(|(_, it)| it.unwrap_or_default());
            prop_assert_eq!(raw.as_deref(), Some(token.trim_end_matches(' ')));
            prop_assert_eq!(encoded.as_deref(), Some(&*token));
        }
    }
}
