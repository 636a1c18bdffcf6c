//! Proving which client calls an OAuth endpoint (RFC 6749, 2.3.1): an API key, or a project for its own tokens.

use std::borrow::Cow;
use std::sync::Arc;

use crypto::{EncodedKey, Secret};
use lambda_http::Request;
use lambda_http::http::header;
use model::{
    Actor, Caller, ClientId, Lineage, PermissionDenied, ProjectId, RateLimit, Scope, Timestamp, Via,
};
use percent_encoding::percent_decode_str;
use store::{CallerItems, Lookup, OpenProject, View};

use crate::auth::credentials::Credentials;
use crate::auth::denied::{Denied, Party, Reason};
use crate::auth::headers::authorization;
use crate::auth::switches::{is_caller_on, is_project_on};
use crate::auth::token::{Claims, VerifiedToken};
use crate::auth::{logged_caller, lookups};
use crate::problem::{Code, Problem};
use crate::rate_limit::{BucketKind, BucketRequest};
use crate::request::form::Form;

/// The credentials that a client sent. They are not verified yet.
#[derive(Debug)]
pub struct ClientCredentials {
    client_id: ClientId,
    secret: Secret,
    now: Timestamp,
}

/// An authenticated client.
#[derive(Debug)]
pub enum Client {
    /// An API key.
    Key(Box<Caller>),
    /// A project, and its entity with all ancestors.
    Project(Arc<OpenProject>, Lineage),
}

impl ClientCredentials {
    /// Reads the client id and secret from `Authorization: Basic` (`client_secret_basic`) or from the form
    /// (`client_secret_post`). With the header, the form may repeat the client id, but not the secret.
    ///
    /// # Errors
    /// [`Code::InvalidRequest`] for both at once, [`Code::InvalidCredentials`] for neither.
    pub fn read(request: &Request, form: &Form, now: Timestamp) -> Result<Self, Problem> {
        let malformed = |name| Reason::Malformed(name).at(now);
        let (form_id, form_secret) = (form.value("client_id"), form.value("client_secret"));
        let (id, secret) = if request.headers().contains_key(header::AUTHORIZATION) {
            let (client_id, secret) = basic(request).ok_or_else(|| malformed("authorization"))?;
            if form_secret.is_some() || form_id.is_some_and(|form_id| form_id != client_id) {
                let detail = "the client authenticates in the header and in the body, use one of them";
                return Err(Problem::new(Code::InvalidRequest, detail));
            }
            (Cow::Owned(client_id), secret)
        } else {
            let (client_id, secret) = form_id.zip(form_secret).ok_or_else(|| malformed("client_secret"))?;
            (Cow::Borrowed(client_id), Secret::from(secret.to_owned()))
        };
        let client_id = id.parse().map_err(|_| malformed("client_id"))?;
        logged_caller::note_claim(&client_id);
        Ok(Self { client_id, secret, now })
    }

    /// Returns the client if the secret is right and the client is switched on. The first round trip reads the client
    /// and `also`. The second one reads the owners of the client, and the lookups that `then` returns.
    ///
    /// # Errors
    /// [`Denied::Unauthenticated`]; [`Denied::SwitchedOff`], only for the right secret; or [`Denied::Store`].
    pub async fn authenticate(
        self,
        view: &mut View<'_>,
        also: impl IntoIterator<Item = Lookup>,
        then: impl FnOnce(&View<'_>) -> Vec<Lookup>,
    ) -> Result<Client, Denied> {
        let by_client = Lookup::ProjectOfClient(self.client_id.clone());
        let first = [Lookup::ApiKey(self.client_id.clone()), by_client.clone()];
        view.fetch(first.into_iter().chain(also)).await?;
        let Some(owner) = view.project_owner(&by_client).cloned() else {
            return self.api_key(view, then).await.map(|caller| Client::Key(Box::new(caller)));
        };
        let second: Vec<_> = lookups::of_project_owner(&owner).chain(then(view)).collect();
        view.fetch(second).await?;
        self.project(view, owner.project_id)
    }

    /// The same for API keys only, for endpoints that do not serve projects.
    ///
    /// # Errors
    /// As [`authenticate`](Self::authenticate).
    pub async fn authenticate_key(
        self,
        view: &mut View<'_>,
        also: impl IntoIterator<Item = Lookup>,
        then: impl FnOnce(&View<'_>) -> Vec<Lookup>,
    ) -> Result<Caller, Denied> {
        view.fetch(also.into_iter().chain([Lookup::ApiKey(self.client_id.clone())])).await?;
        self.api_key(view, then).await
    }

    async fn api_key(
        self,
        view: &mut View<'_>,
        then: impl FnOnce(&View<'_>) -> Vec<Lookup>,
    ) -> Result<Caller, Denied> {
        let credentials = Credentials::of_client(self.client_id, self.secret, self.now);
        let caller = credentials.authenticate_with(view, [], then).await?;
        Party::Client.require_switched_on(is_caller_on(&caller))?;
        Ok(caller)
    }

    fn project(&self, view: &View<'_>, id: ProjectId) -> Result<Client, Denied> {
        let open = view.project(id).ok_or(Reason::Unknown.at(self.now))?;
        if !open.secrets.usable(self.now).any(|secret| secret.equals(&self.secret)) {
            return Err(Reason::Wrong.at(self.now));
        }
        logged_caller::note_proof(&self.client_id, open.project.customer());
        let entity = view.lineage(open.project.entity_id).ok_or(Reason::Unknown.at(self.now))?;
        Party::Client.require_switched_on(is_project_on(&open.project, &entity))?;
        Ok(Client::Project(open.clone(), entity))
    }
}

impl Client {
    /// Checks that the client has `scope` on the token. An API key has it on its own tokens, and on the tokens of
    /// entities where its grants allow it; a token for an own API belongs to the API's entity as well (A7). A project has it
    /// on its own tokens.
    ///
    /// # Errors
    /// [`PermissionDenied`].
    pub fn may(&self, scope: Scope, token: &VerifiedToken) -> Result<(), PermissionDenied> {
        match self {
            Self::Key(caller) if token.claims.client_id() == Some(caller.client_id()) => Ok(()),
            Self::Key(caller) => caller.may(scope, &token.owner).or_else(|denied| {
                token.api_owner.as_ref().ok_or(denied).and_then(|entity| caller.may(scope, entity))
            }),
            Self::Project(open, _) => match &token.claims {
                Claims::Signed { project_id, .. } if *project_id == open.project.id => Ok(()),
                _ => Err(PermissionDenied::OtherCustomer),
            },
        }
    }

    /// Whether the token is the client's own: issued to the API key, or signed with a secret of the project.
    #[must_use]
    pub fn owns(&self, token: &VerifiedToken) -> bool {
        match self {
            Self::Key(caller) => token.claims.client_id() == Some(caller.client_id()),
            Self::Project(..) => true,
        }
    }

    /// The id of the project, if the client is one.
    #[must_use]
    pub fn project_id(&self) -> Option<ProjectId> {
        match self {
            Self::Key(_) => None,
            Self::Project(open, _) => Some(open.project.id),
        }
    }

    /// A request for one token of the client's bucket on `route`. The client's own limit replaces `default`.
    #[must_use]
    pub fn bucket_request(&self, route: &'static str, default: RateLimit) -> BucketRequest {
        match self {
            Self::Key(caller) => {
                let limit = caller.rate_limit().unwrap_or(default);
                BucketRequest::new(route, BucketKind::Key, caller.client_id(), limit)
            }
            Self::Project(open, _) => {
                let limit = open.project.rate_limit.unwrap_or(default);
                BucketRequest::new(route, BucketKind::Project, open.project.id, limit)
            }
        }
    }

    /// What the rights of the client depend on, as it was read.
    #[must_use]
    pub fn items(&self) -> CallerItems {
        match self {
            Self::Key(caller) => CallerItems::of_key(caller),
            Self::Project(open, entity) => CallerItems::of_project(&open.project, entity),
        }
    }

    /// The client as the audit log names it.
    #[must_use]
    pub fn actor(&self) -> Actor {
        match self {
            Self::Key(caller) => Actor { client_id: Some(caller.client_id().clone()), via: caller.via() },
            Self::Project(open, _) => {
                Actor { client_id: Some(open.project.client_id.clone()), via: Via::Project }
            }
        }
    }
}

/// Reads `Basic`: Base64 of the client id and the secret, each encoded like a form's value and joined by a colon.
fn basic(request: &Request) -> Option<(String, Secret)> {
    let (scheme, encoded) = authorization(request)?;
    let pair = EncodedKey::parse(encoded).filter(|_| scheme.eq_ignore_ascii_case("basic"))?;
    Some((form_decode(&pair.client_id)?, Secret::from(form_decode(pair.secret.reveal())?)))
}

fn form_decode(text: &str) -> Option<String> {
    let spaced = text.replace('+', " ");
    percent_decode_str(&spaced).decode_utf8().ok().map(Cow::into_owned)
}
