//! The endpoint of a collection of resources.

use std::marker::PhantomData;

use admin::{Collection, Rotation, Session};
use api::{BootError, Endpoint, Reply, Request, Start};

use crate::headers::{expected_version, idempotency};
use crate::operation::Operation;
use crate::path::{FromPath, PathId};
use crate::{Backend, key_file, listing, page, problem, reply, resource};

/// The endpoint of the collection `C`.
#[derive(Debug)]
pub struct Http<C> {
    backend: Backend,
    collection: PhantomData<fn() -> C>,
}

impl<C> Endpoint for Http<C>
where
    C: Collection,
    C::Parent: FromPath,
    C::Id: PathId,
{
    const NAME: &'static str = C::NAME;
    const CHALLENGE: &'static str = api::ADMIN_CHALLENGE;

    async fn boot(start: &Start) -> Result<Self, BootError> {
        Ok(Self { backend: Backend::boot(start).await?, collection: PhantomData })
    }

    async fn handle(&self, request: &Request) -> Reply {
        let operation = Operation::requested::<C>(request)?;
        let session = self.backend.session(request).await?;
        let reply = match operation {
            Operation::List => list::<C>(&session, request).await,
            Operation::Create => create::<C>(&session, request).await,
            Operation::Show => show::<C>(&session, request).await,
            Operation::Update => update::<C>(&session, request).await,
            Operation::Delete => delete::<C>(&session, request).await,
            Operation::Rotate => rotate::<C>(&session, request).await,
        };
        self.backend.finish(&session, (Self::NAME, request), reply).await
    }
}

async fn list<C: Collection<Parent: FromPath>>(session: &Session<'_>, request: &Request) -> Reply {
    let parent = C::Parent::from_path(request)?;
    let listing = listing(request, C::LIST_FILTER)?;
    page(C::list(session, parent, &listing).await.map_err(problem)?)
}

async fn create<C: Collection<Parent: FromPath>>(session: &Session<'_>, request: &Request) -> Reply {
    let parent = C::Parent::from_path(request)?;
    let download = C::HAS_KEY_FILE && key_file::is_wanted(request)?;
    let idempotency = idempotency(request)?;
    let input = api::json(request)?;
    let outcome = C::create(session, parent, input, idempotency.as_ref()).await.map_err(problem)?;
    reply::created(outcome, download)
}

async fn show<C>(session: &Session<'_>, request: &Request) -> Reply
where
    C: Collection<Parent: FromPath, Id: PathId>,
{
    let (parent, id) = (C::Parent::from_path(request)?, C::Id::from_path(request)?);
    resource(&C::show(session, parent, id).await.map_err(problem)?)
}

async fn update<C>(session: &Session<'_>, request: &Request) -> Reply
where
    C: Collection<Parent: FromPath, Id: PathId>,
{
    let (parent, id) = (C::Parent::from_path(request)?, C::Id::from_path(request)?);
    let input = api::json(request)?;
    let version = expected_version(request)?;
    resource(&C::update(session, parent, id, input, version).await.map_err(problem)?)
}

async fn delete<C>(session: &Session<'_>, request: &Request) -> Reply
where
    C: Collection<Parent: FromPath, Id: PathId>,
{
    let (parent, id) = (C::Parent::from_path(request)?, C::Id::from_path(request)?);
    let version = expected_version(request)?;
    C::delete(session, parent, id, version).await.map_err(problem)?;
    Ok(reply::no_content())
}

async fn rotate<C>(session: &Session<'_>, request: &Request) -> Reply
where
    C: Collection<Parent: FromPath, Id: PathId>,
{
    let (parent, id) = (C::Parent::from_path(request)?, C::Id::from_path(request)?);
    let download = C::HAS_KEY_FILE && key_file::is_wanted(request)?;
    let idempotency = idempotency(request)?;
    let input: Rotation = api::json_or_empty(request)?;
    let version = expected_version(request)?;
    let outcome = C::rotate(session, parent, id, input, version, idempotency.as_ref()).await;
    reply::created(outcome.map_err(problem)?, download)
}
