//! The `x-api-key`s of a partner, each shown once (V2). To rotate a key, create a second one and set the `valid_until`
//! of the first one.

use futures_util::future::join;
use model::{
    AuditAction, Entity, EntityId, Level, Moment, Name, Partner, PartnerId, PartnerKey, PartnerKeyId, Patch,
    Resource, Scope, Status, Target, Timestamp,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::Page;

use crate::session::{check_version, map_write_error};
use crate::update::write_update;
use crate::{Collection, Error, Idempotency, Listing, Outcome, PartnerPath, Result, Session, Versioned};

const READ: Scope = Scope(Resource::Partner, Level::Read);
const WRITE: Scope = Scope(Resource::Partner, Level::Write);
const DELETE: Scope = Scope(Resource::Partner, Level::WriteDelete);

/// Keys of a partner.
#[derive(Debug)]
pub struct PartnerKeys;

/// The fields of a new key.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "each field is the one of `model::PartnerKey`")]
pub struct PartnerKeyCreation {
    pub name: Name,
    #[serde(default)]
    pub valid_until: Patch<Moment>,
}

/// The fields of a key that can be changed.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
#[expect(missing_docs, reason = "each field is the one of `model::PartnerKey`")]
pub struct PartnerKeyUpdate {
    #[serde(skip_serializing_if = "Patch::is_keep")]
    pub name: Patch<Name>,
    #[serde(skip_serializing_if = "Patch::is_keep")]
    pub status: Patch<Status>,
    #[serde(skip_serializing_if = "Patch::is_keep")]
    pub valid_until: Patch<Option<Moment>>,
}

/// A key's record, without the key itself.
#[derive(Debug, Clone, Serialize)]
#[expect(missing_docs, reason = "each field is the one of `model::PartnerKey`")]
pub struct PartnerKeyView {
    pub id: PartnerKeyId,
    pub partner_id: PartnerId,
    pub entity_id: EntityId,
    pub name: Name,
    pub status: Status,
    pub valid_until: Option<Moment>,
    pub created_at: Moment,
    pub updated_at: Moment,
}

/// A new key, shown once.
#[derive(Serialize)]
pub struct NewPartnerKey {
    /// Its record.
    #[serde(flatten)]
    pub key: PartnerKeyView,
    /// The key itself.
    pub api_key: String,
}

impl std::fmt::Debug for NewPartnerKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewPartnerKey").field("key", &self.key).finish_non_exhaustive()
    }
}

impl Collection for PartnerKeys {
    const NAME: &'static str = "partner-keys";

    type Parent = PartnerPath;
    type Id = PartnerKeyId;
    type Creation = PartnerKeyCreation;
    type Update = PartnerKeyUpdate;
    type View = PartnerKeyView;
    type Details = PartnerKeyView;
    type Created = NewPartnerKey;

    async fn list(
        session: &Session<'_>,
        path: PartnerPath,
        listing: &Listing,
    ) -> Result<Page<PartnerKeyView>> {
        let (_, partner) = find_partner(session, path, READ).await?;
        let page = session.registry.partner_keys(partner.id, listing.cursor.as_ref(), listing.limit).await?;
        Ok(page.map(|key| view(&key)))
    }

    async fn create(
        session: &Session<'_>,
        path: PartnerPath,
        input: PartnerKeyCreation,
        idempotency: Option<&Idempotency>,
    ) -> Result<Outcome<NewPartnerKey>> {
        let (owner, partner) = find_partner(session, path, WRITE).await?;
        if let Some(replayed) = session.replayed_answer(idempotency).await? {
            return Ok(replayed);
        }
        let PartnerKeyCreation { name, valid_until } = input;
        let (default, secret) = session.registry.new_partner_key(&partner, &owner, name, session.now)?;
        let new = PartnerKey { valid_until: valid_until.value().map(Timestamp::from), ..default };
        let target = Target::PartnerKey(new.id);
        let mut change = session.change(AuditAction::Create, target, &owner, json!(view(&new)));
        let created = NewPartnerKey { key: view(&new), api_key: secret.reveal().to_owned() };
        let answer = session.first_answer(created, new.version, idempotency, &mut change)?;
        answer.finish(session.registry.create_partner_key(&new, &partner, &change).await).await
    }

    async fn show(
        session: &Session<'_>,
        path: PartnerPath,
        id: PartnerKeyId,
    ) -> Result<Versioned<PartnerKeyView>> {
        let (_, key) = find(session, path, id, READ).await?;
        Ok(Versioned { item: view(&key), version: key.version })
    }

    async fn update(
        session: &Session<'_>,
        path: PartnerPath,
        id: PartnerKeyId,
        input: PartnerKeyUpdate,
        expected_version: Option<u64>,
    ) -> Result<Versioned<PartnerKeyView>> {
        let (owner, old) = find(session, path, id, WRITE).await?;
        check_version(old.version, expected_version)?;
        let changes = json!(input);
        let new = input.apply(&old, session.now);
        let change = session.change(AuditAction::Update, Target::PartnerKey(id), &owner, changes);
        let write = session.registry.replace_partner_key(&old, &new, &change);
        let stored = write_update((&old, &new), write, expected_version).await?;
        Ok(Versioned { item: view(stored), version: stored.version })
    }

    async fn delete(
        session: &Session<'_>,
        path: PartnerPath,
        id: PartnerKeyId,
        expected_version: Option<u64>,
    ) -> Result<()> {
        let (owner, old) = find(session, path, id, DELETE).await?;
        check_version(old.version, expected_version)?;
        let change = session.change(AuditAction::Delete, Target::PartnerKey(id), &owner, json!({}));
        map_write_error(session.registry.delete_partner_key(&old, &change).await, expected_version)
    }
}

/// The partner with its entity, if the caller has `scope` on the entity.
pub(crate) async fn find_partner(
    session: &Session<'_>,
    path: PartnerPath,
    scope: Scope,
) -> Result<(Entity, Partner)> {
    let partner = session.registry.partner(path.entity_id, path.partner_id);
    session.entity_with(path.entity_id, scope, partner).await
}

async fn find(
    session: &Session<'_>,
    path: PartnerPath,
    id: PartnerKeyId,
    scope: Scope,
) -> Result<(Entity, PartnerKey)> {
    let partner = find_partner(session, path, scope);
    let (found, key) = join(partner, session.registry.partner_key(path.partner_id, id)).await;
    let (owner, _) = found?;
    Ok((owner, key?.ok_or(Error::not_found())?))
}

impl PartnerKeyUpdate {
    fn apply(self, old: &PartnerKey, now: Timestamp) -> PartnerKey {
        let Self { name, status, valid_until } = self;
        PartnerKey {
            name: name.or(&old.name),
            status: status.or(&old.status),
            valid_until: valid_until.map(|end| end.map(Timestamp::from)).or(&old.valid_until),
            version: old.version + 1,
            updated_at: now,
            ..old.clone()
        }
    }
}

fn view(key: &PartnerKey) -> PartnerKeyView {
    PartnerKeyView {
        id: key.id,
        partner_id: key.partner_id,
        entity_id: key.entity_id,
        name: key.name.clone(),
        status: key.status,
        valid_until: key.valid_until.map(Moment::from),
        created_at: key.created_at.into(),
        updated_at: key.updated_at.into(),
    }
}
