//! Notices about calls that the caller's grants do not allow (A13).

use admin::Session;
use api::http::Method;
use api::{BucketKind, BucketRequest, Code, Problem, Request};
use model::{Actor, AuditAction, EntityId, Notice, RateLimit, Target};
use serde_json::json;

use crate::Backend;
use crate::path::FromPath as _;

/// The limit for notices about one key's refused calls. Without it, a key without rights could fill the table.
const NOTICE_LIMIT: RateLimit = RateLimit::per_hour(10);

/// Records a refused call as a notice of the caller's entity, up to the limit. Does nothing for other problems. If the notice
/// cannot be written, the caller still gets its refusal; the log has the cause.
pub(crate) async fn record(
    backend: &Backend,
    session: &Session<'_>,
    (function, request): (&'static str, &Request),
    problem: &Problem,
) {
    if problem.code() != Code::InsufficientScope {
        return;
    }
    let bucket = BucketRequest::new("admin", BucketKind::Notice, session.caller.client_id(), NOTICE_LIMIT);
    if backend.limiter.take([bucket]).await.is_err() {
        return;
    }
    let notice = notice(session, (function, request), problem.code());
    if let Err(error) = backend.registry.write_notice(&notice).await {
        let cause = api::causes(&error);
        tracing::warn!(target: api::LOG_TARGET, function, cause, "the notice of a refused call is not written");
    }
}

fn notice(session: &Session<'_>, (function, request): (&str, &Request), code: Code) -> Notice {
    let client_id = session.caller.client_id().clone();
    let actor = Actor { client_id: Some(client_id.clone()), via: session.caller.via() };
    let entity = EntityId::from_path(request).ok();
    let details = json!({
        "call": function,
        "method": method(request),
        "entity_id": entity,
        "reason": code.name(),
    });
    let who = (actor, session.source_ip.clone());
    let refused = AuditAction::RefuseAccess;
    Notice::new(who, refused, Target::ApiKey(client_id), session.caller.entity_id(), details, session.now)
}

/// The method, if a route of the Admin API has it.
fn method(request: &Request) -> Option<&'static str> {
    let known =
        [(Method::GET, "GET"), (Method::POST, "POST"), (Method::PATCH, "PATCH"), (Method::DELETE, "DELETE")];
    known.into_iter().find(|(method, _)| method == request.method()).map(|(_, name)| name)
}
