//! The records of the directory: items parsed, with their secrets opened.

use std::sync::Arc;

use crypto::{DataKeys, Secret};
use model::{Api, ApiKey, Entity, Integration, OpenTokenSet, Partner, PartnerKey, Project, Provider, Site};

use crate::deployment::issuer::Issuer;
use crate::deployment::signing_keys::SigningKeys;
use crate::dynamodb::key;
use crate::dynamodb::table::{Item, from_item};
use crate::error::StoreError;
use crate::open_secrets::{OpenSecrets, open_secret};
use crate::registry::apis::ApiOwner;
use crate::registry::projects::ProjectOwner;
use crate::registry::sites::SiteOwner;

/// An API key with its secret.
#[derive(Debug)]
pub struct Credential {
    /// The API key.
    pub key: Arc<ApiKey>,
    /// Its client secret.
    pub secret: Secret,
}

/// A site with its secrets.
#[derive(Debug)]
pub struct OpenSite {
    /// The site.
    pub site: Site,
    /// The secrets that sign its tokens.
    pub secrets: OpenSecrets,
}

/// A project with its secrets.
#[derive(Debug)]
pub struct OpenProject {
    /// The project.
    pub project: Project,
    /// Its API secrets.
    pub secrets: OpenSecrets,
    /// Its active token sets.
    pub token_sets: Vec<OpenTokenSet>,
}

/// The result of a lookup, one variant per kind of item.
#[derive(Debug, Clone)]
pub(crate) enum Record {
    Issuer(Arc<Issuer>),
    SigningKeys(Arc<SigningKeys>),
    ApiKey(Arc<Credential>),
    Entity(Arc<Entity>),
    Integration(Arc<Integration>),
    Provider(Arc<Provider>),
    PartnerKey(Arc<PartnerKey>),
    Partner(Arc<Partner>),
    Site(Arc<OpenSite>),
    SiteOwner(Arc<SiteOwner>),
    Project(Arc<OpenProject>),
    ProjectOwner(Arc<ProjectOwner>),
    Api(Arc<Api>),
    ApiOwner(Arc<ApiOwner>),
    Revocation,
    /// There was no such item.
    Absent,
}

impl Credential {
    pub(crate) fn open(item: Item, data_keys: &DataKeys) -> Result<Self, StoreError> {
        let key: ApiKey = from_item(item, "read API key")?;
        let secret = open_secret(data_keys, &key.secret, &key::api_key(&key.client_id))?;
        Ok(Self { key: Arc::new(key), secret })
    }
}

impl OpenSite {
    pub(crate) fn open(item: Item, data_keys: &DataKeys) -> Result<Self, StoreError> {
        let site: Site = from_item(item, "read site")?;
        let key = key::site(site.partner_id, &site.name);
        let secrets = OpenSecrets::open(data_keys, &site.secrets, &key)?;
        Ok(Self { site, secrets })
    }
}

impl OpenProject {
    pub(crate) fn open(item: Item, data_keys: &DataKeys) -> Result<Self, StoreError> {
        let project: Project = from_item(item, "read project")?;
        let key = key::project(project.id);
        let secrets = OpenSecrets::open(data_keys, &project.secrets, &key)?;
        let active = project.tokens.token_sets.iter().filter(|set| set.active);
        let opened = active.map(|set| set.open(data_keys, &key.place())).collect::<Result<_, _>>();
        Ok(Self { token_sets: opened.map_err(StoreError::damaged("open token sets"))?, secrets, project })
    }
}
