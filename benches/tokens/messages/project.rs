//! Window X, asked by the project's own server; and the project itself.

use model::Timestamp;
use serde_json::json;
use tokenbooth::{Demo, DemoProject};

use crate::events::Message;
use crate::messages::proof;

/// Fields for a security token in the token set of that name (X6).
pub(crate) fn build(project: &DemoProject, set: &str) -> Message {
    let body = json!({ "token_set": set, "format": "xml", "fields": { "AppId": "example-app" } });
    from_project("/v1/projects/{project_id}/security-tokens", project, body.to_string())
}

/// A security token to verify (X7).
pub(crate) fn verify(project: &DemoProject, token: &str) -> Message {
    let body = json!({ "XST": token, "XSC": project.security_context });
    from_project("/v1/projects/{project_id}/tokens/verify", project, body.to_string())
}

/// The administrator's wish that the project take signed calls alone (S1).
pub(crate) fn requires_signing(demo: &Demo, now: Timestamp) -> Message {
    let body = json!({ "require_signed_tokens": true });
    Message::new("PATCH", "/admin/v1/entities/{entity_id}/projects/{project_id}", body.to_string())
        .at([("entity_id", demo.account_id.to_string()), ("project_id", demo.project.id.to_string())])
        .with(proof(&demo.admin_key, now))
}

fn from_project(route: &'static str, project: &DemoProject, body: String) -> Message {
    Message::post(route, body)
        .at([("project_id", project.id.to_string())])
        .with([("authorization", format!("Bearer {}", project.api_secret))])
}
