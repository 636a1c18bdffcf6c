//! Token sets: the AES keys of a project's security and user tokens, and how they are used (X1, X5, X9).

use crypto::{Iv, KeyBits, Mode, Padding, TokenKey};
use model::{
    AppKey, AppKeys, AuditAction, InvalidScheme, Level, Moment, Name, Patch, Project, ProjectId, Resource,
    Scheme, Scope, Target, Timestamp, TokenSecrets, TokenSet, TokenSetId, TokenSettings,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{ListError, MalformedCursor, Page};

use crate::projects::find_project;
use crate::session::{check_version, map_write_error};
use crate::update::write_update;
use crate::{Collection, Error, Idempotency, Listing, Outcome, ProjectPath, Result, Session, Versioned};

const READ: Scope = Scope(Resource::Project, Level::Read);
const WRITE: Scope = Scope(Resource::Project, Level::Write);
const DELETE: Scope = Scope(Resource::Project, Level::WriteDelete);

/// Token sets of a project.
#[derive(Debug)]
pub struct TokenSets;

/// The fields of a new token set. The default is GCM with 256 bits and a new key (X9).
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "each other field is one of `model::TokenSet`, its scheme or its secrets")]
pub struct TokenSetCreation {
    pub name: Name,
    #[serde(default = "active")]
    pub active: bool,
    #[serde(default)]
    pub mode: Mode,
    #[serde(default)]
    pub key_bits: KeyBits,
    #[serde(default)]
    pub padding: Padding,
    #[serde(default)]
    pub iv: Patch<Iv>,
    /// An existing key, in Base64 or hex.
    #[serde(default)]
    pub key: Patch<String>,
    #[serde(default)]
    pub app_keys: AppKeys,
}

impl std::fmt::Debug for TokenSetCreation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TokenSetCreation").field("name", &self.name).finish_non_exhaustive()
    }
}

/// The fields of a token set that can be changed. To change the key or the scheme, create another token set, and delete
/// this one when it is not used any more.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[expect(missing_docs, reason = "each field is one of `model::TokenSet` or its secrets")]
pub struct TokenSetUpdate {
    pub name: Patch<Name>,
    pub active: Patch<bool>,
    pub app_keys: Patch<AppKeys>,
}

/// A token set without its secrets.
#[derive(Debug, Clone, Serialize)]
#[expect(missing_docs, reason = "each other field is one of `model::TokenSet` or its scheme")]
pub struct TokenSetView {
    pub id: TokenSetId,
    /// The project it belongs to.
    pub project_id: ProjectId,
    pub name: Name,
    pub active: bool,
    /// `AES`.
    pub cipher: &'static str,
    pub mode: Mode,
    pub key_bits: KeyBits,
    pub padding: Padding,
    pub iv: Option<Iv>,
    /// Whether a changed token is detected. Modes without authentication exist for compatibility only (X9).
    pub authenticated: bool,
    /// Whether the IV is eight characters taken as UTF-16LE (X5).
    pub legacy_iv: bool,
    pub created_at: Moment,
    pub updated_at: Moment,
}

/// A new token set with its key, shown once.
#[derive(Serialize)]
pub struct NewTokenSet {
    /// The token set.
    #[serde(flatten)]
    pub set: TokenSetView,
    /// Its key.
    pub key: String,
}

impl std::fmt::Debug for NewTokenSet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewTokenSet").field("set", &self.set).finish_non_exhaustive()
    }
}

impl Collection for TokenSets {
    const NAME: &'static str = "token-sets";

    type Parent = ProjectPath;
    type Id = TokenSetId;
    type Creation = TokenSetCreation;
    type Update = TokenSetUpdate;
    type View = TokenSetView;
    type Details = TokenSetView;
    type Created = NewTokenSet;

    /// Returns all token sets on one page, because a project has at most five.
    async fn list(session: &Session<'_>, path: ProjectPath, listing: &Listing) -> Result<Page<TokenSetView>> {
        let (_, project) = find_project(session, path, READ).await?;
        if listing.cursor.is_some() {
            return Err(ListError::Cursor(MalformedCursor).into());
        }
        let items = project.tokens.token_sets.iter().map(|set| view(set, project.id)).collect();
        Ok(Page { items, next: None })
    }

    async fn create(
        session: &Session<'_>,
        path: ProjectPath,
        input: TokenSetCreation,
        idempotency: Option<&Idempotency>,
    ) -> Result<Outcome<NewTokenSet>> {
        let (owner, old) = find_project(session, path, WRITE).await?;
        if let Some(replayed) = session.replayed_answer(idempotency).await? {
            return Ok(replayed);
        }
        let scheme = input.scheme()?;
        let secrets = input.secrets()?;
        let active_set =
            session.registry.new_token_set(old.id, (input.name, scheme), &secrets, session.now)?;
        let set = TokenSet { active: input.active, ..active_set };
        let sets = old.tokens.token_sets.iter().cloned().chain([set.clone()]).collect();
        let new = with_token_sets(&old, sets, session.now)?;
        check_name(&set, &old)?;
        let view = view(&set, old.id);
        let mut change = session.change(AuditAction::Create, Target::TokenSet(set.id), &owner, json!(view));
        let created = NewTokenSet { set: view, key: secrets.key.reveal_text().to_string() };
        let answer = session.first_answer(created, set.version, idempotency, &mut change)?;
        answer.finish(session.registry.replace_project(&old, &new, &change).await).await
    }

    async fn show(
        session: &Session<'_>,
        path: ProjectPath,
        id: TokenSetId,
    ) -> Result<Versioned<TokenSetView>> {
        let (_, project) = find_project(session, path, READ).await?;
        let set = find(&project, id)?;
        Ok(Versioned { item: view(set, project.id), version: set.version })
    }

    async fn update(
        session: &Session<'_>,
        path: ProjectPath,
        id: TokenSetId,
        input: TokenSetUpdate,
        expected_version: Option<u64>,
    ) -> Result<Versioned<TokenSetView>> {
        let (owner, old) = find_project(session, path, WRITE).await?;
        let old_set = find(&old, id)?;
        check_version(old_set.version, expected_version)?;
        let set = apply(input, old_set, old.id, session)?;
        let sets = old.tokens.token_sets.iter().map(|it| if it.id == id { &set } else { it }).cloned();
        let new = with_token_sets(&old, sets.collect(), session.now)?;
        if set.name != old_set.name {
            check_name(&set, &old)?;
        }
        let changes = json!(view(&set, old.id));
        let change = session.change(AuditAction::Update, Target::TokenSet(id), &owner, changes);
        let write = session.registry.replace_project(&old, &new, &change);
        let stored = write_update((old_set, &set), write, expected_version).await?;
        Ok(Versioned { item: view(stored, old.id), version: stored.version })
    }

    async fn delete(
        session: &Session<'_>,
        path: ProjectPath,
        id: TokenSetId,
        expected_version: Option<u64>,
    ) -> Result<()> {
        let (owner, old) = find_project(session, path, DELETE).await?;
        check_version(find(&old, id)?.version, expected_version)?;
        let sets = old.tokens.token_sets.iter().filter(|set| set.id != id).cloned().collect();
        let new = with_token_sets(&old, sets, session.now)?;
        let change = session.change(AuditAction::Delete, Target::TokenSet(id), &owner, json!({}));
        map_write_error(session.registry.replace_project(&old, &new, &change).await, expected_version)
    }
}

fn find(project: &Project, id: TokenSetId) -> Result<&TokenSet> {
    project.tokens.token_sets.iter().find(|set| set.id == id).ok_or(Error::not_found())
}

impl TokenSetCreation {
    /// The scheme, if there is a cipher for it (X5).
    fn scheme(&self) -> Result<Scheme> {
        let Self { mode, key_bits, padding, .. } = *self;
        let scheme = Scheme { mode, key_bits, padding, iv: self.iv.clone().value() };
        match scheme.check() {
            Ok(()) => Ok(scheme),
            Err(error @ InvalidScheme::NoIv) => Err(Error::invalid("iv", error.to_string())),
            Err(error @ InvalidScheme::JweBits) => Err(Error::invalid("key_bits", error.to_string())),
        }
    }

    fn secrets(&self) -> Result<TokenSecrets> {
        let key = match &self.key {
            Patch::Keep => TokenKey::generate(self.key_bits)?,
            Patch::Set(text) => TokenKey::parse(text, self.key_bits).map_err(|_| {
                let rule = "must be Base64 or hex of exactly key_bits bits, or left out for a new key";
                Error::invalid("key", rule)
            })?,
        };
        Ok(TokenSecrets { key, app_keys: self.app_keys.clone() })
    }
}

fn apply(
    input: TokenSetUpdate,
    old: &TokenSet,
    project: ProjectId,
    session: &Session<'_>,
) -> Result<TokenSet> {
    let TokenSetUpdate { name, active, app_keys } = input;
    let new = TokenSet {
        name: name.or(&old.name),
        active: active.or(&old.active),
        version: old.version + 1,
        updated_at: session.now,
        ..old.clone()
    };
    let Patch::Set(app_keys) = app_keys else { return Ok(new) };
    let old_secrets = session.registry.open_token_secrets(project, old)?;
    if texts(&app_keys).eq(texts(&old_secrets.app_keys)) {
        return Ok(new); // Sealed again, they would look changed.
    }
    let secrets = TokenSecrets { app_keys, ..old_secrets };
    Ok(session.registry.with_new_secrets(project, &new, &secrets)?)
}

fn texts(app_keys: &AppKeys) -> impl Iterator<Item = &str> {
    app_keys.iter().map(AppKey::reveal)
}

/// Refuses a name that is equal to the name of another token set of the project, or looks the same.
fn check_name(set: &TokenSet, project: &Project) -> Result<()> {
    let mut others = project.tokens.token_sets.iter().filter(|other| other.id != set.id);
    if others.any(|other| other.name.resembles(&set.name)) { Err(Error::NameTaken) } else { Ok(()) }
}

fn with_token_sets(old: &Project, sets: Vec<TokenSet>, now: Timestamp) -> Result<Project> {
    let is_full = sets.len() > model::TokenSets::MAX_LENGTH;
    let token_sets = model::TokenSets::try_from(sets).map_err(|_| match is_full {
        true => Error::LimitExceeded { reason: "a project has at most 5 token sets" },
        false => Error::NameTaken,
    })?;
    let tokens = TokenSettings { token_sets, ..old.tokens.clone() };
    Ok(Project { tokens, version: old.version + 1, updated_at: now, ..old.clone() })
}

fn view(set: &TokenSet, project_id: ProjectId) -> TokenSetView {
    let Scheme { mode, key_bits, padding, iv } = set.scheme.clone();
    TokenSetView {
        id: set.id,
        project_id,
        name: set.name.clone(),
        active: set.active,
        cipher: "AES",
        mode,
        key_bits,
        padding,
        authenticated: mode.is_authenticated(),
        legacy_iv: iv.as_ref().is_some_and(Iv::is_legacy),
        iv,
        created_at: set.created_at.into(),
        updated_at: set.updated_at.into(),
    }
}

const fn active() -> bool {
    true
}
