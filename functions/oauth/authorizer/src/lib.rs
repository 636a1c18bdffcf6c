//! The Lambda authorizer of API Gateway: decides whether a token may call a route of an own API (A3). It has no route.

mod answer;
mod decision;
mod event;
mod identity;
mod line;

use api::{BootError, Clock, InvocationError, PresentedToken, Responder, Start, VerifiedToken};
use model::{ApiIdentifier, Timestamp};
use serde_json::Value;
use store::{Directory, Lookup, View};

pub use answer::Answer;

use decision::Refusal;
use event::Event;
use identity::Identity;
use line::LogLine;

/// What this function needs. It opens the secrets of sites and projects, and no signing key of the deployment.
#[derive(Debug)]
pub struct App {
    directory: Directory,
    clock: Clock,
}

impl Responder for App {
    const NAME: &'static str = "authorizer";

    type Answer = Answer;

    async fn boot(start: &Start) -> Result<Self, BootError> {
        Ok(Self { directory: start.sealed_directory().await?, clock: start.clock.clone() })
    }

    async fn respond(&self, event: Value, request_id: Option<&str>) -> Result<Answer, InvocationError> {
        let event = Event::parse(event);
        let mut line = LogLine::new(&event, request_id);
        let decision = self.decide(&event, &mut line).await;
        line.write(&decision);
        Answer::new(event.gateway, decision)
    }
}

impl App {
    /// Decides whether the token in the event may call the route in the event.
    async fn decide(&self, event: &Event, line: &mut LogLine) -> Result<Identity, Refusal> {
        if !event.is_supported {
            return Err(Refusal::UnsupportedEvent);
        }
        let audience = event.audience.as_deref().ok_or(Refusal::NoAudience)?;
        let identifier = ApiIdentifier::try_from(audience.to_owned()).map_err(|_| Refusal::UnknownApi)?;
        let bearer = event.bearer().ok_or(Refusal::NoToken)?;
        let presented = PresentedToken::parse(bearer).ok_or(Refusal::InvalidToken)?;
        line.claimed_client_id = presented.claimed_client().map(ToString::to_string);

        let now = self.clock.now();
        let mut view = self.directory.view(now);
        let token = read(&mut view, &presented, &identifier, now).await?;
        let api = decision::active_api(&view, &identifier)?;
        line.tenant = Some(api.customer().to_string());
        let token = token.ok_or(Refusal::InvalidToken)?;
        let scopes = decision::admit(api, &token)?;
        view.cache_not_revoked(presented.digest());
        line.prove(&token);
        decision::require_scopes(api, event.route.as_ref(), &scopes)?;
        Ok(Identity::new(&token, &scopes, bearer, &api.context_claims))
    }
}

/// Reads the records of the token and of the API, in at most two round trips, and verifies the token.
async fn read(
    view: &mut View<'_>,
    presented: &PresentedToken<'_>,
    identifier: &ApiIdentifier,
    now: Timestamp,
) -> Result<Option<VerifiedToken>, Refusal> {
    let of_api = |view: &View<'_>| {
        let owner = view.api_owner(identifier);
        let lookups = |owner: &store::ApiOwner| {
            let lineage = Lookup::lineage(owner.entity_id, &owner.ancestors).into_iter();
            lineage.chain([Lookup::Api(owner.api_id)]).collect()
        };
        owner.map(|owner| lookups(owner)).unwrap_or_default()
    };
    let first = [Lookup::api_of_identifier(identifier)];
    Ok(presented.read_and_verify(view, first, of_api, now).await?)
}
