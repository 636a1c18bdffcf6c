//! `POST /token/sign`: signs a security token for a user of a project, or for an event. Called by the project's server
//! (S3).

use api::http::Method;
use api::{BootError, Endpoint, Problem, ProjectCall, Reply, Request, SignedBackend, Start};
use model::{EntityPath, SignedClaims, SignedTokenSeconds, TokenPurpose, TokenUser};
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use store::Table;

/// What this endpoint needs.
#[derive(Debug)]
pub struct App {
    backend: SignedBackend,
    table: Table,
}

/// Unknown fields are ignored, as everywhere in this window: clients send more than is documented. `exp` is refused: a
/// caller that sends it expects a token that expires then.
#[derive(Deserialize)]
struct Input {
    user: TokenUser,
    expires_in: Option<SignedTokenSeconds>,
    purpose: Option<TokenPurpose>,
    exp: Option<IgnoredAny>,
}

#[derive(Serialize)]
struct Output {
    secret: String,
}

impl Endpoint for App {
    const NAME: &'static str = "signed-token";
    const CHALLENGE: &'static str = "Bearer realm=\"tokenbooth\"";

    async fn boot(start: &Start) -> Result<Self, BootError> {
        Ok(Self { backend: SignedBackend::boot(start).await?, table: start.table.clone() })
    }

    async fn handle(&self, request: &Request) -> Reply {
        api::require_method(request, &Method::POST)?;
        let session = self.backend.session::<Self>(request, ProjectCall::ByServer).await?;
        let input: Input = session.json()?;
        if input.exp.is_some() {
            return Err(Problem::invalid(
                "exp",
                "is not a field of this request: use expires_in, in seconds",
            ));
        }
        let quotas = session.take_for_user(input.user.as_str(), None).await?;
        let (project, now) = (session.project(), session.now);
        self.table.count_metered_request(project.id, now).await?;

        let valid_for = input.expires_in.or(project.signed_token_seconds);
        let path = EntityPath::new(project.entity_id, &project.ancestors);
        let claims = SignedClaims::new((input.user.into(), path), valid_for, input.purpose, now);
        let kid = Some(project.client_id.as_str());
        let secret = crypto::sign_hs256(session.secrets().newest()?, kid, &claims)?;
        tracing::info!(target: api::LOG_TARGET, project_id = %project.id, jti = claims.jti, "issued");
        quotas.with_headers(api::json_reply(&Output { secret }))
    }
}
