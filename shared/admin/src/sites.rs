//! The sites of a partner, their signing secrets shown once (V3, V5, V9).

use crypto::Secret;
use futures_util::future::join;
use model::{
    AuditAction, Entity, EntityId, Level, Moment, Partner, PartnerId, Patch, Resource, Scope, SecretVersion,
    Site, SiteId, SiteName, Status, Target, Timestamp, TokenDuration,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::Page;

use crate::partner_keys::find_partner;
use crate::session::{check_version, map_write_error};
use crate::update::write_update;
use crate::{
    Collection, Error, Idempotency, Listing, Outcome, PartnerPath, Result, Rotation, SecretVersionView,
    Session, Versioned,
};

const READ: Scope = Scope(Resource::Partner, Level::Read);
const WRITE: Scope = Scope(Resource::Partner, Level::Write);
const DELETE: Scope = Scope(Resource::Partner, Level::WriteDelete);

/// Sites of a partner.
#[derive(Debug)]
pub struct Sites;

/// The fields of a new site.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "each field is the one of `model::Site`")]
pub struct SiteCreation {
    pub name: SiteName,
    #[serde(default)]
    pub token_duration: Patch<TokenDuration>,
    #[serde(default)]
    pub allow_get: bool,
}

/// The fields of a site that can be changed. The name cannot be changed, because requests and tokens contain it.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
#[expect(missing_docs, reason = "each field is the one of `model::Site`")]
pub struct SiteUpdate {
    #[serde(skip_serializing_if = "Patch::is_keep")]
    pub token_duration: Patch<TokenDuration>,
    #[serde(skip_serializing_if = "Patch::is_keep")]
    pub allow_get: Patch<bool>,
    #[serde(skip_serializing_if = "Patch::is_keep")]
    pub status: Patch<Status>,
}

/// A site without its secrets. The first of `secrets` is the one that signs.
#[derive(Debug, Clone, Serialize)]
#[expect(missing_docs, reason = "each field is the one of `model::Site`")]
pub struct SiteView {
    pub id: SiteId,
    pub partner_id: PartnerId,
    pub entity_id: EntityId,
    pub name: SiteName,
    pub token_duration: TokenDuration,
    pub allow_get: bool,
    pub status: Status,
    pub secrets: Vec<SecretVersionView>,
    pub created_at: Moment,
    pub updated_at: Moment,
}

/// A site with its new secret, shown once (V9).
#[derive(Serialize)]
pub struct NewSite {
    /// The site.
    #[serde(flatten)]
    pub site: SiteView,
    /// The secret its tokens are signed with from now on.
    pub secret: String,
}

impl std::fmt::Debug for NewSite {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewSite").field("site", &self.site).finish_non_exhaustive()
    }
}

impl Collection for Sites {
    const NAME: &'static str = "sites";
    const ROTATES: bool = true;

    type Parent = PartnerPath;
    type Id = SiteId;
    type Creation = SiteCreation;
    type Update = SiteUpdate;
    type View = SiteView;
    type Details = SiteView;
    type Created = NewSite;

    async fn list(session: &Session<'_>, path: PartnerPath, listing: &Listing) -> Result<Page<SiteView>> {
        let (_, partner) = find_partner(session, path, READ).await?;
        let page = session.registry.sites(partner.id, listing.cursor.as_ref(), listing.limit).await?;
        Ok(page.map(|site| view(&site)))
    }

    async fn create(
        session: &Session<'_>,
        path: PartnerPath,
        input: SiteCreation,
        idempotency: Option<&Idempotency>,
    ) -> Result<Outcome<NewSite>> {
        let (owner, partner) = find_partner(session, path, WRITE).await?;
        if let Some(replayed) = session.replayed_answer(idempotency).await? {
            return Ok(replayed);
        }
        let (version, secret) = session.registry.new_site_secret(partner.id, &input.name, session.now)?;
        let new = input.build(version, &partner, &owner, session.now);
        let mut change = session.change(AuditAction::Create, Target::Site(new.id), &owner, json!(view(&new)));
        let answer =
            session.first_answer(NewSite::new(&new, &secret), new.version, idempotency, &mut change)?;
        answer.finish(session.registry.create_site(&new, &partner, &change).await).await
    }

    async fn show(session: &Session<'_>, path: PartnerPath, id: SiteId) -> Result<Versioned<SiteView>> {
        let (_, site) = find(session, path, id, READ).await?;
        Ok(Versioned { item: view(&site), version: site.version })
    }

    async fn update(
        session: &Session<'_>,
        path: PartnerPath,
        id: SiteId,
        input: SiteUpdate,
        expected_version: Option<u64>,
    ) -> Result<Versioned<SiteView>> {
        let (owner, old) = find(session, path, id, WRITE).await?;
        check_version(old.version, expected_version)?;
        let changes = json!(input);
        let new = input.apply(&old, session.now);
        let change = session.change(AuditAction::Update, Target::Site(id), &owner, changes);
        let write = session.registry.replace_site(&old, &new, &change);
        let stored = write_update((&old, &new), write, expected_version).await?;
        Ok(Versioned { item: view(stored), version: stored.version })
    }

    async fn delete(
        session: &Session<'_>,
        path: PartnerPath,
        id: SiteId,
        expected_version: Option<u64>,
    ) -> Result<()> {
        let (owner, old) = find(session, path, id, DELETE).await?;
        check_version(old.version, expected_version)?;
        let change = session.change(AuditAction::Delete, Target::Site(id), &owner, json!({}));
        map_write_error(session.registry.delete_site(&old, &change).await, expected_version)
    }

    /// The new secret signs from now on. Tokens signed with an older one verify until the end in `input` (V9).
    async fn rotate(
        session: &Session<'_>,
        path: PartnerPath,
        id: SiteId,
        input: Rotation,
        expected_version: Option<u64>,
        idempotency: Option<&Idempotency>,
    ) -> Result<Outcome<NewSite>> {
        let (owner, old) = find(session, path, id, WRITE).await?;
        if let Some(replayed) = session.replayed_answer(idempotency).await? {
            return Ok(replayed);
        }
        check_version(old.version, expected_version)?;
        let (version, secret) = session.registry.new_site_secret(old.partner_id, &old.name, session.now)?;
        let secrets = old.secrets.rotated(version, input.end(), session.now)?;
        let new = Site { secrets, version: old.version + 1, updated_at: session.now, ..old.clone() };
        let mut change = session.change(AuditAction::Rotate, Target::Site(id), &owner, input.changes());
        let answer =
            session.first_answer(NewSite::new(&new, &secret), new.version, idempotency, &mut change)?;
        answer.finish(session.registry.replace_site(&old, &new, &change).await).await
    }
}

async fn find(session: &Session<'_>, path: PartnerPath, id: SiteId, scope: Scope) -> Result<(Entity, Site)> {
    let partner = find_partner(session, path, scope);
    let (found, site) = join(partner, session.registry.site(path.partner_id, id)).await;
    let (owner, _) = found?;
    Ok((owner, site?.ok_or(Error::not_found())?))
}

impl SiteCreation {
    fn build(self, secret: SecretVersion, partner: &Partner, owner: &Entity, now: Timestamp) -> Site {
        let Self { name, token_duration, allow_get } = self;
        let duration = token_duration.or(&TokenDuration::HOUR);
        let new = Site::new((SiteId::new(now), secret), partner, owner, name, duration, now);
        Site { allow_get, ..new }
    }
}

impl SiteUpdate {
    fn apply(self, old: &Site, now: Timestamp) -> Site {
        let Self { token_duration, allow_get, status } = self;
        let duration = token_duration.or(&old.token_duration);
        Site {
            allow_get: allow_get.or(&old.allow_get),
            status: status.or(&old.status),
            version: old.version + 1,
            updated_at: now,
            ..old.clone().with_duration(duration, now)
        }
    }
}

impl NewSite {
    fn new(site: &Site, secret: &Secret) -> Self {
        Self { site: view(site), secret: secret.reveal().to_owned() }
    }
}

fn view(site: &Site) -> SiteView {
    SiteView {
        id: site.id,
        partner_id: site.partner_id,
        entity_id: site.entity_id,
        name: site.name.clone(),
        token_duration: site.token_duration,
        allow_get: site.allow_get,
        status: site.status,
        secrets: site.secrets.iter().map(SecretVersionView::from).collect(),
        created_at: site.created_at.into(),
        updated_at: site.updated_at.into(),
    }
}
