//! The private signing keys. All of them are sealed in one item, so every change of them is one conditional write.

use crypto::{Algorithm, DataKeys, Sealed, SigningKey, TokenType};
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
    /// As in [`Issuer`]: those that versions before own APIs cannot read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    keys_for_apis: Vec<SealedKey>,
}

impl SealedKeys {
    fn all(&self) -> impl Iterator<Item = &SealedKey> {
        self.keys.iter().chain(&self.keys_for_apis)
    }
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
    keys: Vec<OpenKey>,
}

#[derive(Debug)]
struct OpenKey {
    algorithm: Algorithm,
    schedule: Schedule,
    private: SigningKey,
}

impl SigningKeys {
    /// Signs `claims`, which expire at `exp` (Unix seconds). Of the keys of this algorithm that may sign until `exp`,
    /// the one that became active last signs.
    ///
    /// # Errors
    /// [`StoreError::NotInitialised`] if no key may sign, or [`StoreError::Damaged`].
    pub fn sign(
        &self,
        (algorithm, typ): (Algorithm, TokenType),
        claims: &impl Serialize,
        exp: i64,
        now: Timestamp,
    ) -> Result<String, StoreError> {
        let may_sign = |key: &&OpenKey| key.algorithm == algorithm && key.schedule.may_sign(exp, now);
        let newest = self.keys.iter().filter(may_sign).max_by_key(|key| key.schedule.active_from);
        let signer = newest.ok_or(StoreError::NotInitialised { item: "an active signing key" })?;
        signer.private.sign(typ, claims).map_err(StoreError::damaged("sign token"))
    }

    pub(crate) fn open(
        sealed: &SealedKeys,
        data_keys: &DataKeys,
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        let in_use = sealed.all().filter(|key| key.schedule.state(now) != KeyState::Retired);
        let keys = in_use.map(|key| OpenKey::open(key, data_keys)).collect::<Result<_, _>>()?;
        Ok(Self { version: sealed.version, keys })
    }
}

impl OpenKey {
    fn open(sealed: &SealedKey, data_keys: &DataKeys) -> Result<Self, StoreError> {
        const STEP: &str = "open signing keys";
        let pkcs8 =
            data_keys.open(&sealed.private, &place(&sealed.kid)).map_err(StoreError::damaged(STEP))?;
        let private = SigningKey::from_pkcs8(sealed.algorithm, &pkcs8).map_err(StoreError::damaged(STEP))?;
        Ok(Self { algorithm: sealed.algorithm, schedule: sealed.schedule, private })
    }
}

impl Table {
    /// Creates the first signing keys, one per algorithm and active at once, and publishes them under `url`. Fails
    /// with [`Refusal::Stale`] if the deployment has signing keys.
    ///
    /// # Errors
    /// [`WriteError`].
    pub async fn create_signing_keys(
        &self,
        data_keys: &DataKeys,
        url: &str,
        now: Timestamp,
    ) -> Result<(), WriteError> {
        const STEP: &str = "create signing keys";
        let mut sealed = SealedKeys { version: 1, keys: Vec::new(), keys_for_apis: Vec::new() };
        let mut issuer = Issuer::new(url);
        for algorithm in Algorithm::ALL {
            let key = NewKey::generate(algorithm, Schedule::starting(now), data_keys, STEP)?;
            key.add_to(&mut sealed, &mut issuer);
        }
        let mut transaction = Transaction::new(self, STEP);
        transaction.create(&key::signing_keys(), &sealed, Refusal::Stale)?;
        transaction.create(&key::issuer(), &issuer, Refusal::Stale)?;
        transaction.commit().await
    }

    /// Adds a key for each algorithm that has none, as in tables of earlier versions. The keys are published now and sign
    /// when every verifier has read them. Returns the algorithms, and the time from which the keys sign.
    ///
    /// # Errors
    /// [`StoreError::NotInitialised`] if there are no signing keys, [`Refusal::Stale`], or [`StoreError`].
    pub async fn add_missing_signing_keys(
        &self,
        data_keys: &DataKeys,
        now: Timestamp,
    ) -> Result<Option<(Vec<Algorithm>, Timestamp)>, WriteError> {
        const STEP: &str = "add signing keys";
        let missing = |item| StoreError::NotInitialised { item };
        let stored: Option<SealedKeys> = self.read(&key::signing_keys(), STEP).await?;
        let mut sealed = stored.ok_or(missing("the item with the signing keys"))?;
        let mut issuer = Issuer::read(self).await?.ok_or(missing("the issuer"))?;
        let has_none = |algorithm: &Algorithm| sealed.all().all(|key| key.algorithm != *algorithm);
        let added: Vec<_> = Algorithm::ALL.into_iter().filter(has_none).collect();
        if added.is_empty() {
            return Ok(None);
        }
        let schedule = Schedule::pending(now);
        for &algorithm in &added {
            NewKey::generate(algorithm, schedule, data_keys, STEP)?.add_to(&mut sealed, &mut issuer);
        }
        let mut transaction = Transaction::new(self, STEP);
        let (keys_version, issuer_version) = (sealed.version, issuer.version);
        (sealed.version, issuer.version) = (keys_version + 1, issuer_version + 1);
        transaction.replace_version(&key::signing_keys(), &sealed, keys_version)?;
        transaction.replace_version(&key::issuer(), &issuer, issuer_version)?;
        transaction.commit().await?;
        Ok(Some((added, schedule.active_from)))
    }
}

/// A new key: its private half, sealed, and its public half.
struct NewKey {
    private: SealedKey,
    public: PublishedKey,
}

impl NewKey {
    fn generate(
        algorithm: Algorithm,
        schedule: Schedule,
        data_keys: &DataKeys,
        step: &'static str,
    ) -> Result<Self, StoreError> {
        let pkcs8 = SigningKey::generate(algorithm).map_err(StoreError::damaged(step))?;
        let key = SigningKey::from_pkcs8(algorithm, &pkcs8).map_err(StoreError::damaged(step))?;
        let private = data_keys.seal(&pkcs8, &place(key.kid())).map_err(StoreError::damaged(step))?;
        let jwk = serde_json::to_value(key.jwk()).map_err(StoreError::damaged(step))?;
        let private = SealedKey { kid: key.kid().to_owned(), algorithm, schedule, private };
        Ok(Self { private, public: PublishedKey { algorithm, schedule, jwk } })
    }

    fn add_to(self, sealed: &mut SealedKeys, issuer: &mut Issuer) {
        let (private, public) = match self.public.algorithm {
            Algorithm::EdDSA | Algorithm::RS256 => (&mut sealed.keys, &mut issuer.keys),
            Algorithm::ES256 => (&mut sealed.keys_for_apis, &mut issuer.keys_for_apis),
        };
        private.push(self.private);
        public.push(self.public);
    }
}

/// The associated data of the sealed private key `kid`.
fn place(kid: &str) -> String {
    format!("{}|{kid}", key::signing_keys().place())
}
