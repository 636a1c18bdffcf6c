//! Partners, whose sites anonymous devices visit (V1, V8).

use model::{
    AuditAction, Entity, EntityId, Level, Moment, Name, Partner, PartnerId, Patch, RateLimit, Resource,
    Scope, Status, Target, Timestamp,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::Page;

use crate::session::{check_version, map_write_error};
use crate::update::write_update;
use crate::{Collection, Idempotency, Listing, Outcome, Result, Session, Versioned};

const READ: Scope = Scope(Resource::Partner, Level::Read);
const WRITE: Scope = Scope(Resource::Partner, Level::Write);
const DELETE: Scope = Scope(Resource::Partner, Level::WriteDelete);

/// Partners of an entity.
#[derive(Debug)]
pub struct Partners;

/// The fields of a new partner.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "each field is the one of `model::Partner`")]
pub struct PartnerCreation {
    pub name: Name,
    #[serde(default)]
    pub allow_get: bool,
    #[serde(default)]
    pub trusted_forwarder: bool,
    #[serde(default)]
    pub rate_limit: Patch<RateLimit>,
    #[serde(default)]
    pub device_rate_limit: Patch<RateLimit>,
}

/// The fields of a partner that can be changed.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
#[expect(missing_docs, reason = "each field is the one of `model::Partner`")]
pub struct PartnerUpdate {
    #[serde(skip_serializing_if = "Patch::is_keep")]
    pub name: Patch<Name>,
    #[serde(skip_serializing_if = "Patch::is_keep")]
    pub status: Patch<Status>,
    #[serde(skip_serializing_if = "Patch::is_keep")]
    pub allow_get: Patch<bool>,
    #[serde(skip_serializing_if = "Patch::is_keep")]
    pub trusted_forwarder: Patch<bool>,
    #[serde(skip_serializing_if = "Patch::is_keep")]
    pub rate_limit: Patch<Option<RateLimit>>,
    #[serde(skip_serializing_if = "Patch::is_keep")]
    pub device_rate_limit: Patch<Option<RateLimit>>,
}

/// A partner.
#[derive(Debug, Clone, Serialize)]
#[expect(missing_docs, reason = "each field is the one of `model::Partner`")]
pub struct PartnerView {
    pub id: PartnerId,
    pub entity_id: EntityId,
    pub name: Name,
    pub status: Status,
    pub allow_get: bool,
    pub trusted_forwarder: bool,
    pub rate_limit: Option<RateLimit>,
    pub device_rate_limit: Option<RateLimit>,
    pub created_at: Moment,
    pub updated_at: Moment,
}

impl Collection for Partners {
    const NAME: &'static str = "partners";

    type Parent = EntityId;
    type Id = PartnerId;
    type Creation = PartnerCreation;
    type Update = PartnerUpdate;
    type View = PartnerView;
    type Details = PartnerView;
    type Created = PartnerView;

    async fn list(session: &Session<'_>, entity: EntityId, listing: &Listing) -> Result<Page<PartnerView>> {
        let owner = session.entity(entity, READ).await?;
        let page = session.registry.partners(owner.id, listing.cursor.as_ref(), listing.limit).await?;
        Ok(page.map(|partner| view(&partner)))
    }

    async fn create(
        session: &Session<'_>,
        entity: EntityId,
        input: PartnerCreation,
        idempotency: Option<&Idempotency>,
    ) -> Result<Outcome<PartnerView>> {
        let owner = session.entity(entity, WRITE).await?;
        if let Some(replayed) = session.replayed_answer(idempotency).await? {
            return Ok(replayed);
        }
        let new = input.build(&owner, session.now);
        let created = view(&new);
        let target = Target::Partner(new.id);
        let mut change = session.change(AuditAction::Create, target, &owner, json!(created));
        let answer = session.first_answer(created, new.version, idempotency, &mut change)?;
        answer.finish(session.registry.create_partner(&new, &change).await).await
    }

    async fn show(session: &Session<'_>, entity: EntityId, id: PartnerId) -> Result<Versioned<PartnerView>> {
        let (_, partner) = find(session, entity, id, READ).await?;
        Ok(Versioned { item: view(&partner), version: partner.version })
    }

    async fn update(
        session: &Session<'_>,
        entity: EntityId,
        id: PartnerId,
        input: PartnerUpdate,
        expected_version: Option<u64>,
    ) -> Result<Versioned<PartnerView>> {
        let (owner, old) = find(session, entity, id, WRITE).await?;
        check_version(old.version, expected_version)?;
        let changes = json!(input);
        let new = input.apply(&old, session.now);
        let change = session.change(AuditAction::Update, Target::Partner(id), &owner, changes);
        let write = session.registry.replace_partner(&old, &new, &change);
        let stored = write_update((&old, &new), write, expected_version).await?;
        Ok(Versioned { item: view(stored), version: stored.version })
    }

    async fn delete(
        session: &Session<'_>,
        entity: EntityId,
        id: PartnerId,
        expected_version: Option<u64>,
    ) -> Result<()> {
        let (owner, old) = find(session, entity, id, DELETE).await?;
        check_version(old.version, expected_version)?;
        let change = session.change(AuditAction::Delete, Target::Partner(id), &owner, json!({}));
        map_write_error(session.registry.delete_partner(&old, &change).await, expected_version)
    }
}

async fn find(
    session: &Session<'_>,
    entity: EntityId,
    id: PartnerId,
    scope: Scope,
) -> Result<(Entity, Partner)> {
    session.entity_with(entity, scope, session.registry.partner(entity, id)).await
}

impl PartnerCreation {
    fn build(self, owner: &Entity, now: Timestamp) -> Partner {
        let Self { name, allow_get, trusted_forwarder, rate_limit, device_rate_limit } = self;
        Partner {
            allow_get,
            trusted_forwarder,
            rate_limit: rate_limit.value(),
            device_rate_limit: device_rate_limit.value(),
            ..Partner::new(owner, name, now)
        }
    }
}

impl PartnerUpdate {
    fn apply(self, old: &Partner, now: Timestamp) -> Partner {
        let Self { name, status, allow_get, trusted_forwarder, rate_limit, device_rate_limit } = self;
        Partner {
            name: name.or(&old.name),
            status: status.or(&old.status),
            allow_get: allow_get.or(&old.allow_get),
            trusted_forwarder: trusted_forwarder.or(&old.trusted_forwarder),
            rate_limit: rate_limit.or(&old.rate_limit),
            device_rate_limit: device_rate_limit.or(&old.device_rate_limit),
            version: old.version + 1,
            updated_at: now,
            ..old.clone()
        }
    }
}

fn view(partner: &Partner) -> PartnerView {
    PartnerView {
        id: partner.id,
        entity_id: partner.entity_id,
        name: partner.name.clone(),
        status: partner.status,
        allow_get: partner.allow_get,
        trusted_forwarder: partner.trusted_forwarder,
        rate_limit: partner.rate_limit,
        device_rate_limit: partner.device_rate_limit,
        created_at: partner.created_at.into(),
        updated_at: partner.updated_at.into(),
    }
}
