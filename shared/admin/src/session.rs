//! The session of an administrator, and the checks that every operation needs.

use std::sync::Arc;

use futures_util::future::try_join;
use model::{Actor, AuditAction, AuditRecord, Caller, Entity, EntityId, Grants, Scope, Target, Timestamp};
use serde_json::Value;
use store::{AuditReceipt, CallerItems, Change, Issuer, Refusal, Registry, StoreError, WriteError};

use crate::{Error, Result};

/// The session of an authenticated administrator.
#[derive(Debug)]
pub struct Session<'a> {
    /// The configuration.
    pub registry: &'a Registry,
    /// The administrator.
    pub caller: Caller,
    /// The time of the operation.
    pub now: Timestamp,
    /// The address that the request came from.
    pub source_ip: Option<String>,
    /// The deployment's URLs and public keys.
    pub issuer: Arc<Issuer>,
    /// Where the place of the audit record of a change is noted, for the log.
    pub receipt: AuditReceipt,
}

impl Session<'_> {
    /// The entity, if the caller has `scope` on it.
    pub(crate) async fn entity(&self, id: EntityId, scope: Scope) -> Result<Entity> {
        self.check_permission(self.registry.entity(id).await?, scope)
    }

    /// The entity and the result of `read`, if the caller has `scope` on the entity. Both are read at the same time.
    pub(crate) async fn entity_with<T>(
        &self,
        id: EntityId,
        scope: Scope,
        read: impl Future<Output = Result<Option<T>, StoreError>>,
    ) -> Result<(Entity, T)> {
        let (entity, found) = try_join(self.registry.entity(id), read).await?;
        let entity = self.check_permission(entity, scope)?;
        Ok((entity, found.ok_or(Error::not_found())?))
    }

    fn check_permission(&self, entity: Option<Entity>, scope: Scope) -> Result<Entity> {
        let existing = entity.ok_or(Error::not_found())?;
        self.caller.may(scope, &existing)?;
        Ok(existing)
    }

    /// Checks that the caller may give `grants` to a resource of `owner`: each grant is on `owner` or an entity below it,
    /// and the caller has the grant itself.
    pub(crate) async fn may_grant(&self, grants: &Grants, owner: &Entity) -> Result<()> {
        let ids: Vec<_> = grants.iter().map(|grant| grant.entity_id).collect();
        let entities = self.registry.entities(&ids).await?;
        for grant in grants.iter() {
            let entity = entities
                .iter()
                .find(|entity| entity.id == grant.entity_id && entity.customer() == owner.customer())
                .ok_or(Error::NotFound { field: Some("grants") })?;
            if !entity.is_at_or_below(owner.id) {
                let reason = "each grant's entity_id must be the owning entity or one below it";
                return Err(Error::Conflict { field: Some("grants"), reason });
            }
            self.caller.may_grant(grant, entity)?;
        }
        Ok(())
    }

    /// The conditions and the audit record of a change to `target`, which belongs to `entity`.
    pub(crate) fn change(
        &self,
        action: AuditAction,
        target: Target,
        entity: &Entity,
        changes: Value,
    ) -> Change {
        let actor = Actor { client_id: Some(self.caller.client_id().clone()), via: self.caller.via() };
        let who = (actor, self.source_ip.clone());
        let audit = AuditRecord::new(who, action, target, entity, changes, self.now);
        let change = Change::new(CallerItems::of_key(&self.caller), audit);
        Change { receipt: self.receipt.clone(), ..change }
    }
}

/// Refuses a resource that is not at the expected version.
pub(crate) fn check_version(version: u64, expected: Option<u64>) -> Result<()> {
    match expected {
        Some(expected) if expected != version => Err(Error::VersionMismatch),
        _ => Ok(()),
    }
}

/// Converts the error of a write. If another change was written first, this is a version mismatch if the caller expected
/// a version, and a conflict otherwise.
pub(crate) fn map_write_error(written: Result<(), WriteError>, expected: Option<u64>) -> Result<()> {
    match written {
        Err(WriteError::Refused(Refusal::Stale)) if expected.is_some() => Err(Error::VersionMismatch),
        written => Ok(written?),
    }
}
