//! The endpoint of a kind of resource.

use std::marker::PhantomData;

use admin::{Resource, Rotation, Session};
use api::{BootError, Endpoint, Reply, Request, Start};

use crate::headers::{expected_version, idempotency};
use crate::operation::Operation;
use crate::path::{FromPath, PathId};
use crate::{Backend, key_file, listing, page, problem, reply, resource};

/// The endpoint of the resources `R`.
#[derive(Debug)]
pub struct Http<R> {
    backend: Backend,
    resource: PhantomData<fn() -> R>,
}

impl<R> Endpoint for Http<R>
where
    R: Resource,
    R::Parent: FromPath,
    R::Id: PathId,
{
    const NAME: &'static str = R::NAME;

    async fn boot(start: &Start) -> Result<Self, BootError> {
        Ok(Self { backend: Backend::boot(start).await?, resource: PhantomData })
    }

    async fn handle(&self, request: &Request) -> Reply {
        let operation = Operation::requested::<R>(request)?;
        let session = self.backend.session(request).await?;
        match operation {
            Operation::List => list::<R>(&session, request).await,
            Operation::Create => create::<R>(&session, request).await,
            Operation::Show => show::<R>(&session, request).await,
            Operation::Update => update::<R>(&session, request).await,
            Operation::Delete => delete::<R>(&session, request).await,
            Operation::Rotate => rotate::<R>(&session, request).await,
        }
    }
}

async fn list<R: Resource<Parent: FromPath>>(session: &Session<'_>, request: &Request) -> Reply {
    let parent = R::Parent::from_path(request)?;
    let listing = listing(request, R::LIST_FILTER)?;
    page(R::list(session, parent, &listing).await.map_err(problem)?)
}

async fn create<R: Resource<Parent: FromPath>>(session: &Session<'_>, request: &Request) -> Reply {
    let parent = R::Parent::from_path(request)?;
    let download = R::HAS_KEY_FILE && key_file::is_wanted(request)?;
    let idempotency = idempotency(request)?;
    let input = api::json(request)?;
    let outcome = R::create(session, parent, input, idempotency.as_ref()).await.map_err(problem)?;
    reply::created(outcome, download)
}

async fn show<R>(session: &Session<'_>, request: &Request) -> Reply
where
    R: Resource<Parent: FromPath, Id: PathId>,
{
    let (parent, id) = (R::Parent::from_path(request)?, R::Id::from_path(request)?);
    resource(&R::show(session, parent, id).await.map_err(problem)?)
}

async fn update<R>(session: &Session<'_>, request: &Request) -> Reply
where
    R: Resource<Parent: FromPath, Id: PathId>,
{
    let (parent, id) = (R::Parent::from_path(request)?, R::Id::from_path(request)?);
    let input = api::json(request)?;
    let version = expected_version(request)?;
    resource(&R::update(session, parent, id, input, version).await.map_err(problem)?)
}

async fn delete<R>(session: &Session<'_>, request: &Request) -> Reply
where
    R: Resource<Parent: FromPath, Id: PathId>,
{
    let (parent, id) = (R::Parent::from_path(request)?, R::Id::from_path(request)?);
    let version = expected_version(request)?;
    R::delete(session, parent, id, version).await.map_err(problem)?;
    Ok(reply::no_content())
}

async fn rotate<R>(session: &Session<'_>, request: &Request) -> Reply
where
    R: Resource<Parent: FromPath, Id: PathId>,
{
    let (parent, id) = (R::Parent::from_path(request)?, R::Id::from_path(request)?);
    let download = R::HAS_KEY_FILE && key_file::is_wanted(request)?;
    let idempotency = idempotency(request)?;
    let input: Rotation = api::json_or_empty(request)?;
    let version = expected_version(request)?;
    let outcome = R::rotate(session, parent, id, input, version, idempotency.as_ref()).await;
    reply::created(outcome.map_err(problem)?, download)
}
