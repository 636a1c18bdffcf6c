//! Functions that another service invokes for an answer, without HTTP.

use std::panic::AssertUnwindSafe;
use std::process::ExitCode;

use futures_util::FutureExt as _;
use lambda_http::lambda_runtime::{self, Diagnostic, LambdaEvent};
use lambda_http::service_fn;
use serde::Serialize;
use serde_json::Value;

use crate::runtime::log::TARGET;
use crate::runtime::start::{BootError, Start, exit_code};

/// A function that another service invokes with an event, and whose answer that service uses.
pub trait Responder: Sized + Send + Sync + 'static {
    /// Its name: folder, package, binary and function.
    const NAME: &'static str;

    /// The answer, as JSON.
    type Answer: Serialize + Send;

    /// Prepares it, before the first event.
    fn boot(start: &Start) -> impl Future<Output = Result<Self, BootError>> + Send;

    /// Answers one event and writes one log line. The event is any JSON: a malformed one is refused like others.
    ///
    /// # Errors
    /// [`InvocationError`] if the service that sent the event expects an error.
    fn respond(
        &self,
        event: Value,
        request_id: Option<&str>,
    ) -> impl Future<Output = Result<Self::Answer, InvocationError>> + Send;
}

/// An error as the result of an invocation. The service that invoked the function reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvocationError {
    /// The kind of error, in the body of the answer to Lambda.
    pub kind: &'static str,
    /// The message.
    pub message: &'static str,
}

impl InvocationError {
    /// The function failed. The log has the reason.
    pub const FAILED: Self = Self { kind: "Function.Failed", message: "Failed" };
}

impl From<InvocationError> for Diagnostic {
    fn from(error: InvocationError) -> Self {
        Self { error_type: error.kind.to_owned(), error_message: error.message.to_owned() }
    }
}

/// Starts the function and answers events until Lambda ends it.
pub async fn run_responder<R: Responder>() -> ExitCode {
    exit_code(R::NAME, serve::<R>().await)
}

async fn serve<R: Responder>() -> Result<(), BootError> {
    let responder = R::boot(&Start::from_env().await?).await?;
    let responder = &responder;
    lambda_runtime::run(service_fn(move |event: LambdaEvent<Value>| async move {
        // Boxed, because the compiler limits how deep the types of futures may be nested.
        respond_once(responder, event.payload, Some(&event.context.request_id)).boxed().await
    }))
    .await
}

/// Answers one event. A panic becomes an error.
///
/// # Errors
/// [`InvocationError`].
pub async fn respond_once<R: Responder>(
    responder: &R,
    event: Value,
    request_id: Option<&str>,
) -> Result<R::Answer, InvocationError> {
    let caught = AssertUnwindSafe(responder.respond(event, request_id)).catch_unwind().await;
    caught.unwrap_or_else(|_| {
        let (code, cause) = ("internal_error", "the handler panicked");
        tracing::error!(target: TARGET, function = R::NAME, code, cause, request_id, "failed");
        Err(InvocationError::FAILED)
    })
}
