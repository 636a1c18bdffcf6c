//! `GET /v2/access/user/{user}/attached_devices`: lists the devices of a user, page by page (S7, S12).

use api::http::{HeaderValue, Method, header};
use api::{BootError, Endpoint, Problem, ProjectCall, Reply, Request, SignedBackend, Start};
use model::{AttachedDevice, DeviceInfo, DeviceMetadata, Moment, UserId};
use serde::Serialize;
use store::{Cursor, ListError, ListedDevice, Page, PageLimit};

/// What this endpoint needs.
#[derive(Debug)]
pub struct App {
    backend: SignedBackend,
}

/// The query parameters.
#[derive(Debug)]
struct Input {
    cursor: Option<Cursor>,
    limit: PageLimit,
}

/// A device as the vendor's SDKs expect it: no field is `null`, and times are in UTC with milliseconds.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Output<'a> {
    #[serde(rename = "_id")]
    id: &'a str,
    identity: &'a str,
    user: &'a str,
    status: &'static str,
    info: &'a DeviceInfo,
    metadata: &'a DeviceMetadata,
    created_at: Moment,
    updated_at: Moment,
}

impl Endpoint for App {
    const NAME: &'static str = "attached-devices";
    const CHALLENGE: &'static str = "Basic realm=\"tokenbooth\", Bearer realm=\"tokenbooth\"";
    const CORS_METHOD: Option<Method> = Some(Method::GET);

    async fn boot(start: &Start) -> Result<Self, BootError> {
        Ok(Self { backend: SignedBackend::boot(start).await? })
    }

    async fn handle(&self, request: &Request) -> Reply {
        api::require_method(request, &Method::GET)?;
        let session = self.backend.session::<Self>(request, ProjectCall::ManageDevices).await?;
        let user: String = api::path_parameter(request, "user")?;
        let user = UserId::try_from(user).map_err(|rule| Problem::invalid("user", rule))?;
        let unsigned = session.check_signed_for(&user).await?;
        let Input { cursor, limit } = Input::read(request)?;
        let quotas = session.take_for_user(user.as_str(), unsigned).await?;
        let (devices, project) = (&self.backend.devices, session.project().id);
        let page = devices.list_attached(project, &user, (cursor.as_ref(), limit), session.now).await;
        quotas.with_headers(reply(page.map_err(problem)?, limit))
    }
}

impl Input {
    /// Reads the query. Unknown parameters are ignored, as unknown fields are in this window.
    fn read(request: &Request) -> Result<Self, Problem> {
        let mut input = Self { cursor: None, limit: PageLimit::MAX };
        let mut seen = Vec::new();
        for (name, value) in api::query_parameters_named(request, &["limit", "cursor"])? {
            if seen.contains(&name) {
                return Err(Problem::invalid(name, "is given twice"));
            }
            match name.as_str() {
                "limit" => input.limit = api::page_limit(&value)?,
                _ => input.cursor = Some(value.parse().map_err(|_| malformed_cursor())?),
            }
            seen.push(name);
        }
        Ok(input)
    }
}

/// 200 with the bare array. `Link` has the next page (RFC 8288), relative to the URL of the request.
fn reply(page: Page<ListedDevice>, limit: PageLimit) -> Reply {
    let mut response =
        api::json_reply(&page.items.iter().map(|listed| Output::of(&listed.device)).collect::<Vec<_>>())?;
    if let Some(next) = page.next {
        let link = format!("<?limit={}&cursor={next}>; rel=\"next\"", usize::from(limit));
        let link = HeaderValue::from_str(&link).map_err(Problem::internal)?;
        response.headers_mut().insert(header::LINK, link);
    }
    Ok(response)
}

fn problem(error: ListError) -> Problem {
    match error {
        ListError::Cursor(_) => malformed_cursor(),
        ListError::Store(error) => error.into(),
    }
}

fn malformed_cursor() -> Problem {
    Problem::invalid("cursor", "must be the one of the Link header of this list")
}

impl<'a> Output<'a> {
    fn of(device: &'a AttachedDevice) -> Self {
        Self {
            id: device.id.as_str(),
            identity: device.identity.as_ref().map_or("", |identity| identity.as_str()),
            user: device.user.as_str(),
            status: "active",
            info: &device.info,
            metadata: &device.metadata,
            created_at: device.created_at.into(),
            updated_at: device.updated_at.into(),
        }
    }
}
