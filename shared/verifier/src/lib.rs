//! Verifies the tokens of a tokenbooth deployment in a program that is not part of it (A3, A7).
//!
//! It needs the deployment's public keys and no secret, no table and no AWS. [`Settings`] fix the issuer, the audience and
//! one algorithm. [`Verifier`] fetches the public keys when it needs them and keeps them.
//!
//! The crate reads no clock: the time is an argument. It does not know which tokens were revoked.

mod claims;
mod error;
mod keys;
mod settings;

use std::sync::Arc;

use crypto::{PublicKeys, TokenType, UnverifiedHeader};
use jiff::Timestamp;
use serde::de::DeserializeOwned;

pub use claims::{Claims, Scopes};
pub use crypto::{Algorithm, SignatureError};
pub use error::{KeysUnavailable, Refusal, VerifyError};
#[cfg(feature = "http")]
pub use keys::HttpKeys;
pub use keys::{FetchError, KeyBounds, KeySource};
pub use settings::{Settings, SettingsError};

use claims::RegisteredClaims;
use keys::KeyCache;

/// Verifies tokens of one issuer for one audience. Share one verifier between all requests: it has the cache of the keys.
#[derive(Debug)]
pub struct Verifier<S> {
    settings: Settings,
    keys: KeyCache<S>,
}

impl<S: KeySource> Verifier<S> {
    /// A verifier that gets the public keys from `source`. It fetches nothing yet.
    #[must_use]
    pub fn new(settings: Settings, source: S, bounds: KeyBounds) -> Self {
        Self { keys: KeyCache::new(source, settings.algorithm, bounds), settings }
    }

    /// Fetches the public keys if there are none, so that the first token does not wait for them.
    ///
    /// # Errors
    /// [`KeysUnavailable`].
    pub async fn prepare(&self, now: Timestamp) -> Result<(), KeysUnavailable> {
        self.keys.any(now).await.map(drop)
    }

    /// Returns the claims of `token` if the issuer signed it for this audience and it is valid at `now`.
    ///
    /// `C` is [`Claims`], or a type of the caller's own. A claim is required if its field is not an `Option`.
    ///
    /// # Errors
    /// [`VerifyError`].
    pub async fn verify<C: DeserializeOwned>(&self, token: &str, now: Timestamp) -> Result<C, VerifyError> {
        let (kid, typ) = self.chosen_key(token)?;
        let keys = self.keys.with_key(&kid, now).await?;
        Ok(self.settings.verify_with(&keys, token, typ, now)?)
    }

    /// The key and the type that the header names. A header that the settings do not allow causes no fetch.
    fn chosen_key(&self, token: &str) -> Result<(String, TokenType), Refusal> {
        let header = UnverifiedHeader::parse(token).ok_or(SignatureError::Malformed)?;
        if header.alg != self.settings.algorithm.name() {
            return Err(Refusal::WrongAlgorithm);
        }
        let typ = self.settings.types.iter().find(|typ| header.typ.as_deref() == Some(typ.name()));
        let kid = header.kid.ok_or(SignatureError::UnknownKey)?;
        Ok((kid, *typ.ok_or(Refusal::WrongType)?))
    }
}

impl Settings {
    /// Verifies a token of type `typ` with `keys`. The header chooses neither the algorithm nor the type (RFC 8725, 3.1).
    fn verify_with<C: DeserializeOwned>(
        &self,
        keys: &Arc<PublicKeys>,
        token: &str,
        typ: TokenType,
        now: Timestamp,
    ) -> Result<C, Refusal> {
        let claims: RegisteredClaims = keys.verify(token, self.algorithm, typ)?;
        claims.validate(self, now)?;
        crypto::dangerous_claims(token).ok_or(Refusal::MissingClaim)
    }
}

#[cfg(test)]
mod tests;
