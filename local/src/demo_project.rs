//! The demo tenant's project, and how the operator makes one.

use model::{ClientId, Entity, Project, ProjectId, RateLimit};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::deployment::{Deployment, PrepareError, named};

/// Room for a person who tries things, and for the tests.
const LIMIT: RateLimit = RateLimit::per_minute(60_000);

/// A project with its API secret (S2).
#[derive(Clone, Serialize, Deserialize)]
pub struct DemoProject {
    /// Its id.
    pub id: ProjectId,
    /// Its public client id.
    pub client_id: ClientId,
    /// Its API secret.
    pub api_secret: String,
}

impl std::fmt::Debug for DemoProject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DemoProject").field("id", &self.id).finish_non_exhaustive()
    }
}

impl DemoProject {
    /// A new project of `owner`.
    pub(crate) async fn create(deployment: &Deployment, owner: &Entity) -> Result<Self, PrepareError> {
        let (registry, now) = (&deployment.registry, deployment.now());
        let id = ProjectId::new(now);
        let (version, secret) = registry.new_api_secret(id, now)?;
        let own = (registry.new_client_id()?, version);
        let project = Project::new(id, own, owner, named("Demo project")?, now);
        let project = Project { rate_limit: Some(LIMIT), user_rate_limit: Some(LIMIT), ..project };
        let changes = json!({ "name": project.name, "client_id": project.client_id });
        let change = deployment.change("create", ("project", id.to_string()), owner, changes);
        registry.create_project(&project, &change).await?;
        Ok(Self { id, client_id: project.client_id, api_secret: secret.reveal().to_owned() })
    }
}
