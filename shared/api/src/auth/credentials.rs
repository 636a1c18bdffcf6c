//! Proving who calls: a signed request (F10, F11), a bearer token (K5), or a redeemed key (K2).

use std::sync::LazyLock;

use crypto::{
    Algorithm, EncodedKey, PublicKeys, RequestSignature, Secret, TokenType, UnverifiedHeader, digest_hex,
    verify_request,
};
use lambda_http::Request;
use lambda_http::http::{HeaderMap, header};
use model::{AccessClaims, Caller, ClientClaims, ClientId, Scopes, Timestamp, Via};
use store::{Credential, Directory, Lookup, StoreError, View};

use crate::problem::Problem;

/// How old a signed request may be, in seconds (F11).
const PAST: i64 = 300;
/// How far a caller's clock may be ahead, in seconds (F11).
const FUTURE: i64 = 60;

/// What a caller presented, not yet verified.
#[derive(Debug)]
pub struct Credentials {
    client_id: ClientId,
    proof: Proof,
}

#[derive(Debug)]
enum Proof {
    /// A signature over this timestamp, as the caller wrote it, and the client id.
    Signature { timestamp: String, mac: RequestSignature },
    /// A bearer token, already verified, with its scopes.
    Token(Scopes),
    /// The secret itself.
    Secret(Secret),
}

/// Why a caller is not who it says. For the log; the caller hears one message.
#[derive(Debug, thiserror::Error)]
pub enum Denied {
    /// A header is missing, there twice, or not of its form.
    #[error("{0} is missing or malformed")]
    Malformed(&'static str),
    /// Both a signature and a token.
    #[error("both a signature and a bearer token")]
    Ambiguous,
    /// Outside the window of F11.
    #[error("timestamp outside the window")]
    Stale,
    /// A token that does not verify.
    #[error("token refused: {0}")]
    Token(Box<dyn std::error::Error + Send + Sync>),
    /// No such key.
    #[error("unknown client id")]
    Unknown,
    /// The proof is not that key's.
    #[error("wrong signature or secret")]
    Wrong,
    /// The key is disabled or has ended.
    #[error("key disabled or ended")]
    Disabled,
    /// The store failed: not the caller's fault.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Denied {
    /// What the caller hears.
    #[must_use]
    pub fn into_problem(self, now: Timestamp) -> Problem {
        match self {
            Self::Store(error) => error.into(),
            denied => Problem::unauthenticated(denied, now),
        }
    }
}

impl Credentials {
    /// The three headers of a signed request (F10, F11).
    ///
    /// # Errors
    /// [`Denied::Malformed`], [`Denied::Stale`].
    pub fn signed(request: &Request, now: Timestamp) -> Result<Self, Denied> {
        let header = |name| single(request.headers(), name).ok_or(Denied::Malformed(name));
        let client_id = header("x-frame-clientid")?;
        let client_id = client_id.parse().map_err(|_| Denied::Malformed("x-frame-clientid"))?;
        let timestamp = header("x-frame-timestamp")?;
        let at = seconds(timestamp).ok_or(Denied::Malformed("x-frame-timestamp"))?;
        let mac = RequestSignature::parse(header("x-frame-signature")?)
            .ok_or(Denied::Malformed("x-frame-signature"))?;
        if at < now.as_second() - PAST || at > now.as_second() + FUTURE {
            return Err(Denied::Stale);
        }
        Ok(Self { client_id, proof: Proof::Signature { timestamp: timestamp.to_owned(), mac } })
    }

    /// An access token in `Authorization: Bearer` (K5), or else a signed request.
    ///
    /// # Errors
    /// [`Denied`].
    pub async fn of_administrator(
        request: &Request,
        directory: &Directory,
        now: Timestamp,
    ) -> Result<Self, Denied> {
        if !request.headers().contains_key(header::AUTHORIZATION) {
            return Self::signed(request, now);
        }
        if request.headers().keys().any(|name| name.as_str().starts_with("x-frame-")) {
            return Err(Denied::Ambiguous);
        }
        let token = bearer(request).ok_or(Denied::Malformed("authorization"))?;
        let mut view = directory.view(now);
        let digest = digest_hex(token.as_bytes());
        view.fetch([Lookup::Issuer, Lookup::Revocation(digest.clone())]).await?;
        let issuer = view.issuer()?;
        let (client_id, scope) = access_token(token, &issuer.public_keys(now)?, &issuer.url, now)?;
        if view.is_revoked(&digest) {
            return Err(Denied::Token("revoked".into()));
        }
        Ok(Self { client_id, proof: Proof::Token(Scopes::parse(&scope)) })
    }

    /// A client id with its secret (A2).
    #[must_use]
    pub fn of_client(client_id: ClientId, secret: Secret) -> Self {
        Self { client_id, proof: Proof::Secret(secret) }
    }

    /// An encoded key presented for redemption (K2).
    ///
    /// # Errors
    /// [`Denied::Malformed`].
    pub fn encoded_key(text: &str) -> Result<Self, Denied> {
        let key = EncodedKey::parse(text).ok_or(Denied::Malformed("apiKey"))?;
        let client_id = key.client_id.parse().map_err(|_| Denied::Malformed("apiKey"))?;
        Ok(Self { client_id, proof: Proof::Secret(key.secret) })
    }

    /// The caller, if the proof is right. Reads the key and `also` in one round trip, and in a second one the key's
    /// integration and all ancestors of every entity read so far.
    ///
    /// # Errors
    /// [`Denied`].
    pub async fn authenticate(
        self,
        view: &mut View<'_>,
        also: impl IntoIterator<Item = Lookup>,
        now: Timestamp,
    ) -> Result<Caller, Denied> {
        self.authenticate_with(view, also, |_| Vec::new(), now).await
    }

    /// The same, and in the second round trip also what `then` asks for once the first one is over.
    ///
    /// # Errors
    /// [`Denied`].
    pub async fn authenticate_with(
        self,
        view: &mut View<'_>,
        also: impl IntoIterator<Item = Lookup>,
        then: impl FnOnce(&View<'_>) -> Vec<Lookup>,
        now: Timestamp,
    ) -> Result<Caller, Denied> {
        let own = Lookup::ApiKey(self.client_id.clone());
        view.fetch(std::iter::once(own).chain(also)).await?;
        let credential = view.credential(&self.client_id).cloned();
        let right = self.proof.is_right(&self.client_id, credential.as_deref());
        let credential = credential.ok_or(Denied::Unknown)?;
        if !right {
            return Err(Denied::Wrong);
        }
        let key = &credential.key;
        let integration = Lookup::Integration(key.entity_id, key.integration_id);
        let path = std::iter::once(key.entity_id).chain(key.ancestors.iter().copied());
        let wanted: Vec<_> = path.chain(view.ancestors()).map(Lookup::Entity).chain([integration]).collect();
        let more = then(view);
        view.fetch(wanted.into_iter().chain(more)).await?;
        let integration = view.integration(key.entity_id, key.integration_id).ok_or(Denied::Unknown)?;
        let lineage = view.lineage(key.entity_id).ok_or(Denied::Unknown)?;
        let via = self.proof.via();
        let caller = Caller::new(key.clone(), integration.clone(), lineage, via, now);
        let caller = caller.ok_or(Denied::Disabled)?;
        Ok(match self.proof {
            Proof::Token(scopes) => caller.narrowed(scopes),
            Proof::Signature { .. } | Proof::Secret(_) => caller,
        })
    }
}

impl Proof {
    /// Whether it is right for that credential. Without one the same work is done on a secret nobody has, so that an
    /// unknown key takes as long as a wrong signature.
    fn is_right(&self, client_id: &ClientId, credential: Option<&Credential>) -> bool {
        static NOBODYS: LazyLock<Secret> = LazyLock::new(|| Secret::from("-".repeat(64)));
        let secret = credential.map_or(&*NOBODYS, |credential| &credential.secret);
        let right = match self {
            Self::Signature { timestamp, mac } => verify_request(secret, timestamp, client_id.as_str(), mac),
            Self::Secret(presented) => presented.equals(secret),
            Self::Token(_) => true,
        };
        right && credential.is_some()
    }

    const fn via(&self) -> Via {
        match self {
            Self::Signature { .. } => Via::Signature,
            Self::Token(_) => Via::Bearer,
            Self::Secret(_) => Via::ApiKey,
        }
    }
}

/// The client and the scope of an access token of window K (K5) or of the OAuth endpoint (A2), told apart by its type.
fn access_token(
    token: &str,
    keys: &PublicKeys,
    issuer: &str,
    now: Timestamp,
) -> Result<(ClientId, String), Denied> {
    let refused = |refused: crypto::SignatureError| Denied::Token(refused.into());
    let rejected = |rejected: model::ClaimsError| Denied::Token(rejected.into());
    let typ = UnverifiedHeader::parse(token).and_then(|header| header.typ);
    if typ.as_deref() == Some(TokenType::AccessToken.name()) {
        let claims = keys.verify::<ClientClaims>(token, Algorithm::RS256, TokenType::AccessToken);
        let claims = claims.map_err(refused)?;
        claims.validate(issuer, now).map_err(rejected)?;
        return Ok((claims.sub, claims.scope));
    }
    let claims = keys.verify::<AccessClaims>(token, Algorithm::RS256, TokenType::Jwt).map_err(refused)?;
    claims.validate(issuer, now).map_err(rejected)?;
    Ok((claims.sub, claims.scope))
}

/// The token in `Authorization: Bearer` (RFC 6750, 2.1).
#[must_use]
pub fn bearer(request: &Request) -> Option<&str> {
    let (scheme, token) = single(request.headers(), "authorization")?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim_start_matches(' '))
}

/// The header's one value; `None` if it is missing, there twice, or no text.
#[must_use]
pub fn single<'r>(headers: &'r HeaderMap, name: &str) -> Option<&'r str> {
    let mut values = headers.get_all(name).iter();
    let (first, second) = (values.next()?, values.next());
    if second.is_some() { None } else { first.to_str().ok() }
}

/// Decimal Unix seconds: digits alone, at most twelve.
fn seconds(text: &str) -> Option<i64> {
    let fits = (1..=12).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if fits { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lambda_http::Body;

    const NOW: i64 = 1_800_000_000;

    fn read(headers: &[(&str, &str)]) -> Result<Credentials, Denied> {
        let mut request = lambda_http::http::Request::builder();
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::Empty).unwrap();
        Credentials::signed(&request, Timestamp::from_second(NOW).unwrap())
    }

    fn at(timestamp: &str) -> Result<Credentials, Denied> {
        let (client, mac) = ("a".repeat(26), "0".repeat(64));
        read(&[("X-Frame-ClientId", &client), ("X-Frame-Timestamp", timestamp), ("X-Frame-Signature", &mac)])
    }

    #[test]
    fn f11_the_window_is_300_s_back_and_60_s_ahead() {
        for (offset, accepted) in [(-301, false), (-300, true), (0, true), (60, true), (61, false)] {
            let read = at(&(NOW + offset).to_string());
            assert_eq!(read.is_ok(), accepted, "{offset}");
            assert!(accepted || matches!(read, Err(Denied::Stale)), "{offset}");
        }
    }

    #[test]
    fn f10_a_timestamp_is_decimal_digits() {
        for bad in
            ["", " 1800000000", "+1800000000", "-1", "1800000000.0", "0x6b49d200", "18e8", "1800000000000"]
        {
            assert!(matches!(at(bad), Err(Denied::Malformed("x-frame-timestamp"))), "{bad:?}");
        }
    }

    #[test]
    fn f10_each_header_stands_once() {
        let (client, mac, now) = ("a".repeat(26), "0".repeat(64), NOW.to_string());
        let whole =
            [("x-frame-clientid", &*client), ("x-frame-timestamp", &*now), ("x-frame-signature", &*mac)];
        assert!(read(&whole).is_ok());
        for without in 0..3 {
            let mut less = whole.to_vec();
            less.remove(without);
            assert!(read(&less).is_err(), "without {}", whole[without].0);
            let mut twice = whole.to_vec();
            twice.push(whole[without]);
            assert!(read(&twice).is_err(), "twice {}", whole[without].0);
        }
    }
}
