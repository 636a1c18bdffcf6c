//! Proving which client calls an OAuth endpoint (RFC 6749, 2.3.1): an API key, or a project for tokens of its own.

use std::sync::Arc;

use crypto::{EncodedKey, Secret};
use lambda_http::Request;
use lambda_http::http::header;
use model::{Actor, Caller, ClientId, PermissionDenied, ProjectId, RateLimit, Scope, Status, Timestamp, Via};
use percent_encoding::percent_decode_str;
use store::{Lookup, OpenProject, View};

use crate::auth::credentials::{Credentials, Denied, single};
use crate::auth::token::{Claims, Known};
use crate::problem::{Code, Problem};
use crate::request::form::Form;

/// What a client presented, not yet verified.
#[derive(Debug)]
pub struct ClientCredentials {
    client_id: ClientId,
    secret: Secret,
}

/// A client that has proved itself.
#[derive(Debug)]
pub enum Client {
    /// An API key.
    Key(Box<Caller>),
    /// A project, with the entity it belongs to.
    Project(Arc<OpenProject>),
}

impl ClientCredentials {
    /// The client id and secret in `Authorization: Basic` (`client_secret_basic`) or in the form
    /// (`client_secret_post`). The form may repeat the header's client id, and nothing else of it.
    ///
    /// # Errors
    /// [`Code::InvalidRequest`] for both at once, [`Code::InvalidCredentials`] for neither.
    pub fn read(request: &Request, form: &Form, now: Timestamp) -> Result<Self, Problem> {
        let named = form.value("client_id");
        let (client_id, secret) = if request.headers().contains_key(header::AUTHORIZATION) {
            let (client_id, secret) =
                basic(request).ok_or_else(|| Denied::Malformed("authorization").into_problem(now))?;
            let other = named.is_some_and(|named| named != client_id);
            if other || form.value("client_secret").is_some() {
                let detail = "the client authenticates in the header and in the body, use one of them";
                return Err(Problem::new(Code::InvalidRequest, detail));
            }
            (client_id, secret)
        } else {
            let given = named.zip(form.value("client_secret"));
            let (client_id, secret) =
                given.ok_or_else(|| Denied::Malformed("client_secret").into_problem(now))?;
            (client_id.to_owned(), Secret::from(secret.to_owned()))
        };
        let client_id = client_id.parse().map_err(|_| Denied::Malformed("client_id").into_problem(now))?;
        Ok(Self { client_id, secret })
    }

    /// The client, if the secret is right, and nothing it belongs to is switched off. Reads it and `also` in one round
    /// trip, and in a second one what it belongs to and what `then` asks for.
    ///
    /// # Errors
    /// [`Code::InvalidCredentials`]; [`Code::EntityDisabled`], said only to who holds the secret; or the store's.
    pub async fn authenticate(
        self,
        view: &mut View<'_>,
        also: impl IntoIterator<Item = Lookup>,
        then: impl FnOnce(&View<'_>) -> Vec<Lookup>,
        now: Timestamp,
    ) -> Result<Client, Problem> {
        let by_client = Lookup::ProjectOfClient(self.client_id.clone());
        let own = [Lookup::ApiKey(self.client_id.clone()), by_client.clone()];
        view.fetch(own.into_iter().chain(also)).await?;
        let Some(owner) = view.project_owner(&by_client).cloned() else {
            return self.key(view, then, now).await.map(|caller| Client::Key(Box::new(caller)));
        };
        let entities = std::iter::once(owner.entity_id).chain(owner.ancestors.iter().copied());
        let wanted: Vec<_> = entities.map(Lookup::Entity).chain(then(view)).collect();
        view.fetch(wanted.into_iter().chain([Lookup::Project(owner.project_id)])).await?;
        self.project(view, owner.project_id, now)
    }

    /// The API key alone: for what a project cannot do.
    ///
    /// # Errors
    /// As [`authenticate`](Self::authenticate).
    pub async fn authenticate_key(
        self,
        view: &mut View<'_>,
        also: impl IntoIterator<Item = Lookup>,
        now: Timestamp,
    ) -> Result<Caller, Problem> {
        view.fetch(also.into_iter().chain([Lookup::ApiKey(self.client_id.clone())])).await?;
        self.key(view, |_| Vec::new(), now).await
    }

    async fn key(
        self,
        view: &mut View<'_>,
        then: impl FnOnce(&View<'_>) -> Vec<Lookup>,
        now: Timestamp,
    ) -> Result<Caller, Problem> {
        let credentials = Credentials::of_client(self.client_id, self.secret);
        let caller = credentials.authenticate_with(view, [], then, now).await;
        let caller = caller.map_err(|denied| denied.into_problem(now))?;
        if caller.is_active() && caller.is_api_enabled() { Ok(caller) } else { Err(disabled()) }
    }

    fn project(&self, view: &View<'_>, id: ProjectId, now: Timestamp) -> Result<Client, Problem> {
        let denied = |denied: Denied| denied.into_problem(now);
        let project = view.project(id).ok_or(Denied::Unknown).map_err(denied)?;
        if !project.secrets.usable(now).any(|secret| secret.equals(&self.secret)) {
            return Err(Denied::Wrong.into_problem(now));
        }
        let lineage = view.lineage(project.project.entity_id).ok_or(Denied::Unknown).map_err(denied)?;
        let on = lineage.is_active() && lineage.is_api_enabled();
        let works = project.project.status == Status::Active && on;
        if works { Ok(Client::Project(project.clone())) } else { Err(disabled()) }
    }
}

impl Client {
    /// Whether it may do `scope` to the token: a key to its own tokens, and to those of entities where its grants say
    /// so; a project to its own.
    ///
    /// # Errors
    /// [`PermissionDenied`].
    pub fn may(&self, scope: Scope, token: &Known) -> Result<(), PermissionDenied> {
        match self {
            Self::Key(caller) if token.claims.client_id() == Some(caller.client_id()) => Ok(()),
            Self::Key(caller) => caller.may(scope, &token.owner),
            Self::Project(own) => match &token.claims {
                Claims::Signed { project_id, .. } if *project_id == own.project.id => Ok(()),
                _ => Err(PermissionDenied::OtherCustomer),
            },
        }
    }

    /// The project, if it is one: whose tokens are meant where nothing else says.
    #[must_use]
    pub fn project_id(&self) -> Option<ProjectId> {
        match self {
            Self::Key(_) => None,
            Self::Project(own) => Some(own.project.id),
        }
    }

    /// The bucket of its rate limit, and its own limit if it has one.
    #[must_use]
    pub fn bucket(&self) -> ((&'static str, String), Option<RateLimit>) {
        match self {
            Self::Key(caller) => (("key", caller.client_id().to_string()), caller.rate_limit()),
            Self::Project(own) => (("project", own.project.id.to_string()), own.project.rate_limit),
        }
    }

    /// Who it is in the audit log.
    #[must_use]
    pub fn actor(&self) -> Actor {
        match self {
            Self::Key(caller) => Actor { client_id: Some(caller.client_id().clone()), via: caller.via() },
            Self::Project(own) => Actor { client_id: Some(own.project.client_id.clone()), via: Via::Project },
        }
    }
}

fn disabled() -> Problem {
    Problem::new(
        Code::EntityDisabled,
        "the client's entity, one above it, its API switch or its project is off",
    )
}

/// `Basic`, Base64 of the client id and the secret, each encoded like a form's value and joined by a colon.
fn basic(request: &Request) -> Option<(String, Secret)> {
    let (scheme, encoded) = single(request.headers(), "authorization")?.split_once(' ')?;
    let joined = EncodedKey::parse(encoded).filter(|_| scheme.eq_ignore_ascii_case("basic"))?;
    Some((decoded(&joined.client_id)?, Secret::from(decoded(joined.secret.reveal())?)))
}

fn decoded(text: &str) -> Option<String> {
    let spaced = text.replace('+', " ");
    percent_decode_str(&spaced).decode_utf8().ok().map(std::borrow::Cow::into_owned)
}
