//! Prepares a table: creates the data key, the signing keys and the issuer. Every step may be repeated.

use std::sync::Arc;

use api::Start;
use crypto::Algorithm;
use model::{Actor, AuditAction, AuditRecord, Entity, Name, Target, Timestamp, Via};
use store::{
    CallerItems, Change, DataKeySource, DeploymentKeys, FormerUrl, Issuer, Refusal, Registry, Table,
    WriteError,
};

use crate::deployment::error::PrepareError;

/// A prepared table. The audit log names the operator for changes through this type.
#[derive(Debug)]
pub struct Deployment {
    /// Its records.
    pub registry: Registry,
    now: Timestamp,
}

/// What [`Deployment::prepare`] changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prepared {
    /// Whether the data key is new.
    pub data_key: bool,
    /// Whether the signing keys are new.
    pub signing_keys: bool,
    /// The algorithms for which a key was added to an older table, and the time from which the keys sign.
    pub added_keys: Option<(Vec<Algorithm>, Timestamp)>,
    /// If the issuer was changed: the former URLs that are still accepted.
    pub former_issuers: Option<Vec<FormerUrl>>,
}

impl Deployment {
    /// Creates what the table needs to issue tokens under `url` and does not have. Changes the URL of an existing issuer only
    /// if `may_move` is set.
    ///
    /// # Errors
    /// [`PrepareError`].
    pub async fn prepare(start: &Start, url: &str, may_move: bool) -> Result<(Self, Prepared), PrepareError> {
        let now = start.clock.now();
        let (keys, is_new_data_key) = deployment_keys(&start.data_key, &start.table, now).await?;
        let are_new_signing_keys =
            is_new(start.table.create_signing_keys(&keys.data_keys(), url, now).await)?;
        let added_keys = start.table.add_missing_signing_keys(&keys.data_keys(), now).await?;
        let former_issuers = move_issuer(&start.table, url, may_move, now).await?;
        let registry = Registry::new(start.table.clone(), Arc::new(keys));
        let (data_key, signing_keys) = (is_new_data_key, are_new_signing_keys);
        let prepared = Prepared { data_key, signing_keys, added_keys, former_issuers };
        Ok((Self { registry, now }, prepared))
    }

    /// The audit record of a change to `target`, which belongs to `owner`.
    pub(crate) fn change(
        &self,
        action: AuditAction,
        target: Target,
        owner: &Entity,
        changes: serde_json::Value,
    ) -> Change {
        let actor = Actor { client_id: None, via: Via::Operator };
        let audit = AuditRecord::new((actor, None), action, target, owner, changes, self.now);
        Change::new(CallerItems::of_operator(), audit)
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.now
    }
}

/// The keys of the deployment, and whether they are new.
async fn deployment_keys(
    source: &DataKeySource,
    table: &Table,
    now: Timestamp,
) -> Result<(DeploymentKeys, bool), PrepareError> {
    match DeploymentKeys::create(source, table, now).await {
        Ok(created) => Ok((created, true)),
        Err(WriteError::Refused(Refusal::Stale)) => {
            Ok((DeploymentKeys::open(source, table, now).await?, false))
        }
        Err(error) => Err(error.into()),
    }
}

/// Makes `url` the issuer. If the table had another one, returns the former URLs that are still accepted.
async fn move_issuer(
    table: &Table,
    url: &str,
    may_move: bool,
    now: Timestamp,
) -> Result<Option<Vec<FormerUrl>>, PrepareError> {
    match Issuer::read(table).await? {
        Some(issuer) if issuer.url != url && may_move => {
            if let Some(api) = table.api_at_or_below(url, now).await? {
                return Err(PrepareError::IdentifierAtUrl(api));
            }
            Ok(Some(table.move_issuer(&issuer, url, now).await?.former))
        }
        Some(issuer) if issuer.url != url => {
            Err(PrepareError::OtherIssuer { current: issuer.url, requested: url.to_owned() })
        }
        _ => Ok(None),
    }
}

/// Whether the write created the item. `false` if the item existed.
fn is_new(written: Result<(), WriteError>) -> Result<bool, WriteError> {
    match written {
        Ok(()) => Ok(true),
        Err(WriteError::Refused(Refusal::Stale)) => Ok(false),
        Err(error) => Err(error),
    }
}

pub(crate) fn parse_name(text: &str) -> Result<Name, PrepareError> {
    Name::try_from(text.to_owned()).map_err(PrepareError::Name)
}
