//! The demo tenant's project.

use crypto::{Iv, KeyBits, Mode, Padding, TokenKey};
use data_encoding::{BASE64, HEXLOWER};
use model::{
    AllowedOrigins, AppKey, AppKeys, AuditAction, ClientId, Entity, FieldText, Origin, Project, ProjectId,
    RateLimit, Scheme, SecurityContext, Target, TokenSecrets, TokenSets, TokenSettings,
};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::deployment::{Deployment, PrepareError, parse_name};

/// The rate limit of the project and of each user. It is higher than the defaults.
const LIMIT: RateLimit = RateLimit::per_minute(60_000);

/// The demo project's security context.
const CONTEXT: &str = "DemoContext";

/// The origins of pages that a developer serves, for example those of `examples/signed-devices` (A9).
const PAGES: [&str; 2] = ["http://127.0.0.1:3000", "http://localhost:3000"];

/// A project with its API secret (S2).
#[derive(Clone, Serialize, Deserialize)]
pub struct DemoProject {
    /// Its id.
    pub id: ProjectId,
    /// Its public client id.
    pub client_id: ClientId,
    /// Its API secret.
    pub api_secret: String,
    /// The `Context` of its security tokens (X1).
    pub security_context: String,
    /// An `AppKey` that its token set accepts (X1).
    pub app_key: String,
    /// The token set.
    pub token_set: DemoTokenSet,
}

/// A token set as the documented clients use it: CBC, with an IV that both sides know (X1, X4).
#[derive(Clone, Serialize, Deserialize)]
pub struct DemoTokenSet {
    /// `CBC`.
    pub mode: Mode,
    /// 256.
    pub key_bits: KeyBits,
    /// `PKCS7`.
    pub padding: Padding,
    /// The AES key, in Base64.
    pub key: String,
    /// The IV, in Base64.
    pub iv: Iv,
}

impl std::fmt::Debug for DemoProject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DemoProject").field("id", &self.id).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for DemoTokenSet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DemoTokenSet").field("mode", &self.mode).finish_non_exhaustive()
    }
}

impl DemoProject {
    /// The API secret as a configuration file for curl, which keeps it off the command line.
    #[must_use]
    pub fn curl(&self) -> String {
        format!("header = \"Authorization: Bearer {}\"\n", self.api_secret)
    }

    /// Creates a project of `owner`.
    pub(crate) async fn create(deployment: &Deployment, owner: &Entity) -> Result<Self, PrepareError> {
        let (registry, now) = (&deployment.registry, deployment.now());
        let id = ProjectId::new(now);
        let (version, secret) = registry.new_api_secret(id, now)?;
        let credentials = (registry.new_client_id()?, version);
        let new = Project::new(id, credentials, owner, parse_name("Demo project")?, now);
        let tokens = TokenMaterial::new()?;
        let settings = tokens.settings(deployment, id)?;
        let project = Project {
            rate_limit: Some(LIMIT),
            user_rate_limit: Some(LIMIT),
            unsigned_rate_limit: Some(LIMIT),
            allowed_origins: allowed_origins()?,
            tokens: settings,
            ..new
        };
        let changes = json!({ "name": project.name, "client_id": project.client_id });
        let change = deployment.change(AuditAction::Create, Target::Project(id), owner, changes);
        registry.create_project(&project, &change).await?;
        Ok(Self {
            id,
            client_id: project.client_id,
            api_secret: secret.reveal().to_owned(),
            security_context: CONTEXT.to_owned(),
            app_key: tokens.app_key,
            token_set: tokens.set,
        })
    }
}

fn allowed_origins() -> Result<AllowedOrigins, PrepareError> {
    let origins = PAGES.into_iter().map(|page| Origin::try_from(page.to_owned()));
    let origins: Vec<_> = origins.collect::<Result<_, _>>().map_err(PrepareError::Name)?;
    AllowedOrigins::try_from(origins).map_err(PrepareError::Name)
}

/// The keys of the demo project's tokens.
struct TokenMaterial {
    app_key: String,
    key: TokenKey,
    set: DemoTokenSet,
}

impl TokenMaterial {
    fn new() -> Result<Self, PrepareError> {
        let key = TokenKey::generate(KeyBits::Aes256)?;
        let iv = BASE64.encode(&crypto::random::<16>()?);
        let app_key = format!("demo-{}", HEXLOWER.encode(&crypto::random::<16>()?));
        let set = DemoTokenSet {
            mode: Mode::Cbc,
            key_bits: KeyBits::Aes256,
            padding: Padding::Pkcs7,
            key: key.reveal_text().to_string(),
            iv: Iv::try_from(iv).map_err(PrepareError::Name)?,
        };
        Ok(Self { app_key, key, set })
    }

    /// The settings of the project `id`: this token set, and one of the kind that new projects have (X9).
    fn settings(&self, deployment: &Deployment, id: ProjectId) -> Result<TokenSettings, PrepareError> {
        let (registry, now) = (&deployment.registry, deployment.now());
        let app_key = AppKey::try_from(self.app_key.clone()).map_err(PrepareError::Name)?;
        let app_keys = AppKeys::try_from(vec![app_key]).map_err(PrepareError::Name)?;
        let DemoTokenSet { mode, key_bits, padding, iv, .. } = self.set.clone();
        let scheme = Scheme { mode, key_bits, padding, iv: Some(iv) };
        let secrets = TokenSecrets { key: self.key.clone(), app_keys: app_keys.clone() };
        let compatible = registry.new_token_set(id, (parse_name("compatible")?, scheme), &secrets, now)?;
        let key = TokenKey::generate(KeyBits::Aes256)?;
        let secrets = TokenSecrets { key, app_keys };
        let authenticated =
            registry.new_token_set(id, (parse_name("authenticated")?, Scheme::default()), &secrets, now)?;
        let context = FieldText::try_from(CONTEXT.to_owned()).map_err(PrepareError::Name)?;
        Ok(TokenSettings {
            security_context: SecurityContext { value: Some(context), required: false },
            token_sets: TokenSets::try_from(vec![compatible, authenticated]).map_err(PrepareError::Name)?,
            ..TokenSettings::default()
        })
    }
}
