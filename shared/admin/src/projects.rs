//! Projects, their settings, and their API secrets, shown once (S1, S2).

use std::collections::BTreeMap;

use crypto::Secret;
use model::{
    AllowedOrigins, AuditAction, ClientId, DeviceLimit, Entity, EntityId, HistoryDays, Level, Moment, Name,
    Patch, Project, ProjectId, RateLimit, Resource, Scope, SecretVersion, SignedTokenSeconds, Status, Target,
    Timestamp, UnsignedDeviceDays,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::Page;

use crate::session::{check_version, map_write_error};
use crate::update::write_update;
use crate::{
    Collection, Error, Idempotency, Listing, Outcome, ProjectPath, Result, Rotation, SecretVersionView,
    Session, Versioned,
};

const READ: Scope = Scope(Resource::Project, Level::Read);
const WRITE: Scope = Scope(Resource::Project, Level::Write);
const DELETE: Scope = Scope(Resource::Project, Level::WriteDelete);

/// Projects of an entity.
#[derive(Debug)]
pub struct Projects;

/// The fields of a new project.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "each field is the one of `model::Project`")]
pub struct ProjectCreation {
    pub name: Name,
    #[serde(default)]
    pub require_signed_tokens: bool,
    #[serde(default)]
    pub default_device_limit: Patch<DeviceLimit>,
    #[serde(default)]
    pub block_over_usage: bool,
    #[serde(default)]
    pub history_days: Patch<HistoryDays>,
    #[serde(default)]
    pub rate_limit: Patch<RateLimit>,
    #[serde(default)]
    pub user_rate_limit: Patch<RateLimit>,
    #[serde(default)]
    pub unsigned_rate_limit: Patch<RateLimit>,
    #[serde(default)]
    pub unsigned_device_management: bool,
    #[serde(default)]
    pub unsigned_device_days: Patch<UnsignedDeviceDays>,
    #[serde(default)]
    pub signed_token_seconds: Patch<Option<SignedTokenSeconds>>,
    #[serde(default)]
    pub allowed_origins: AllowedOrigins,
}

/// The fields of a project that can be changed.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
#[expect(missing_docs, reason = "each field is the one of `model::Project`")]
pub struct ProjectUpdate {
    #[serde(skip_serializing_if = "Patch::is_keep")]
    pub name: Patch<Name>,
    #[serde(skip_serializing_if = "Patch::is_keep")]
    pub status: Patch<Status>,
    #[serde(skip_serializing_if = "Patch::is_keep")]
    pub require_signed_tokens: Patch<bool>,
    #[serde(skip_serializing_if = "Patch::is_keep")]
    pub default_device_limit: Patch<DeviceLimit>,
    #[serde(skip_serializing_if = "Patch::is_keep")]
    pub block_over_usage: Patch<bool>,
    #[serde(skip_serializing_if = "Patch::is_keep")]
    pub history_days: Patch<HistoryDays>,
    #[serde(skip_serializing_if = "Patch::is_keep")]
    pub rate_limit: Patch<Option<RateLimit>>,
    #[serde(skip_serializing_if = "Patch::is_keep")]
    pub user_rate_limit: Patch<Option<RateLimit>>,
    #[serde(skip_serializing_if = "Patch::is_keep")]
    pub unsigned_rate_limit: Patch<Option<RateLimit>>,
    #[serde(skip_serializing_if = "Patch::is_keep")]
    pub unsigned_device_management: Patch<bool>,
    #[serde(skip_serializing_if = "Patch::is_keep")]
    pub unsigned_device_days: Patch<UnsignedDeviceDays>,
    #[serde(skip_serializing_if = "Patch::is_keep")]
    pub signed_token_seconds: Patch<Option<SignedTokenSeconds>>,
    #[serde(skip_serializing_if = "Patch::is_keep")]
    pub allowed_origins: Patch<AllowedOrigins>,
}

/// A project without its API secrets. `api_secrets` has the versions that still work.
#[derive(Debug, Clone, Serialize)]
#[expect(missing_docs, reason = "each other field is the one of `model::Project`")]
pub struct ProjectView {
    pub id: ProjectId,
    pub entity_id: EntityId,
    pub name: Name,
    pub status: Status,
    pub client_id: ClientId,
    pub api_secrets: Vec<SecretVersionView>,
    pub require_signed_tokens: bool,
    pub default_device_limit: DeviceLimit,
    pub block_over_usage: bool,
    pub history_days: HistoryDays,
    pub rate_limit: Option<RateLimit>,
    pub user_rate_limit: Option<RateLimit>,
    pub unsigned_rate_limit: Option<RateLimit>,
    pub unsigned_device_management: bool,
    pub unsigned_device_days: UnsignedDeviceDays,
    pub signed_token_seconds: Option<SignedTokenSeconds>,
    pub allowed_origins: AllowedOrigins,
    pub created_at: Moment,
    pub updated_at: Moment,
}

/// A project with the number of its signing requests this month (S3).
#[derive(Debug, Clone, Serialize)]
pub struct MeteredProject {
    /// The project.
    #[serde(flatten)]
    pub project: ProjectView,
    /// The number of requests by month.
    pub metered_requests: BTreeMap<String, u64>,
}

/// A project with its newest API secret, shown once (S2).
#[derive(Serialize)]
pub struct NewProject {
    /// The project.
    #[serde(flatten)]
    pub project: ProjectView,
    /// The API secret.
    pub api_secret: String,
}

impl std::fmt::Debug for NewProject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewProject").field("project", &self.project).finish_non_exhaustive()
    }
}

impl Collection for Projects {
    const NAME: &'static str = "projects";
    const ROTATES: bool = true;

    type Parent = EntityId;
    type Id = ProjectId;
    type Creation = ProjectCreation;
    type Update = ProjectUpdate;
    type View = ProjectView;
    type Details = MeteredProject;
    type Created = NewProject;

    async fn list(session: &Session<'_>, entity: EntityId, listing: &Listing) -> Result<Page<ProjectView>> {
        let owner = session.entity(entity, READ).await?;
        let page = session.registry.projects(owner.id, listing.cursor.as_ref(), listing.limit).await?;
        Ok(page.map(|project| view(&project, session.now)))
    }

    async fn create(
        session: &Session<'_>,
        entity: EntityId,
        input: ProjectCreation,
        idempotency: Option<&Idempotency>,
    ) -> Result<Outcome<NewProject>> {
        let owner = session.entity(entity, WRITE).await?;
        if let Some(replayed) = session.replayed_answer(idempotency).await? {
            return Ok(replayed);
        }
        let (registry, now) = (session.registry, session.now);
        let id = ProjectId::new(now);
        let (version, secret) = registry.new_api_secret(id, now)?;
        let credentials = (registry.new_client_id()?, version);
        let new = input.build(id, credentials, &owner, now);
        let changes = json!(view(&new, now));
        let mut change = session.change(AuditAction::Create, Target::Project(id), &owner, changes);
        let created = NewProject::new(&new, &secret, now);
        let answer = session.first_answer(created, new.version, idempotency, &mut change)?;
        answer.finish(registry.create_project(&new, &change).await).await
    }

    async fn show(
        session: &Session<'_>,
        entity_id: EntityId,
        project_id: ProjectId,
    ) -> Result<Versioned<MeteredProject>> {
        let (_, project) = find_project(session, ProjectPath { entity_id, project_id }, READ).await?;
        let metered = session.registry.metered_requests(project_id, session.now).await?;
        let metered_requests = BTreeMap::from([metered]);
        let item = MeteredProject { project: view(&project, session.now), metered_requests };
        Ok(Versioned { item, version: project.version })
    }

    async fn update(
        session: &Session<'_>,
        entity_id: EntityId,
        project_id: ProjectId,
        input: ProjectUpdate,
        expected_version: Option<u64>,
    ) -> Result<Versioned<ProjectView>> {
        let (owner, old) = find_project(session, ProjectPath { entity_id, project_id }, WRITE).await?;
        check_version(old.version, expected_version)?;
        let changes = json!(input);
        let new = input.apply(&old, session.now);
        let change = session.change(AuditAction::Update, Target::Project(project_id), &owner, changes);
        let write = session.registry.replace_project(&old, &new, &change);
        let stored = write_update((&old, &new), write, expected_version).await?;
        Ok(Versioned { item: view(stored, session.now), version: stored.version })
    }

    async fn delete(
        session: &Session<'_>,
        entity_id: EntityId,
        project_id: ProjectId,
        expected_version: Option<u64>,
    ) -> Result<()> {
        let (owner, old) = find_project(session, ProjectPath { entity_id, project_id }, DELETE).await?;
        check_version(old.version, expected_version)?;
        let change = session.change(AuditAction::Delete, Target::Project(project_id), &owner, json!({}));
        map_write_error(session.registry.delete_project(&old, &change).await, expected_version)
    }

    /// The new API secret signs from now on. The older ones stay valid until the end in `input` (S2).
    async fn rotate(
        session: &Session<'_>,
        entity_id: EntityId,
        project_id: ProjectId,
        input: Rotation,
        expected_version: Option<u64>,
        idempotency: Option<&Idempotency>,
    ) -> Result<Outcome<NewProject>> {
        let (owner, old) = find_project(session, ProjectPath { entity_id, project_id }, WRITE).await?;
        if let Some(replayed) = session.replayed_answer(idempotency).await? {
            return Ok(replayed);
        }
        check_version(old.version, expected_version)?;
        let (registry, now) = (session.registry, session.now);
        let (version, secret) = registry.new_api_secret(project_id, now)?;
        let secrets = old.secrets.rotated(version, input.end(), now)?;
        let new = Project { secrets, version: old.version + 1, updated_at: now, ..old.clone() };
        let target = Target::Project(project_id);
        let mut change = session.change(AuditAction::Rotate, target, &owner, input.changes());
        let created = NewProject::new(&new, &secret, now);
        let answer = session.first_answer(created, new.version, idempotency, &mut change)?;
        answer.finish(registry.rotate_api_secret(&old, &new, &change).await).await
    }
}

/// The project with its entity, if the caller has `scope` on the entity.
pub(crate) async fn find_project(
    session: &Session<'_>,
    path: ProjectPath,
    scope: Scope,
) -> Result<(Entity, Project)> {
    let project = session.registry.project(path.project_id);
    let (owner, project) = session.entity_with(path.entity_id, scope, project).await?;
    if project.entity_id == owner.id { Ok((owner, project)) } else { Err(Error::not_found()) }
}

impl ProjectCreation {
    fn build(
        self,
        id: ProjectId,
        credentials: (ClientId, SecretVersion),
        owner: &Entity,
        now: Timestamp,
    ) -> Project {
        let Self {
            name,
            require_signed_tokens,
            default_device_limit,
            block_over_usage,
            history_days,
            rate_limit,
            user_rate_limit,
            unsigned_rate_limit,
            unsigned_device_management,
            unsigned_device_days,
            signed_token_seconds,
            allowed_origins,
        } = self;
        let new = Project::new(id, credentials, owner, name, now);
        Project {
            require_signed_tokens,
            default_device_limit: default_device_limit.or(&new.default_device_limit),
            block_over_usage,
            history_days: history_days.or(&new.history_days),
            rate_limit: rate_limit.value(),
            user_rate_limit: user_rate_limit.value(),
            unsigned_rate_limit: unsigned_rate_limit.value(),
            unsigned_device_management,
            unsigned_device_days: unsigned_device_days.or(&new.unsigned_device_days),
            signed_token_seconds: signed_token_seconds.or(&new.signed_token_seconds),
            allowed_origins,
            ..new
        }
    }
}

impl ProjectUpdate {
    fn apply(self, old: &Project, now: Timestamp) -> Project {
        let Self {
            name,
            status,
            require_signed_tokens,
            default_device_limit,
            block_over_usage,
            history_days,
            rate_limit,
            user_rate_limit,
            unsigned_rate_limit,
            unsigned_device_management,
            unsigned_device_days,
            signed_token_seconds,
            allowed_origins,
        } = self;
        Project {
            name: name.or(&old.name),
            status: status.or(&old.status),
            require_signed_tokens: require_signed_tokens.or(&old.require_signed_tokens),
            default_device_limit: default_device_limit.or(&old.default_device_limit),
            block_over_usage: block_over_usage.or(&old.block_over_usage),
            history_days: history_days.or(&old.history_days),
            rate_limit: rate_limit.or(&old.rate_limit),
            user_rate_limit: user_rate_limit.or(&old.user_rate_limit),
            unsigned_rate_limit: unsigned_rate_limit.or(&old.unsigned_rate_limit),
            unsigned_device_management: unsigned_device_management.or(&old.unsigned_device_management),
            unsigned_device_days: unsigned_device_days.or(&old.unsigned_device_days),
            signed_token_seconds: signed_token_seconds.or(&old.signed_token_seconds),
            allowed_origins: allowed_origins.or(&old.allowed_origins),
            version: old.version + 1,
            updated_at: now,
            ..old.clone()
        }
    }
}

impl NewProject {
    fn new(project: &Project, secret: &Secret, now: Timestamp) -> Self {
        Self { project: view(project, now), api_secret: secret.reveal().to_owned() }
    }
}

fn view(project: &Project, now: Timestamp) -> ProjectView {
    let usable = project.secrets.iter().filter(|version| version.is_usable(now));
    ProjectView {
        id: project.id,
        entity_id: project.entity_id,
        name: project.name.clone(),
        status: project.status,
        client_id: project.client_id.clone(),
        api_secrets: usable.map(SecretVersionView::from).collect(),
        require_signed_tokens: project.require_signed_tokens,
        default_device_limit: project.default_device_limit,
        block_over_usage: project.block_over_usage,
        history_days: project.history_days,
        rate_limit: project.rate_limit,
        user_rate_limit: project.user_rate_limit,
        unsigned_rate_limit: project.unsigned_rate_limit,
        unsigned_device_management: project.unsigned_device_management,
        unsigned_device_days: project.unsigned_device_days,
        signed_token_seconds: project.signed_token_seconds,
        allowed_origins: project.allowed_origins.clone(),
        created_at: project.created_at.into(),
        updated_at: project.updated_at.into(),
    }
}
