//! The query parameters and the responses of window V (V3, V5, V8).

use api::{Code, ErrorResponse, Problem, Request};
use model::{Device, SiteName};
use serde::Serialize;

/// The query parameters. A proxy may add others, which are ignored (V10).
pub(crate) struct Input {
    /// The site. It is read even if the device is wrong, because it may allow GET (V1).
    pub(crate) site: Result<SiteName, String>,
    /// The device.
    pub(crate) device: Result<Device, String>,
}

impl Input {
    /// Reads the query of `request`. The error of a field names the wrong parameter and the reason, for the log.
    pub(crate) fn read(request: &Request) -> Self {
        match api::query_parameters_named(request, &["site", "platform", "deviceId"]) {
            Ok(parameters) => Self { site: site(&parameters), device: device(&parameters) },
            Err(_) => {
                let reason = "query: is not a query string in UTF-8";
                Self { site: Err(reason.to_owned()), device: Err(reason.to_owned()) }
            }
        }
    }
}

fn site(parameters: &[(String, String)]) -> Result<SiteName, String> {
    let name = single_parameter(parameters, "site")?;
    SiteName::try_from(name.to_owned()).map_err(|rule| format!("site: {rule}"))
}

fn device(parameters: &[(String, String)]) -> Result<Device, String> {
    let platform = single_parameter(parameters, "platform")?;
    let id = single_parameter(parameters, "deviceId")?;
    Device::parse(platform, id).ok_or_else(|| match platform {
        "web_browser" => "deviceId: must be browser- and 1 to 128 characters of A-Z a-z 0-9 . _ -".to_owned(),
        "iOS" | "Android" => "deviceId: must be app- and 1 to 128 characters of A-Z a-z 0-9 . _ -".to_owned(),
        _ => "platform: must be web_browser, iOS or Android".to_owned(),
    })
}

/// The value of a parameter that must occur exactly once.
fn single_parameter<'p>(parameters: &'p [(String, String)], name: &str) -> Result<&'p str, String> {
    let mut values = parameters.iter().filter(|(it, _)| it == name).map(|(_, value)| value.as_str());
    match (values.next(), values.next()) {
        (Some(value), None) => Ok(value),
        (Some(_), Some(_)) => Err(format!("{name}: is given twice")),
        (None, _) => Err(format!("{name}: is missing")),
    }
}

/// The response with the token.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Output {
    pub(crate) authorization_token: String,
}

/// The errors of window V: always exactly `{"error": "<text>"}` (V8).
pub(crate) fn refuse(problem: &Problem) -> ErrorResponse {
    let text = match problem.code() {
        Code::InvalidRequest => "Invalid parameters",
        Code::InvalidCredentials => "Missing or invalid API key",
        Code::InternalError => "Unexpected error",
        other => other.title(),
    };
    let response = problem.response("application/json", &serde_json::json!({ "error": text }));
    ErrorResponse { code: problem.code().name(), response }
}
