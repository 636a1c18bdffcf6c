//! Requests of a project's server to window X, and a change of the project.

use serde_json::json;
use tokenbooth::{Demo, DemoProject};

use crate::events::Message;
use crate::messages::bearer;

/// Builds a security token with the token set of that name (X6).
pub(crate) fn build(project: &DemoProject, set: &str) -> Message {
    let body = json!({ "token_set": set, "format": "xml", "fields": { "AppId": "example-app" } });
    from_project("/v1/projects/{project_id}/security-tokens", project, body.to_string())
}

/// Verifies a security token (X7).
pub(crate) fn verify(project: &DemoProject, token: &str) -> Message {
    let body = json!({ "XST": token, "XSC": project.security_context });
    from_project("/v1/projects/{project_id}/tokens/verify", project, body.to_string())
}

/// The administrator makes the project require signed tokens (S1).
pub(crate) fn require_signed_tokens(demo: &Demo, admin_token: &str) -> Message {
    let body = json!({ "require_signed_tokens": true });
    Message::new("PATCH", "/admin/v1/entities/{entity_id}/projects/{project_id}", body.to_string())
        .with_parameters([
            ("entity_id", demo.account_id.to_string()),
            ("project_id", demo.project.id.to_string()),
        ])
        .with_headers([bearer(admin_token)])
}

fn from_project(route: &'static str, project: &DemoProject, body: String) -> Message {
    Message::post(route, body)
        .with_parameters([("project_id", project.id.to_string())])
        .with_headers([bearer(&project.api_secret)])
}
