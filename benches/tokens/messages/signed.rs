//! Requests of a project's clients and server to window S.

use serde_json::{Value, json};
use tokenbooth::DemoProject;

use crate::Outcome;
use crate::events::Message;

/// A user whose device is attached in each call.
pub(crate) const RETURNING: &str = "returning-user";
/// A user with several devices, which only the project's server lists.
pub(crate) const LISTED: &str = "listed-user";
/// The metadata that a device sends unless it has new metadata.
const PLAN: &str = "trial";

/// The server gets a signed token (S3).
pub(crate) fn sign(project: &DemoProject) -> Message {
    let body = json!({ "user": RETURNING });
    from_server(Message::post("/token/sign", body.to_string()), project)
}

/// A client attaches that device of `user` (S5).
pub(crate) fn attach(project: &DemoProject, user: &str, device: &str) -> Outcome<Message> {
    attach_with_plan(project, user, device, PLAN)
}

/// A client attaches that device of `user`, with that metadata (S5).
pub(crate) fn attach_with_plan(
    project: &DemoProject,
    user: &str,
    device: &str,
    plan: &str,
) -> Outcome<Message> {
    let body = with_device_fields(json!({ "user": user, "device_id": device }), plan);
    from_client(Message::post("/v2/access", body.to_string()), project, user)
}

/// A client has its device identified, with the token of an event (S6).
pub(crate) fn identify(project: &DemoProject, event: &str) -> Outcome<Message> {
    let body = with_device_fields(json!({}), PLAN);
    from_client(Message::post("/v2/identity", body.to_string()), project, event)
}

/// A client detaches that device of `user` (S7).
pub(crate) fn detach(project: &DemoProject, user: &str, device: &str) -> Outcome<Message> {
    let body = json!({ "user": user, "device": device });
    from_client(Message::post("/v2/access/detach", body.to_string()), project, user)
}

/// The server lists a user's devices (S7).
pub(crate) fn list(project: &DemoProject) -> Message {
    let list = Message::get("/v2/access/user/{user}/attached_devices");
    from_server(list.with_parameters([("user", LISTED.to_owned())]), project)
}

/// The server reads a user's history (S8).
pub(crate) fn history(project: &DemoProject) -> Message {
    let history = Message::get("/v2/proj/access-history").with_query(format!("user={LISTED}&per=10"));
    from_server(history, project)
}

/// `body` with the device fields that a vendor's SDK sends, and with `plan` as metadata.
fn with_device_fields(mut body: Value, plan: &str) -> Value {
    let fields = json!({
        "signals": { "androidVendorIdentifier": "example-vendor-identifier" },
        "device_info": {
            "os": { "name": "Android", "version": "15" },
            "device": { "vendor": "Example", "type": "phone", "model": "Example 9" },
        },
        "metadata": { "plan": plan },
    });
    if let (Value::Object(body), Value::Object(fields)) = (&mut body, fields) {
        body.extend(fields);
    }
    body
}

/// Adds a token that the project's server signed for `user` (S4).
fn from_client(message: Message, project: &DemoProject, user: &str) -> Outcome<Message> {
    let secret = crypto::Secret::from(project.api_secret.clone());
    let token = crypto::sign_hs256(&secret, None, &json!({ "user": user }))?;
    Ok(message.with_headers([("authorization", format!("Basic {}:{token}", project.client_id))]))
}

fn from_server(message: Message, project: &DemoProject) -> Message {
    message.with_headers([("authorization", format!("Bearer {}", project.api_secret))])
}
