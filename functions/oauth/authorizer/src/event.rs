//! The events of API Gateway (API Gateway Developer Guide, *Working with AWS Lambda authorizers for HTTP APIs* and *Input to
//! an API Gateway Lambda authorizer*).

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

/// A request that API Gateway wants to have authorized.
#[derive(Debug)]
pub(crate) struct Event {
    /// Which gateway sent it, and so which answer it understands.
    pub(crate) gateway: Gateway,
    /// Whether the event has one of the two formats that this function answers.
    pub(crate) is_supported: bool,
    /// The stage variable `tokenbooth_audience`.
    pub(crate) audience: Option<String>,
    /// The values of the header `Authorization`.
    authorization: Vec<String>,
    /// The method of the request, for the log.
    pub(crate) method: Option<String>,
    /// The route that API Gateway matched. `None`: the request matched no route but `$default`.
    pub(crate) route: Option<Route>,
    pub(crate) request_id: Option<String>,
    pub(crate) source_ip: Option<String>,
}

/// The gateway that sent an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Gateway {
    /// An HTTP API. The answer is `isAuthorized`.
    HttpApi,
    /// A REST API. The answer is a policy for this method ARN.
    RestApi(String),
}

/// The maximum length of the resource in a policy that API Gateway accepts, in bytes.
const MAX_ARN_BYTES: usize = 512;

impl Gateway {
    /// The method ARN of a REST API, if a policy can name it. A path can be too long for a policy, or have characters that
    /// are wildcards there.
    pub(crate) fn nameable_arn(&self) -> Option<&str> {
        let Self::RestApi(arn) = self else { return None };
        let has_wildcard = ["*", "?", "${"].iter().any(|wildcard| arn.contains(wildcard));
        (arn.len() <= MAX_ARN_BYTES && !has_wildcard).then_some(arn)
    }
}

/// What a decision depends on besides the token. API Gateway keeps a decision for exactly this, so nothing else of the
/// request may count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Route {
    /// In an HTTP API the method of the route key, which can be `ANY`. In a REST API the method of the request.
    pub(crate) method: String,
    /// The path with its parameters in braces.
    pub(crate) path: String,
}

/// All fields that are read, of both formats. Every field can be missing.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Fields {
    version: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    method_arn: Option<String>,
    headers: Option<BTreeMap<String, String>>,
    multi_value_headers: Option<BTreeMap<String, Vec<String>>>,
    stage_variables: Option<BTreeMap<String, String>>,
    request_context: Option<Context>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Context {
    request_id: Option<String>,
    route_key: Option<String>,
    http: Option<Http>,
    resource_path: Option<String>,
    http_method: Option<String>,
    identity: Option<Address>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Http {
    method: Option<String>,
    source_ip: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Address {
    source_ip: Option<String>,
}

/// The stage variable in which a guarded API names itself.
const AUDIENCE: &str = "tokenbooth_audience";

impl Event {
    /// Parses an event. Any JSON is an event, but not all of them are supported.
    pub(crate) fn parse(event: Value) -> Self {
        let fields: Fields = serde_json::from_value(event).unwrap_or_default();
        let is_request = fields.kind.as_deref() == Some("REQUEST");
        let method_arn = fields.method_arn.clone();
        match (fields.version.as_deref(), method_arn) {
            (Some("2.0"), None) => fields.of_http_api(is_request),
            (None, Some(method_arn)) => fields.of_rest_api(method_arn, is_request),
            (_, Some(method_arn)) => fields.of_rest_api(method_arn, false),
            (_, None) => fields.of_http_api(false),
        }
    }

    /// The bearer token, if there is exactly one (RFC 6750, 2.1).
    pub(crate) fn bearer(&self) -> Option<&str> {
        match &*self.authorization {
            [value] => api::bearer_of(value),
            _ => None,
        }
    }
}

impl Fields {
    fn of_http_api(self, is_supported: bool) -> Event {
        let authorization = self.headers();
        let audience = self.audience();
        let context = self.request_context.unwrap_or_default();
        let http = context.http.unwrap_or_default();
        let route = context.route_key.as_deref().and_then(|key| key.split_once(' '));
        Event {
            gateway: Gateway::HttpApi,
            is_supported,
            audience,
            authorization,
            method: http.method,
            route: route.map(|(method, path)| Route { method: method.to_owned(), path: path.to_owned() }),
            request_id: context.request_id,
            source_ip: http.source_ip,
        }
    }

    fn of_rest_api(self, method_arn: String, is_supported: bool) -> Event {
        let authorization = self.multi_value_headers();
        let audience = self.audience();
        let context = self.request_context.unwrap_or_default();
        let route = context.http_method.clone().zip(context.resource_path);
        Event {
            gateway: Gateway::RestApi(method_arn),
            is_supported,
            audience,
            authorization,
            method: context.http_method,
            route: route.map(|(method, path)| Route { method, path }),
            request_id: context.request_id,
            source_ip: context.identity.and_then(|identity| identity.source_ip),
        }
    }

    fn audience(&self) -> Option<String> {
        let audience = self.stage_variables.as_ref()?.get(AUDIENCE)?;
        Some(audience.clone()).filter(|audience| !audience.is_empty())
    }

    /// An HTTP API joins the values of a repeated header with commas.
    fn headers(&self) -> Vec<String> {
        let headers = self.headers.iter().flatten();
        headers.filter(|(name, _)| is_authorization(name)).map(|(_, value)| value.clone()).collect()
    }

    /// A REST API has the last value of a repeated header in `headers`, and all values in `multiValueHeaders`.
    fn multi_value_headers(&self) -> Vec<String> {
        match &self.multi_value_headers {
            Some(headers) => {
                let named = headers.iter().filter(|(name, _)| is_authorization(name));
                named.flat_map(|(_, values)| values.clone()).collect()
            }
            None => self.headers(),
        }
    }
}

fn is_authorization(name: &str) -> bool {
    name.eq_ignore_ascii_case("authorization")
}
