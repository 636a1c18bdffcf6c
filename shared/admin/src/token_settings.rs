//! The token settings of a project: its rules for security and user tokens (X1, X7). The settings file has these rules
//! and the keys, for servers that build tokens themselves (X10).

use model::{
    AuditAction, Entity, FieldText, Level, Moment, Object, Patch, Project, ProjectFile, ProjectId, Resource,
    Scope, Seconds, SecurityContext, SecurityTokenRule, Target, TokenSetFile, TokenSettings, TokenWindow,
};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::projects::find_project;
use crate::session::check_version;
use crate::update::write_update;
use crate::{ProjectPath, Result, Session, Versioned};

const READ: Scope = Scope(Resource::Project, Level::Read);
const WRITE: Scope = Scope(Resource::Project, Level::Write);

/// The settings that can be changed. A field that is left out stays as it is, at both levels (X1).
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[expect(missing_docs, reason = "each field is the one of `model::TokenSettings`")]
pub struct TokenSettingsUpdate {
    pub security_context: Patch<Object<SecurityContextUpdate>>,
    pub security_token: Patch<Object<SecurityTokenRuleUpdate>>,
    pub gen_dt: Patch<Object<TokenWindowUpdate>>,
}

/// The fields of a security context that can be changed.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[expect(missing_docs, reason = "each field is the one of `model::SecurityContext`")]
pub struct SecurityContextUpdate {
    pub value: Patch<Option<FieldText>>,
    pub required: Patch<bool>,
}

/// The fields of the rule on security tokens that can be changed.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[expect(missing_docs, reason = "each field is the one of `model::SecurityTokenRule`")]
pub struct SecurityTokenRuleUpdate {
    pub required: Patch<bool>,
}

/// The fields of a token window that can be changed.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[expect(missing_docs, reason = "each field is the one of `model::TokenWindow`")]
pub struct TokenWindowUpdate {
    pub past_seconds: Patch<Seconds>,
    pub future_seconds: Patch<Seconds>,
}

/// The token settings of a project.
#[derive(Debug, Clone, Serialize)]
#[expect(missing_docs, reason = "each field is one of `model::Project` or of `model::TokenSettings`")]
pub struct TokenSettingsView {
    pub project_id: ProjectId,
    pub security_context: SecurityContext,
    pub security_token: SecurityTokenRule,
    pub gen_dt: TokenWindow,
    pub updated_at: Moment,
}

/// A settings file that the caller may download.
#[derive(Debug)]
pub struct SettingsDownload {
    file: ProjectFile,
    owner: Entity,
}

/// The token settings.
///
/// # Errors
/// [`Error`](crate::Error).
pub async fn show_settings(session: &Session<'_>, path: ProjectPath) -> Result<Versioned<TokenSettingsView>> {
    let (_, project) = find_project(session, path, READ).await?;
    Ok(Versioned { item: view(&project), version: project.version })
}

/// Changes the token settings. Refused if the project is not at `expected_version`.
///
/// # Errors
/// [`Error`](crate::Error).
pub async fn update_settings(
    session: &Session<'_>,
    path: ProjectPath,
    input: TokenSettingsUpdate,
    expected_version: Option<u64>,
) -> Result<Versioned<TokenSettingsView>> {
    let (owner, old) = find_project(session, path, WRITE).await?;
    check_version(old.version, expected_version)?;
    let tokens = input.apply(&old.tokens);
    let new = Project { tokens, version: old.version + 1, updated_at: session.now, ..old.clone() };
    let changes = json!(view(&new));
    let change = session.change(AuditAction::Update, Target::TokenSettings(new.id), &owner, changes);
    let write = session.registry.replace_project(&old, &new, &change);
    let stored = write_update((&old, &new), write, expected_version).await?;
    Ok(Versioned { item: view(stored), version: stored.version })
}

/// Prepares a download of the token settings with all keys. The caller needs the scope to change them.
///
/// # Errors
/// [`Error`](crate::Error).
pub async fn open_settings_file(session: &Session<'_>, path: ProjectPath) -> Result<SettingsDownload> {
    let (owner, project) = find_project(session, path, WRITE).await?;
    Ok(SettingsDownload { file: settings_file(session, &project)?, owner })
}

impl SettingsDownload {
    /// Records the download in the audit log, and then returns the file. The record is permanent, so limit how many
    /// downloads are recorded.
    ///
    /// # Errors
    /// [`Error`](crate::Error).
    pub async fn record(self, session: &Session<'_>) -> Result<ProjectFile> {
        let target = Target::TokenSettings(self.file.project_id);
        let change = session.change(AuditAction::Download, target, &self.owner, json!({}));
        session.registry.write_audit_record(&change).await?;
        Ok(self.file)
    }
}

fn settings_file(session: &Session<'_>, project: &Project) -> Result<ProjectFile> {
    let TokenSettings { security_context, security_token, gen_dt, token_sets } = project.tokens.clone();
    let open = |set| Ok(TokenSetFile::new(set, &session.registry.open_token_secrets(project.id, set)?));
    let opened = token_sets.iter().map(open).collect::<Result<_>>()?;
    Ok(ProjectFile { project_id: project.id, security_context, security_token, gen_dt, token_sets: opened })
}

impl TokenSettingsUpdate {
    fn apply(self, old: &TokenSettings) -> TokenSettings {
        let Self { security_context, security_token, gen_dt } = self;
        let mut new = old.clone();
        if let Patch::Set(Object(SecurityContextUpdate { value, required })) = security_context {
            let old = &old.security_context;
            new.security_context =
                SecurityContext { value: value.or(&old.value), required: required.or(&old.required) };
        }
        if let Patch::Set(Object(SecurityTokenRuleUpdate { required })) = security_token {
            new.security_token = SecurityTokenRule { required: required.or(&old.security_token.required) };
        }
        if let Patch::Set(Object(TokenWindowUpdate { past_seconds, future_seconds })) = gen_dt {
            new.gen_dt = TokenWindow {
                past_seconds: past_seconds.or(&old.gen_dt.past_seconds),
                future_seconds: future_seconds.or(&old.gen_dt.future_seconds),
            };
        }
        new
    }
}

fn view(project: &Project) -> TokenSettingsView {
    TokenSettingsView {
        project_id: project.id,
        security_context: project.tokens.security_context.clone(),
        security_token: project.tokens.security_token,
        gen_dt: project.tokens.gen_dt,
        updated_at: project.updated_at.into(),
    }
}
