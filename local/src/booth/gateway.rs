//! The HTTP API on loopback: routes a request to its function, as API Gateway does.

use std::net::SocketAddr;
use std::sync::Arc;

use api::{Clock, Code, Problem};
use axum::body::{Body as HttpBody, to_bytes};
use axum::extract::{ConnectInfo, Request as HttpRequest, State};
use axum::http::Response;
use lambda_http::Body;
use matchit::Router;
use tokio::net::TcpListener;

use crate::booth::event::{self, Arrival};
use crate::booth::functions::{Functions, Handler};
use crate::booth::routes::Routes;

/// The longest body taken in, as API Gateway's.
const LONGEST_BODY: usize = 10 * 1024 * 1024;

/// The routes with their functions.
pub struct Gateway {
    router: Router<(String, Handler)>,
    clock: Clock,
}

/// A route that leads nowhere.
#[derive(Debug, thiserror::Error)]
pub enum MisroutedError {
    /// Its function is not one of ours.
    #[error("{path} leads to {function}, which is no function")]
    NoFunction {
        /// The route's path.
        path: String,
        /// The function it names.
        function: String,
    },
    /// Its path is malformed or taken.
    #[error("a route cannot be added")]
    Route(#[from] matchit::InsertError),
}

impl Gateway {
    /// A gateway that leads along `routes` to `functions`.
    ///
    /// # Errors
    /// [`MisroutedError`].
    pub fn new(routes: &Routes, functions: &Functions, clock: Clock) -> Result<Self, MisroutedError> {
        let mut router = Router::new();
        for route in routes.iter() {
            let handler = functions.find(&route.function).ok_or_else(|| MisroutedError::NoFunction {
                path: route.path.clone(),
                function: route.function.clone(),
            })?;
            let key = format!("{} {}", route.method, route.path);
            router.insert(route.path.clone(), (key, handler.clone()))?;
        }
        Ok(Self { router, clock })
    }

    /// Answers on `listener` until `shutdown`; requests that are running then are finished.
    ///
    /// # Errors
    /// The listener's.
    pub async fn serve(
        self,
        listener: TcpListener,
        shutdown: impl Future<Output = ()> + Send + 'static,
    ) -> std::io::Result<()> {
        let app = axum::Router::new().fallback(handle).with_state(Arc::new(self));
        let app = app.into_make_service_with_connect_info::<SocketAddr>();
        axum::serve(listener, app).with_graceful_shutdown(shutdown).await
    }

    async fn answer(&self, request: HttpRequest, from: SocketAddr) -> Result<Response<HttpBody>, Problem> {
        let (parts, body) = request.into_parts();
        let matched = self.router.at(parts.uri.path()).map_err(|_| nothing_here())?;
        let (route, handler) = matched.value;
        let body = to_bytes(body, LONGEST_BODY).await;
        let body = body.map_err(|error| {
            Problem::new(Code::PayloadTooLarge, "the body is too large or broke off").caused_by(error)
        })?;
        let arrival = Arrival {
            route,
            parameters: matched.params.iter().collect(),
            source_ip: from.ip(),
            millis: self.clock.now().as_millisecond(),
        };
        let request = event::of_http(&parts, &body, &arrival);
        let request =
            request.map_err(|error| Problem::invalid("request", "is malformed").caused_by(error))?;
        Ok(to_http(handler(request).await))
    }
}

async fn handle(
    State(gateway): State<Arc<Gateway>>,
    ConnectInfo(from): ConnectInfo<SocketAddr>,
    request: HttpRequest,
) -> Response<HttpBody> {
    gateway.answer(request, from).await.unwrap_or_else(|problem| to_http(problem.rfc9457()))
}

fn nothing_here() -> Problem {
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
