//! A function's life in Lambda.

use std::convert::Infallible;
use std::process::ExitCode;

use lambda_http::lambda_runtime::{self, LambdaEvent};
use lambda_http::request::LambdaRequest;
use lambda_http::tower::ServiceBuilder;
use lambda_http::{Adapter, Request, service_fn};

use crate::answer::{Endpoint, answer};
use crate::problem::causes;
use crate::settings::Settings;
use crate::start::{BootError, Start, log_to_stderr};

/// Starts the function and answers requests until Lambda ends it.
pub async fn run<E: Endpoint>() -> ExitCode {
    match serve::<E>().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Not through the log, which the settings may have left without a format.
            eprintln!("{} cannot start: {}", E::NAME, causes(&*error));
            ExitCode::FAILURE
        }
    }
}

async fn serve<E: Endpoint>() -> Result<(), BootError> {
    let settings = Settings::from_env()?;
    log_to_stderr(settings.log);
    let endpoint = E::boot(&Start::new(&settings).await).await?;
    let endpoint = &endpoint;
    let handler =
        service_fn(
            move |request: Request| async move { Ok::<_, Infallible>(answer(endpoint, request).await) },
        );
    lambda_runtime::run(ServiceBuilder::new().map_request(escape_path).service(Adapter::from(handler))).await
}

/// API Gateway hands over the path decoded, and `lambda_http` panics on one that is no URI then. Routing is done; what
/// a function needs of the path stands in the path parameters.
fn escape_path(mut event: LambdaEvent<LambdaRequest>) -> LambdaEvent<LambdaRequest> {
    if let LambdaRequest::ApiGatewayV2(request) = &mut event.payload
        && let Some(path) = &mut request.raw_path
        && path.parse::<lambda_http::http::uri::PathAndQuery>().is_err()
    {
        let harmless = |byte: u8| byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte);
        *path = path.bytes().map(|byte| if harmless(byte) { char::from(byte) } else { '_' }).collect();
    }
    event
}
