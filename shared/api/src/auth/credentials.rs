//! Proving which API key calls: a signed request (F10, F11), a bearer token (K5), or the key itself (K2, A2).

use std::sync::{Arc, LazyLock};

use crypto::{EncodedKey, RequestSignature, Secret, digest_hex, verify_request};
use lambda_http::Request;
use lambda_http::http::header;
use model::{Caller, ClientId, Scopes, Timestamp, Via};
use store::{Credential, Lookup, View};

use crate::auth::access_token::{self, AccessToken};
use crate::auth::denied::{Denied, Reason};
use crate::auth::headers::{self, has_signature, single_header};
use crate::auth::{logged_caller, lookups};
use crate::runtime::PlainSignatures;

/// How old a signed request may be, in seconds (F11).
const PAST: i64 = 300;
/// How far a caller's clock may be ahead, in seconds (F11).
const FUTURE: i64 = 60;

/// The credentials that a caller sent. They are not verified yet.
#[derive(Debug)]
pub struct Credentials {
    client_id: ClientId,
    proof: Proof,
    now: Timestamp,
}

#[derive(Debug)]
enum Proof {
    /// A signature over the client id and this timestamp. The timestamp is kept as the caller wrote it.
    Signature { timestamp: String, mac: RequestSignature },
    /// A bearer token, already verified, with its scopes.
    Token(Scopes),
    /// The secret itself.
    Secret(Secret),
}

impl Credentials {
    /// Reads the three headers of a signed request (F10, F11).
    ///
    /// # Errors
    /// [`Denied::Unauthenticated`].
    pub fn signed(request: &Request, now: Timestamp) -> Result<Self, Denied> {
        Self::read_signature(request, now).map_err(|reason| reason.at(now))
    }

    fn read_signature(request: &Request, now: Timestamp) -> Result<Self, Reason> {
        let header = |name| single_header(request.headers(), name).ok_or(Reason::Malformed(name));
        let client_id =
            header("x-frame-clientid")?.parse().map_err(|_| Reason::Malformed("x-frame-clientid"))?;
        logged_caller::note_claim(&client_id);
        let timestamp = header("x-frame-timestamp")?;
        let signed_at = seconds(timestamp).ok_or(Reason::Malformed("x-frame-timestamp"))?;
        let mac = RequestSignature::parse(header("x-frame-signature")?)
            .ok_or(Reason::Malformed("x-frame-signature"))?;
        if signed_at < now.as_second() - PAST || signed_at > now.as_second() + FUTURE {
            return Err(Reason::Stale);
        }
        Ok(Self { client_id, proof: Proof::Signature { timestamp: timestamp.to_owned(), mac }, now })
    }

    /// Verifies an access token in `Authorization: Bearer` (K5, A2). Where plain signatures are accepted, a request
    /// without `Authorization` must be signed (F10).
    ///
    /// # Errors
    /// [`Denied::Unauthenticated`], or [`Denied::Store`].
    pub(crate) async fn of_key(
        request: &Request,
        plain_signatures: PlainSignatures,
        view: &mut View<'_>,
        now: Timestamp,
    ) -> Result<Self, Denied> {
        match plain_signatures {
            PlainSignatures::Accepted if !request.headers().contains_key(header::AUTHORIZATION) => {
                Self::signed(request, now)
            }
            _ => Self::bearer(request, view, now).await,
        }
    }

    /// Verifies an access token in `Authorization: Bearer` (K5, A2). Reads the key that the token names together with what
    /// verifies the token, so that both take one round trip.
    ///
    /// # Errors
    /// [`Denied::Unauthenticated`], or [`Denied::Store`].
    async fn bearer(request: &Request, view: &mut View<'_>, now: Timestamp) -> Result<Self, Denied> {
        if has_signature(request) {
            let has_both = request.headers().contains_key(header::AUTHORIZATION);
            return Err(if has_both { Reason::Ambiguous } else { Reason::PlainSignature }.at(now));
        }
        let token = headers::bearer(request).ok_or(Reason::Malformed("authorization").at(now))?;
        let digest = digest_hex(token.as_bytes());
        let subject = access_token::unverified_subject(token).inspect(logged_caller::note_claim);
        let key = subject.map(Lookup::ApiKey);
        view.fetch([Lookup::Issuer, Lookup::Revocation(digest.clone())].into_iter().chain(key)).await?;
        let AccessToken { client_id, scope } = access_token::verify(token, view.issuer()?, now)?;
        if view.is_revoked(&digest) {
            return Err(Reason::Revoked.at(now));
        }
        Ok(Self { client_id, proof: Proof::Token(Scopes::parse(&scope)), now })
    }

    /// A client id with its secret (A2).
    pub(crate) fn of_client(client_id: ClientId, secret: Secret, now: Timestamp) -> Self {
        Self { client_id, proof: Proof::Secret(secret), now }
    }

    /// Reads an encoded key (K2).
    ///
    /// # Errors
    /// [`Denied::Unauthenticated`].
    pub fn encoded_key(text: &str, now: Timestamp) -> Result<Self, Denied> {
        let malformed = || Reason::Malformed("apiKey").at(now);
        let key = EncodedKey::parse(text).ok_or_else(malformed)?;
        let client_id = key.client_id.parse().map_err(|_| malformed())?;
        logged_caller::note_claim(&client_id);
        Ok(Self { client_id, proof: Proof::Secret(key.secret), now })
    }

    /// Returns the caller if the proof is right. The first round trip reads the key and `also`; the second one reads
    /// the key's integration, and the ancestors of every entity read so far.
    ///
    /// # Errors
    /// [`Denied::Unauthenticated`], or [`Denied::Store`].
    pub async fn authenticate(
        self,
        view: &mut View<'_>,
        also: impl IntoIterator<Item = Lookup>,
    ) -> Result<Caller, Denied> {
        self.authenticate_with(view, also, |_| Vec::new()).await
    }

    /// The same. The second round trip also reads the lookups that `then` returns for the records of the first one.
    ///
    /// # Errors
    /// As [`authenticate`](Self::authenticate).
    pub async fn authenticate_with(
        self,
        view: &mut View<'_>,
        also: impl IntoIterator<Item = Lookup>,
        then: impl FnOnce(&View<'_>) -> Vec<Lookup>,
    ) -> Result<Caller, Denied> {
        view.fetch([Lookup::ApiKey(self.client_id.clone())].into_iter().chain(also)).await?;
        let credential = self.verify(view)?;
        let ancestors = view.ancestors().map(Lookup::Entity);
        let second: Vec<_> = lookups::of_key(&credential.key).chain(ancestors).chain(then(view)).collect();
        view.fetch(second).await?;
        self.caller(&credential, view)
    }

    /// Checks the proof with the secret of the key. If the key does not exist, checks it with a fixed secret that no key
    /// has, so that an unknown key takes as long as a wrong signature.
    fn verify(&self, view: &View<'_>) -> Result<Arc<Credential>, Denied> {
        static UNUSED_SECRET: LazyLock<Secret> = LazyLock::new(|| Secret::from("-".repeat(64)));
        let credential = view.credential(&self.client_id);
        let secret = credential.map_or(&*UNUSED_SECRET, |it| &it.secret);
        let is_right = self.proof.is_right(&self.client_id, secret);
        match credential {
            None => Err(Reason::Unknown.at(self.now)),
            Some(_) if !is_right => Err(Reason::Wrong.at(self.now)),
            Some(credential) => {
                logged_caller::note_proof(&self.client_id, credential.key.customer());
                Ok(credential.clone())
            }
        }
    }

    fn caller(self, credential: &Credential, view: &View<'_>) -> Result<Caller, Denied> {
        let (key, now) = (&credential.key, self.now);
        let integration = view.integration(key.entity_id, key.integration_id);
        let (integration, lineage) =
            integration.zip(view.lineage(key.entity_id)).ok_or(Reason::Unknown.at(now))?;
        let caller = Caller::new(key.clone(), integration.clone(), lineage, self.proof.via(), now)
            .ok_or(Reason::Disabled.at(now))?;
        Ok(match self.proof {
            Proof::Token(scopes) => caller.narrowed(scopes),
            Proof::Signature { .. } | Proof::Secret(_) => caller,
        })
    }
}

impl Proof {
    fn is_right(&self, client_id: &ClientId, secret: &Secret) -> bool {
        match self {
            Self::Signature { timestamp, mac } => verify_request(secret, timestamp, client_id.as_str(), mac),
            Self::Secret(presented) => presented.equals(secret),
            Self::Token(_) => true,
        }
    }

    const fn via(&self) -> Via {
        match self {
            Self::Signature { .. } => Via::Signature,
            Self::Token(_) => Via::Bearer,
            Self::Secret(_) => Via::ApiKey,
        }
    }
}

/// Reads decimal Unix seconds: digits alone, at most twelve.
fn seconds(text: &str) -> Option<i64> {
    let is_plain = (1..=12).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_plain { text.parse().ok() } else { None }
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
        Credentials::signed(&request.body(Body::Empty).unwrap(), Timestamp::from_second(NOW).unwrap())
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
            assert!(
                accepted || matches!(read, Err(Denied::Unauthenticated { reason: Reason::Stale, .. })),
                "{offset}"
            );
        }
    }

    #[test]
    fn f10_a_timestamp_is_decimal_digits() {
        for bad in
            ["", " 1800000000", "+1800000000", "-1", "1800000000.0", "0x6b49d200", "18e8", "1800000000000"]
        {
            let refused = at(bad).unwrap_err().to_string();
            assert_eq!(refused, "x-frame-timestamp is missing or malformed", "{bad:?}");
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
