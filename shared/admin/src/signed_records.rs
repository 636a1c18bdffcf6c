//! What window S stores for a project, as administrators read it: the history of calls, devices, refused calls, and the number
//! of signing requests (S12).

use model::{
    Access, AccessKind, DeviceId, DeviceInfo, DeviceMetadata, Identity, Level, Moment, Notice, Resource,
    Scope, Timestamp, UserId,
};
use serde::Serialize;
use store::{HistoryFilter, ListedDevice, MeteredMonth, Page};

use crate::projects::find_project;
use crate::{Error, Listing, ProjectPath, Result, Session};

const READ: Scope = Scope(Resource::Project, Level::Read);

/// An accepted call.
#[derive(Debug, Clone, Serialize)]
#[expect(missing_docs, reason = "each other field is the one of `model::Access`")]
pub struct AccessView {
    pub id: uuid::Uuid,
    pub at: Moment,
    pub kind: AccessKind,
    /// Whether the call had a valid token for its user or event, or the API secret.
    pub signed: bool,
    /// Why the call does not count as signed.
    pub reason: Option<&'static str>,
    pub user: Option<UserId>,
    pub device: Option<DeviceId>,
    pub identity: Option<Identity>,
    pub confidence: f64,
}

/// A device of a user.
#[derive(Debug, Clone, Serialize)]
#[expect(missing_docs, reason = "each other field is the one of `model::AttachedDevice`")]
pub struct DeviceView {
    pub id: DeviceId,
    pub user: UserId,
    /// Whether a signed call attached the device.
    pub signed: bool,
    pub identity: Option<Identity>,
    pub info: DeviceInfo,
    pub metadata: DeviceMetadata,
    pub created_at: Moment,
    pub updated_at: Moment,
    /// When the device expires, if only unsigned calls attached it.
    pub expires_at: Option<Moment>,
}

/// A refused call.
#[derive(Debug, Clone, Serialize)]
pub struct RefusalView {
    /// The id, also of the notice about the call.
    pub id: uuid::Uuid,
    /// When the call was refused.
    pub at: Moment,
    /// The function that refused it.
    pub call: String,
    /// Why it was refused.
    pub reason: String,
    /// The user that the call's token was for, if the project signed the token.
    pub user: Option<String>,
    /// When the record expires.
    pub expires_at: Moment,
}

/// The signing requests of one month.
#[derive(Debug, Clone, Serialize)]
#[expect(missing_docs, reason = "each field is the one of `store::MeteredMonth`")]
pub struct MeteredMonthView {
    pub month: String,
    pub requests: u64,
}

/// One page of the accepted calls that match `filter`, the newest first. The filter must have a user, a device or an identity.
///
/// # Errors
/// [`Error`].
pub async fn access_history(
    session: &Session<'_>,
    path: ProjectPath,
    (listing, filter): (&Listing, &HistoryFilter),
) -> Result<Page<AccessView>> {
    let (_, project) = find_project(session, path, READ).await?;
    if filter.user.is_none() && filter.device.is_none() && filter.identity.is_none() {
        return Err(Error::invalid("user", "is required, or device, or identity"));
    }
    let (devices, place) = (session.registry.devices(), (listing.cursor.as_ref(), listing.limit));
    let page = devices.history_page(&project, filter, place, session.now).await?;
    Ok(page.map(access_view))
}

/// One page of the devices of `user`, those of signed calls first.
///
/// # Errors
/// [`Error`].
pub async fn list_devices(
    session: &Session<'_>,
    path: ProjectPath,
    (listing, user): (&Listing, &UserId),
) -> Result<Page<DeviceView>> {
    let (_, project) = find_project(session, path, READ).await?;
    let (devices, place) = (session.registry.devices(), (listing.cursor.as_ref(), listing.limit));
    let page = devices.list_attached(project.id, user, place, session.now).await?;
    Ok(page.map(device_view))
}

/// One page of the refused calls for the project, the newest first. With `user`, only those whose token the project signed for
/// the user.
///
/// # Errors
/// [`Error`].
pub async fn refusals(
    session: &Session<'_>,
    path: ProjectPath,
    (listing, user): (&Listing, Option<&UserId>),
) -> Result<Page<RefusalView>> {
    let (_, project) = find_project(session, path, READ).await?;
    let place = (listing.cursor.as_ref(), listing.limit);
    let page = session.registry.refusals(&project, user, place, session.now).await?;
    Ok(page.map(refusal_view))
}

/// One page of the months in which the project had signing requests, the newest first (S3).
///
/// # Errors
/// [`Error`].
pub async fn metered_requests(
    session: &Session<'_>,
    path: ProjectPath,
    listing: &Listing,
) -> Result<Page<MeteredMonthView>> {
    let (_, project) = find_project(session, path, READ).await?;
    let place = (listing.cursor.as_ref(), listing.limit);
    let page = session.registry.metered_months(project.id, place).await?;
    Ok(page.map(|MeteredMonth { month, requests }| MeteredMonthView { month, requests }))
}

fn access_view(access: Access) -> AccessView {
    let Access { id, at, kind, unsigned, device, user, identity, confidence, expires_at: _ } = access;
    let (signed, reason) = (unsigned.is_none(), unsigned.map(|why| why.name()));
    AccessView { id, at: at.into(), kind, signed, reason, user, device, identity, confidence }
}

fn device_view(listed: ListedDevice) -> DeviceView {
    let ListedDevice { device, expires_at } = listed;
    DeviceView {
        id: device.id,
        user: device.user,
        signed: expires_at.is_none(),
        identity: device.identity,
        info: device.info,
        metadata: device.metadata,
        created_at: device.created_at.into(),
        updated_at: device.updated_at.into(),
        expires_at: expires_at.map(moment),
    }
}

fn refusal_view(notice: Notice) -> RefusalView {
    let text = |name: &str| notice.details.get(name).and_then(|it| it.as_str()).map(str::to_owned);
    RefusalView {
        id: notice.id,
        at: notice.at,
        call: text("call").unwrap_or_default(),
        reason: text("reason").unwrap_or_default(),
        user: text("user"),
        expires_at: moment(notice.expires_at),
    }
}

fn moment(second: i64) -> Moment {
    Timestamp::from_second(second).unwrap_or(Timestamp::MAX).into()
}
