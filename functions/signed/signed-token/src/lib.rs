//! `POST /token/sign`: a project's server has a security token signed for one of its users, or for an event (S3).

use api::http::Method;
use api::{BootError, By, Endpoint, Projects, Reply, Request, Start};
use model::{SignedClaims, TokenUser};
use serde::{Deserialize, Serialize};
use store::Table;

/// What this endpoint needs.
#[derive(Debug)]
pub struct App {
    projects: Projects,
    table: Table,
}

/// What else is sent is not looked at, as everywhere in this window: clients send more than is documented.
#[derive(Deserialize)]
struct Input {
    user: TokenUser,
}

#[derive(Serialize)]
struct Output {
    secret: String,
}

impl Endpoint for App {
    const NAME: &'static str = "signed-token";
    const CHALLENGE: &'static str = "Bearer realm=\"tokenbooth\"";

    async fn boot(start: &Start) -> Result<Self, BootError> {
        Ok(Self { projects: Projects::boot(start).await?, table: start.table.clone() })
    }

    async fn handle(&self, request: &Request) -> Reply {
        api::only(request, &Method::POST)?;
        let session = self.projects.session::<Self>(request, By::Server).await?;
        let input: Input = session.json()?;
        let quotas = session.take(Some(("user", input.user.as_str()))).await?;
        let (project, now) = (session.project(), session.now);
        self.table.count_metered_request(project.id, now).await?;

        let claims = SignedClaims::new(input.user.into(), now);
        let kid = Some(project.client_id.as_str());
        let secret = crypto::sign_hs256(session.secrets().newest()?, kid, &claims)?;
        tracing::info!(project_id = %project.id, jti = claims.jti, "issued");
        quotas.told(api::json_reply(&Output { secret }))
    }
}
