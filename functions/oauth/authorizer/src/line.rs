//! The log line of one call.

use std::time::Instant;

use api::{LOG_TARGET, Responder as _, VerifiedToken, causes};

use crate::App;
use crate::decision::Refusal;
use crate::event::Event;
use crate::identity::Identity;

/// The log line of one call. It has no token, no claim and no path: the route is the template of the path.
pub(crate) struct LogLine {
    method: Option<String>,
    route: Option<String>,
    kind: Option<&'static str>,
    /// The client id of a token that was verified.
    client_id: Option<String>,
    /// The client id that the token names.
    pub(crate) claimed_client_id: Option<String>,
    /// The customer of the API.
    pub(crate) tenant: Option<String>,
    request_id: Option<String>,
    source_ip: Option<String>,
    started: Instant,
}

/// Writes a line with the fields of every call, and with the fields that the call names.
macro_rules! write_line {
    ($level:ident, $line:expr, $message:literal, $($field:ident),*) => {{
        let LogLine { method, route, kind, client_id, claimed_client_id, tenant, request_id, source_ip, started } = $line;
        let (function, micros) = (App::NAME, started.elapsed().as_micros() as u64);
        tracing::$level!(
            target: LOG_TARGET, function, method, route, $($field,)* kind, client_id, claimed_client_id, tenant, request_id,
            source_ip, micros, $message
        );
    }};
}

impl LogLine {
    pub(crate) fn new(event: &Event, request_id: Option<&str>) -> Self {
        Self {
            method: event.method.clone(),
            route: event.route.as_ref().map(|route| route.path.clone()),
            kind: None,
            client_id: None,
            claimed_client_id: None,
            tenant: None,
            request_id: event.request_id.clone().or_else(|| request_id.map(str::to_owned)),
            source_ip: event.source_ip.clone(),
            started: Instant::now(),
        }
    }

    /// Notes that the token was verified.
    pub(crate) fn prove(&mut self, token: &VerifiedToken) {
        self.kind = Some(token.claims.kind());
        self.client_id = token.claims.client_id().map(ToString::to_string);
        self.claimed_client_id = None;
    }

    pub(crate) fn write(self, decision: &Result<Identity, Refusal>) {
        match decision {
            Ok(_) => write_line!(info, self, "answered",),
            Err(refusal) => {
                let (code, cause) = (refusal.code(), causes(refusal));
                match refusal {
                    Refusal::Store(_) => write_line!(error, self, "failed", code, cause),
                    _ => write_line!(info, self, "refused", code, cause),
                }
            }
        }
    }
}
