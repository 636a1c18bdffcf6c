//! The HTTP API on loopback: routes each request to its function, as API Gateway does.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use api::{Clock, Code, Problem};
use axum::body::{Body as HttpBody, to_bytes};
use axum::extract::{ConnectInfo, Request as HttpRequest, State};
use axum::http::{Method, Response};
use lambda_http::Body;
use matchit::Router;
use tokio::net::TcpListener;

use crate::booth::event::{self, RouteMatch};
use crate::booth::functions::{Functions, Handler};
use crate::booth::http_server;
use crate::booth::routes::Routes;

/// The maximum length of a body in bytes: API Gateway's limit.
const MAX_BODY_BYTES: usize = 10 * 1024 * 1024;

/// The routes with their functions.
pub struct Gateway {
    router: Router<RouteTarget>,
    clock: Clock,
}

/// The target of a route.
struct RouteTarget {
    /// `ANY /v1/token`
    route_key: String,
    handler: Handler,
}

/// A route that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum RouteError {
    /// There is no such function.
    #[error("{path} leads to {function}, which is not a function")]
    UnknownFunction {
        /// The route's path.
        path: String,
        /// The function it names.
        function: String,
    },
    /// The path is malformed, or two routes have it.
    #[error("a route cannot be added")]
    Path(#[from] matchit::InsertError),
}

impl Gateway {
    /// A gateway that sends the requests of each route to its function.
    ///
    /// # Errors
    /// [`RouteError`].
    pub fn new(routes: &Routes, functions: &Functions, clock: Clock) -> Result<Self, RouteError> {
        let mut router = Router::new();
        for route in routes.iter() {
            let handler = functions.find(&route.function).ok_or_else(|| RouteError::UnknownFunction {
                path: route.path.clone(),
                function: route.function.clone(),
            })?;
            let route_key = format!("{} {}", route.method, route.path);
            router.insert(route.path.clone(), RouteTarget { route_key, handler: handler.clone() })?;
        }
        Ok(Self { router, clock })
    }

    /// Answers requests on `listener` until `shutdown`, and finishes running requests. Ends connections that send no whole
    /// header in `header_timeout`.
    pub async fn serve(
        self,
        listener: TcpListener,
        header_timeout: Duration,
        shutdown: impl Future<Output = ()>,
    ) {
        let app = axum::Router::new().fallback(handle).with_state(Arc::new(self));
        http_server::serve(listener, app, header_timeout, shutdown).await;
    }

    async fn answer(&self, request: HttpRequest, source_ip: IpAddr) -> Result<Response<HttpBody>, Problem> {
        let (parts, body) = request.into_parts();
        let matched = self.router.at(parts.uri.path()).map_err(|_| unknown_route())?;
        let bytes = to_bytes(body, MAX_BODY_BYTES).await.map_err(|error| {
            Problem::new(Code::PayloadTooLarge, "the body is too large or incomplete").caused_by(error)
        })?;
        let route = RouteMatch {
            route_key: &matched.value.route_key,
            parameters: matched.params.iter().collect(),
            source_ip,
            millis: self.clock.now().as_millisecond(),
        };
        let event = event::from_http(&parts, &bytes, &route)
            .map_err(|error| Problem::invalid("request", "is malformed").caused_by(error))?;
        Ok(to_http((matched.value.handler)(event).await))
    }
}

async fn handle(
    State(gateway): State<Arc<Gateway>>,
    ConnectInfo(client): ConnectInfo<SocketAddr>,
    request: HttpRequest,
) -> Response<HttpBody> {
    let started = Instant::now();
    let method = request.method().clone();
    match gateway.answer(request, client.ip()).await {
        Ok(response) => response,
        Err(problem) => {
            log_refusal(&problem, &method, client.ip(), started);
            to_http(problem.rfc9457())
        }
    }
}

/// Logs a request that reaches no function. No log line contains a path, because a path may contain the id of a user.
fn log_refusal(problem: &Problem, method: &Method, source_ip: IpAddr, started: Instant) {
    let (status, code) = (problem.code().status().as_u16(), problem.code().name());
    let micros = started.elapsed().as_micros() as u64;
    tracing::info!(
        method = api::method_name(method),
        status,
        code,
        cause = problem.detail(),
        source_ip = %source_ip,
        micros,
        "refused"
    );
}

fn unknown_route() -> Problem {
    Problem::new(Code::NotFound, "there is no such route, see openapi.yaml for those there are")
}

fn to_http(response: Response<Body>) -> Response<HttpBody> {
    response.map(|body| match body {
        Body::Text(text) => HttpBody::from(text),
        Body::Binary(bytes) => HttpBody::from(bytes),
        _ => HttpBody::empty(),
    })
}

impl std::fmt::Debug for Gateway {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Gateway").finish_non_exhaustive()
    }
}
