//! Preparing a table: data key, signing keys, issuer, customers. Every step may be repeated.

use std::sync::Arc;

use api::Start;
use crypto::CryptoError;
use model::{
    Actor, ApiKey, AuditRecord, Entity, EntityKind, Grant, Grants, Integration, InvalidGrants, KeyFile, Name,
    RateLimit, Role, Status, Target, Timestamp, Via,
};
use serde_json::json;
use store::{
    Change, DataKeySource, Issuer, ListError, PageLimit, Refusal, Registry, StoreError, Table, WriteError,
};

/// Why a table could not be prepared.
#[derive(Debug, thiserror::Error)]
pub enum PrepareError {
    /// The store failed, or something is there that should not be.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A list could not be read.
    #[error(transparent)]
    List(#[from] ListError),
    /// A name of ours breaks the rules for names.
    #[error("a name {0}")]
    Name(&'static str),
    /// There is no randomness.
    #[error(transparent)]
    Crypto(#[from] CryptoError),
    /// A list of grants of ours breaks the rules for those.
    #[error(transparent)]
    Grants(#[from] InvalidGrants),
    /// The table issues tokens under another URL.
    #[error(
        "this deployment's issuer is {there}, not {wanted}; to change it, which ends every token in use, say so with --move-issuer"
    )]
    OtherIssuer {
        /// The URL in the table.
        there: String,
        /// The URL asked for.
        wanted: String,
    },
}

/// A prepared table, with the power to change it: the operator's.
#[derive(Debug)]
pub struct Deployment {
    /// Its configuration.
    pub registry: Registry,
    now: Timestamp,
}

/// A customer made just now, with its admin key.
#[derive(Debug)]
pub struct NewCustomer {
    /// The customer.
    pub customer: Entity,
    /// The only copy of its admin key.
    pub admin_key: KeyFile,
}

/// What preparing did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Prepared {
    /// Whether the data key was made now.
    pub data_key: bool,
    /// Whether the signing keys were made now.
    pub signing_keys: bool,
    /// Whether the issuer was changed now.
    pub issuer: bool,
}

impl Deployment {
    /// Makes what `start`'s table lacks, so that tokens can be issued under `url`.
    ///
    /// # Errors
    /// [`PrepareError`].
    pub async fn prepare(start: &Start, url: &str, may_move: bool) -> Result<(Self, Prepared), PrepareError> {
        let now = start.clock.now();
        let (data_key, made_data_key) = data_key(&start.data_key, &start.table, now).await?;
        let made_signing_keys = unless_there(start.table.create_signing_keys(&data_key, url, now).await)?;
        let moved = match Issuer::read(&start.table).await? {
            Some(issuer) if issuer.url != url && may_move => {
                start.table.change_issuer_url(&issuer, url).await?;
                true
            }
            Some(issuer) if issuer.url != url => {
                return Err(PrepareError::OtherIssuer { there: issuer.url, wanted: url.to_owned() });
            }
            _ => false,
        };
        let registry = Registry::new(start.table.clone(), Arc::new(data_key));
        let prepared = Prepared { data_key: made_data_key, signing_keys: made_signing_keys, issuer: moved };
        Ok((Self { registry, now }, prepared))
    }

    /// The customer of that name with an admin key, made if it is not there. What an interrupted run left out is made
    /// up for.
    ///
    /// # Errors
    /// [`PrepareError`].
    pub async fn customer(&self, name: &str) -> Result<Option<NewCustomer>, PrepareError> {
        let wanted = named(name)?;
        let customer = match self.registry.customer_id(&wanted).await? {
            Some(id) => {
                self.registry.entity(id).await?.ok_or(StoreError::NotInitialised { what: "a customer" })?
            }
            None => self.create_entity(EntityKind::Customer, None, name).await?,
        };
        let all = PageLimit::default();
        let there = self.registry.integrations(customer.id, None, all).await?;
        let administers = |it: &Integration| {
            it.grants.iter().any(|grant| grant.role == Role::CustomerAdmin && grant.entity_id == customer.id)
        };
        let integration = match there.items.into_iter().find(administers) {
            Some(integration) => integration,
            None => self.create_integration(&customer, "Administration", Role::CustomerAdmin).await?,
        };
        let keys = self.registry.api_keys(customer.id, integration.id, None, all).await?;
        if keys.items.is_empty() {
            let admin_key = self.create_key(&customer, &integration, "first").await?;
            return Ok(Some(NewCustomer { customer, admin_key }));
        }
        Ok(None)
    }

    /// Puts the customer of that name back to work: active, API switch on, and with a new admin key. The way back for
    /// who has locked itself out or lost its key.
    ///
    /// # Errors
    /// [`PrepareError`].
    pub async fn restore(&self, name: &str) -> Result<Option<NewCustomer>, PrepareError> {
        let Some(id) = self.registry.customer_id(&named(name)?).await? else { return Ok(None) };
        let old = self.registry.entity(id).await?.ok_or(StoreError::NotInitialised { what: "a customer" })?;
        let customer = Entity {
            status: Status::Active,
            api_enabled: true,
            version: old.version + 1,
            updated_at: self.now,
            ..old.clone()
        };
        let changes = json!({ "status": customer.status, "api_enabled": true });
        let change = self.change("update", ("entity", id.to_string()), &customer, changes);
        self.registry.replace_entity(&old, &customer, &change).await?;
        let label = format!("Administration restored {}", self.now);
        let integration = self.create_integration(&customer, &label, Role::CustomerAdmin).await?;
        let admin_key = self.create_key(&customer, &integration, "first").await?;
        Ok(Some(NewCustomer { customer, admin_key }))
    }

    pub(crate) async fn create_entity(
        &self,
        kind: EntityKind,
        parent: Option<&Entity>,
        name: &str,
    ) -> Result<Entity, PrepareError> {
        let entity = Entity::new(kind, parent, named(name)?, self.now);
        let change =
            self.change("create", ("entity", entity.id.to_string()), &entity, json!({ "name": name }));
        self.registry.create_entity(&entity, &change).await?;
        Ok(entity)
    }

    /// An integration of `owner` with one grant, on `owner`.
    pub(crate) async fn create_integration(
        &self,
        owner: &Entity,
        name: &str,
        role: Role,
    ) -> Result<Integration, PrepareError> {
        let grants = Grants::try_from(vec![Grant { role, entity_id: owner.id }])?;
        let integration = Integration::new(owner, named(name)?, grants, self.now);
        let changes = json!({ "name": name, "grants": integration.grants });
        let change = self.change("create", ("integration", integration.id.to_string()), owner, changes);
        self.registry.create_integration(&integration, &change).await?;
        Ok(integration)
    }

    pub(crate) async fn create_key(
        &self,
        owner: &Entity,
        integration: &Integration,
        name: &str,
    ) -> Result<KeyFile, PrepareError> {
        self.create_limited_key(owner, integration, name, None).await
    }

    pub(crate) async fn create_limited_key(
        &self,
        owner: &Entity,
        integration: &Integration,
        name: &str,
        rate_limit: Option<RateLimit>,
    ) -> Result<KeyFile, PrepareError> {
        let (key, secret) = self.registry.new_api_key(integration, owner, named(name)?, self.now)?;
        let key = ApiKey { rate_limit, ..key };
        let change =
            self.change("create", ("api_key", key.client_id.to_string()), owner, json!({ "name": name }));
        self.registry.create_api_key(&key, integration, &change).await?;
        Ok(KeyFile::new(key.client_id, &secret))
    }

    pub(crate) fn change(
        &self,
        action: &str,
        target: (&str, String),
        owner: &Entity,
        changes: serde_json::Value,
    ) -> Change {
        let actor = Actor { client_id: None, via: Via::Operator };
        let target = Target { kind: target.0.to_owned(), id: target.1 };
        let audit = AuditRecord::new((actor, None), action, target, owner.id, changes, self.now);
        Change { audit, audited_entities: owner.path().collect(), idempotency: None }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.now
    }
}

async fn data_key(
    source: &DataKeySource,
    table: &Table,
    now: Timestamp,
) -> Result<(crypto::DataKey, bool), PrepareError> {
    match source.create(table, now).await {
        Ok(made) => Ok((made, true)),
        Err(WriteError::Refused(Refusal::Stale)) => Ok((source.open(table).await?, false)),
        Err(error) => Err(error.into()),
    }
}

/// `true` if it was written, `false` if it was there.
fn unless_there(written: Result<(), WriteError>) -> Result<bool, WriteError> {
    match written {
        Ok(()) => Ok(true),
        Err(WriteError::Refused(Refusal::Stale)) => Ok(false),
        Err(error) => Err(error),
    }
}

pub(crate) fn named(name: &str) -> Result<Name, PrepareError> {
    Name::try_from(name.to_owned()).map_err(PrepareError::Name)
}
