//! What the Admin API's functions share: who calls, on which entity, and how a change is written and answered (A4).

use lambda_http::http::{HeaderName, HeaderValue, StatusCode, header};
use lambda_http::{Body, Request, Response};
use model::{Actor, AuditRecord, Caller, Entity, EntityId, Grants, Project, Scope, Target, Timestamp};
use serde::Serialize;
use serde_json::Value;
use store::{Change, Directory, IdempotencyRecord, Page, Refusal, Registry, Replay, StoreError, WriteError};

use crate::auth::{administrator, single_header};
use crate::problem::{Code, Problem};
use crate::reply::{Reply, json_reply};
use crate::request::body::bytes;
use crate::request::origin::source_ip;
use crate::request::path::path_parameter;
use crate::runtime::clock::Clock;
use crate::runtime::start::Start;

/// What a function of the Admin API is made of.
#[derive(Debug)]
pub struct Admin {
    /// The configuration.
    pub registry: Registry,
    directory: Directory,
    clock: Clock,
}

impl Admin {
    /// Gets it ready.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn boot(start: &Start) -> Result<Self, StoreError> {
        let data_key = start.data_key().await?;
        let directory = start.administering_directory(data_key.clone()).await?;
        let registry = Registry::new(start.table.clone(), data_key);
        Ok(Self { registry, directory, clock: start.clock.clone() })
    }

    /// The session of the request's caller, whose key and entity work.
    ///
    /// # Errors
    /// [`Code::InvalidCredentials`], [`Code::EntityDisabled`], or the store's.
    pub async fn session<'a>(&'a self, request: &'a Request) -> Result<Session<'a>, Problem> {
        let now = self.clock.now();
        let mut view = self.directory.view(now);
        let caller = administrator(request, &mut view, now).await?;
        let issuer = view.issuer()?.url.clone();
        Ok(Session { registry: &self.registry, request, caller, now, issuer })
    }
}

#[derive(Serialize)]
struct List<O> {
    items: Vec<O>,
    next_cursor: Option<String>,
}

/// One authenticated request to the Admin API.
#[derive(Debug)]
pub struct Session<'a> {
    registry: &'a Registry,
    /// The request.
    pub request: &'a Request,
    /// Who calls.
    pub caller: Caller,
    /// When.
    pub now: Timestamp,
    /// The deployment's URL.
    pub issuer: String,
}

impl<'a> Session<'a> {
    /// The entity of that id, if the caller may do `scope` on it.
    ///
    /// # Errors
    /// [`Code::NotFound`], [`Code::InsufficientScope`], or the store's.
    pub async fn entity(&self, id: EntityId, scope: Scope) -> Result<Entity, Problem> {
        let entity = self.registry.entity(id).await?.ok_or_else(Problem::not_found)?;
        self.caller.may(scope, &entity)?;
        Ok(entity)
    }

    /// The entity in the path, if the caller may do `scope` on it.
    ///
    /// # Errors
    /// As [`entity`](Self::entity).
    pub async fn path_entity(&self, scope: Scope) -> Result<Entity, Problem> {
        self.entity(path_parameter(self.request, "entity_id")?, scope).await
    }

    /// The project in the path with its entity, if the caller may do `scope` there.
    ///
    /// # Errors
    /// As [`entity`](Self::entity).
    pub async fn path_project(&self, scope: Scope) -> Result<(Entity, Project), Problem> {
        let owner = self.path_entity(scope).await?;
        let project = self.registry.project(path_parameter(self.request, "project_id")?).await?;
        let project = project.filter(|project| project.entity_id == owner.id);
        Ok((owner, project.ok_or_else(Problem::not_found)?))
    }

    /// Refuses `grants` that reach beyond `owner`, or that the caller does not hold there itself.
    ///
    /// # Errors
    /// [`Code::NotFound`], [`Code::Conflict`], [`Code::InsufficientScope`], or the store's.
    pub async fn may_hand_out(&self, grants: &Grants, owner: &Entity) -> Result<(), Problem> {
        let ids: Vec<_> = grants.iter().map(|grant| grant.entity_id).collect();
        let entities = self.registry.entities(&ids).await?;
        for grant in grants.iter() {
            let entity = entities.iter().find(|entity| entity.id == grant.entity_id);
            let entity = entity.filter(|entity| entity.customer() == owner.customer());
            let entity = entity.ok_or_else(|| Problem::not_found().about("grants"))?;
            if !entity.is_at_or_below(owner.id) {
                let detail = "each grant's entity_id must be the owning entity or one below it";
                return Err(Problem::new(Code::Conflict, detail).about("grants"));
            }
            self.caller.may_grant(grant, entity)?;
        }
        Ok(())
    }

    /// Refuses a change to something that is not at the version in `If-Match` (RFC 9110, 13.1.1).
    ///
    /// # Errors
    /// [`Code::PreconditionFailed`], or [`Code::InvalidRequest`] for a tag that is not ours.
    pub fn if_match(&self, version: u64) -> Result<(), Problem> {
        if !self.request.headers().contains_key(header::IF_MATCH) {
            return Ok(());
        }
        let tag = single_header(self.request.headers(), "if-match").filter(|tag| is_tag(tag));
        let tag = tag.ok_or_else(|| Problem::invalid("if-match", "must be one ETag of ours, or *"))?;
        if tag == "*" || tag == etag(version) {
            return Ok(());
        }
        Err(Problem::new(Code::PreconditionFailed, "it has changed since, read it again"))
    }

    /// How a change ended; one that came too late for its `If-Match` is told so.
    ///
    /// # Errors
    /// [`Code::PreconditionFailed`], or what `written` says.
    pub fn written(&self, written: Result<(), WriteError>) -> Result<(), Problem> {
        match written {
            Err(WriteError::Refused(Refusal::Stale))
                if self.request.headers().contains_key(header::IF_MATCH) =>
            {
                Err(Problem::new(Code::PreconditionFailed, "it has changed since, read it again"))
            }
            written => Ok(written?),
        }
    }

    /// What goes with a change on `target`, which belongs to `entity`.
    #[must_use]
    pub fn change(&self, action: &str, target: (&str, String), entity: &Entity, changes: Value) -> Change {
        let source_ip = source_ip(self.request).map(str::to_owned);
        let actor = Actor { client_id: Some(self.caller.client_id().clone()), via: self.caller.via() };
        let target = Target { kind: target.0.to_owned(), id: target.1 };
        let audit = AuditRecord::new((actor, source_ip), action, target, entity.id, changes, self.now);
        Change { audit, audited_entities: entity.path().collect(), idempotency: None }
    }

    /// The answer this request got before, if it has an idempotency key that was used in the last day.
    ///
    /// # Errors
    /// [`Code::InvalidRequest`] for a malformed `Idempotency-Key`, [`Code::IdempotencyKeyReused`] for one used for
    /// another request, or the store's.
    pub async fn earlier(&self) -> Result<Option<Response<Body>>, Problem> {
        let Some(key) = self.idempotency_key()? else { return Ok(None) };
        let client = self.caller.client_id();
        match self.registry.replay(client, key, &self.fingerprint(), self.now).await? {
            None => Ok(None),
            Some(Replay::Same(body, version)) => Ok(Some(again(body, version))),
            Some(Replay::OtherRequest) => {
                let detail = "this idempotency key was used for another request, choose a new one";
                Err(Problem::new(Code::IdempotencyKeyReused, detail).about("idempotency-key"))
            }
        }
    }

    /// Prepares the 201 answer `output` to a request that may be sent twice, and what `change` remembers of it.
    ///
    /// # Errors
    /// [`Code::InvalidRequest`] for a malformed `Idempotency-Key`, or [`Code::InternalError`].
    pub fn creation(&self, output: &impl Serialize, change: &mut Change) -> Result<Created<'_, 'a>, Problem> {
        self.rotation(output, 1, change)
    }

    /// The same for a new secret of something that is at `version` then.
    ///
    /// # Errors
    /// As [`creation`](Self::creation).
    pub fn rotation(
        &self,
        output: &impl Serialize,
        version: u64,
        change: &mut Change,
    ) -> Result<Created<'_, 'a>, Problem> {
        let response = json_reply(output)?;
        if let Some(key) = self.idempotency_key()? {
            let answer = (bytes_of(&response), version);
            let (data_key, caller) = (self.registry.data_key(), self.caller.client_id());
            let remembered =
                IdempotencyRecord::new(data_key, caller, key, &self.fingerprint(), answer, self.now)?;
            change.idempotency = Some(remembered);
        }
        Ok(Created { session: self, response, version })
    }

    fn idempotency_key(&self) -> Result<Option<&str>, Problem> {
        const NAME: &str = "idempotency-key";
        if !self.request.headers().contains_key(NAME) {
            return Ok(None);
        }
        let key = single_header(self.request.headers(), NAME);
        let fits = |key: &&str| (1..=128).contains(&key.len()) && key.bytes().all(|it| it.is_ascii_graphic());
        let refuse = || Problem::invalid(NAME, "must be 1 to 128 visible ASCII characters");
        key.filter(fits).ok_or_else(refuse).map(Some)
    }

    /// What tells one request from another under the same idempotency key.
    fn fingerprint(&self) -> Vec<u8> {
        let uri = self.request.uri();
        let line = format!("{} {} {}\n", self.request.method(), uri.path(), uri.query().unwrap_or_default());
        [line.as_bytes(), bytes(self.request)].concat()
    }
}

/// A prepared 201 answer, given once its change is stored.
#[derive(Debug)]
pub struct Created<'s, 'a> {
    session: &'s Session<'a>,
    response: Response<Body>,
    version: u64,
}

impl Created<'_, '_> {
    /// The answer once the change has been `written`; a request that came twice at the same time gets the first
    /// one's.
    ///
    /// # Errors
    /// What `written` says, or [`Code::IdempotencyKeyReused`].
    pub async fn once(self, written: Result<(), WriteError>) -> Reply {
        match written {
            Ok(()) => Ok(created(self.response, self.version)),
            Err(WriteError::Refused(Refusal::Replayed)) => {
                let earlier = self.session.earlier().await?;
                earlier.ok_or_else(|| WriteError::Refused(Refusal::Stale).into())
            }
            Err(error) => Err(error.into()),
        }
    }
}

/// 201 with the resource's version as its ETag.
fn created(mut response: Response<Body>, version: u64) -> Response<Body> {
    *response.status_mut() = StatusCode::CREATED;
    response.headers_mut().insert(header::ETAG, etag_value(version));
    response
}

/// The first answer, given again.
fn again(body: String, version: u64) -> Response<Body> {
    let mut response = created(Response::new(Body::from(body)), version);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(HeaderName::from_static("idempotent-replayed"), HeaderValue::from_static("true"));
    response
}

impl Session<'_> {
    /// 200 with one resource, its version as the ETag.
    ///
    /// # Errors
    /// [`Code::InternalError`].
    pub fn resource(output: &impl Serialize, version: u64) -> Reply {
        let mut response = json_reply(output)?;
        response.headers_mut().insert(header::ETAG, etag_value(version));
        Ok(response)
    }

    /// 200 with one page of a list.
    ///
    /// # Errors
    /// [`Code::InternalError`].
    pub fn page<'p, T, O: Serialize>(page: &'p Page<T>, output: impl Fn(&'p T) -> O) -> Reply {
        let items: Vec<O> = page.items.iter().map(output).collect();
        json_reply(&List { items, next_cursor: page.next.as_ref().map(ToString::to_string) })
    }

    /// 204.
    #[must_use]
    pub fn gone() -> Response<Body> {
        let mut response = Response::new(Body::Empty);
        *response.status_mut() = StatusCode::NO_CONTENT;
        response
    }
}

/// `*`, or a version in quotes: the only tags ever given out.
fn is_tag(text: &str) -> bool {
    let digits = |it: &str| (1..=18).contains(&it.len()) && it.bytes().all(|byte| byte.is_ascii_digit());
    text == "*" || text.strip_prefix('"').and_then(|it| it.strip_suffix('"')).is_some_and(digits)
}

fn etag(version: u64) -> String {
    format!("\"{version}\"")
}

fn etag_value(version: u64) -> HeaderValue {
    HeaderValue::from_str(&etag(version)).unwrap_or(HeaderValue::from_static("\"0\""))
}

fn bytes_of(response: &Response<Body>) -> &[u8] {
    match response.body() {
        Body::Text(text) => text.as_bytes(),
        Body::Binary(bytes) => bytes,
        _ => &[],
    }
}
