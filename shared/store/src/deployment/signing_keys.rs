//! The private signing keys: one sealed item, so that every change to them is one conditional write.

use crypto::{Algorithm, DataKey, Sealed, SigningKey, TokenType};
use model::{KeyState, Schedule, Timestamp};
use serde::{Deserialize, Serialize};

use crate::deployment::issuer::{Issuer, PublishedKey};
use crate::dynamodb::key;
use crate::dynamodb::table::Table;
use crate::dynamodb::transaction::Transaction;
use crate::error::{Refusal, StoreError, WriteError};

/// The stored form.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct SealedKeys {
    pub(crate) version: u64,
    keys: Vec<SealedKey>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct SealedKey {
    kid: String,
    algorithm: Algorithm,
    schedule: Schedule,
    private: Sealed,
}

/// The signing keys of a deployment, ready to sign.
#[derive(Debug)]
pub struct SigningKeys {
    pub(crate) version: u64,
    keys: Vec<(Algorithm, Schedule, SigningKey)>,
}

impl SigningKeys {
    /// A token of that type of `claims`, which expires at `exp` (Unix seconds), signed by the key active last.
    ///
    /// # Errors
    /// [`StoreError::NotInitialised`] if no key may sign it, or [`StoreError::Damaged`].
    pub fn sign(
        &self,
        (algorithm, typ): (Algorithm, TokenType),
        claims: &impl Serialize,
        exp: i64,
        now: Timestamp,
    ) -> Result<String, StoreError> {
        let able =
            self.keys.iter().filter(|(of, schedule, _)| *of == algorithm && schedule.may_sign(exp, now));
        let signer = able.max_by_key(|(_, schedule, _)| schedule.active_from);
        let (_, _, signer) = signer.ok_or(StoreError::NotInitialised { what: "an active signing key" })?;
        signer.sign(typ, claims).map_err(StoreError::damaged("sign token"))
    }

    pub(crate) fn open(sealed: &SealedKeys, data_key: &DataKey, now: Timestamp) -> Result<Self, StoreError> {
        const WHAT: &str = "open signing keys";
        let mut keys = Vec::with_capacity(sealed.keys.len());
        for key in sealed.keys.iter().filter(|key| key.schedule.state(now) != KeyState::Retired) {
            let private = data_key.open(&key.private, &place(&key.kid)).map_err(StoreError::damaged(WHAT))?;
            let pair = SigningKey::from_pkcs8(key.algorithm, &private).map_err(StoreError::damaged(WHAT))?;
            keys.push((key.algorithm, key.schedule, pair));
        }
        Ok(Self { version: sealed.version, keys })
    }
}

impl Table {
    /// Makes the first signing keys, one per algorithm, active at once, and publishes them under `url`. Refused if
    /// there are some.
    ///
    /// # Errors
    /// [`WriteError`].
    pub async fn create_signing_keys(
        &self,
        data_key: &DataKey,
        url: &str,
        now: Timestamp,
    ) -> Result<(), WriteError> {
        const WHAT: &str = "create signing keys";
        let (mut sealed, mut published) = (Vec::new(), Vec::new());
        let schedule = Schedule::starting(now);
        for algorithm in [Algorithm::EdDSA, Algorithm::RS256] {
            let pkcs8 = SigningKey::generate(algorithm).map_err(StoreError::damaged(WHAT))?;
            let key = SigningKey::from_pkcs8(algorithm, &pkcs8).map_err(StoreError::damaged(WHAT))?;
            let private = data_key.seal(&pkcs8, &place(key.kid())).map_err(StoreError::damaged(WHAT))?;
            let jwk = serde_json::to_value(key.jwk()).map_err(StoreError::damaged(WHAT))?;
            sealed.push(SealedKey { kid: key.kid().to_owned(), algorithm, schedule, private });
            published.push(PublishedKey { algorithm, schedule, jwk });
        }
        let mut transaction = Transaction::new(self, WHAT);
        let sealed = SealedKeys { version: 1, keys: sealed };
        transaction.create(&key::signing_keys(), &sealed, Refusal::Stale)?;
        let issuer = Issuer { url: url.to_owned(), keys: published, version: 1 };
        transaction.create(&key::issuer(), &issuer, Refusal::Stale)?;
        transaction.commit().await
    }

    /// Changes the issuer URL, under which tokens are issued and verified from now on.
    ///
    /// # Errors
    /// [`WriteError`].
    pub async fn change_issuer_url(&self, issuer: &Issuer, url: &str) -> Result<(), WriteError> {
        let mut transaction = Transaction::new(self, "move issuer");
        let moved = Issuer { url: url.to_owned(), version: issuer.version + 1, ..issuer.clone() };
        transaction.replace(&key::issuer(), &moved, issuer.version)?;
        transaction.commit().await
    }
}

fn place(kid: &str) -> String {
    format!("{}|{kid}", key::signing_keys().place())
}
