//! Window S, asked by a project's clients and its server.

use serde_json::{Value, json};
use tokenbooth::DemoProject;

use crate::Outcome;
use crate::events::Message;

/// A user whose one device is attached again and again.
pub(crate) const RETURNING: &str = "returning-user";
/// A user with a few devices whom nobody but the project's server asks about.
pub(crate) const LISTED: &str = "listed-user";

/// The server's wish for a token (S3).
pub(crate) fn sign(project: &DemoProject) -> Message {
    let body = json!({ "user": RETURNING });
    from_server(Message::post("/token/sign", body.to_string()), project)
}

/// A client attaches that device of `user` (S5).
pub(crate) fn attach(project: &DemoProject, user: &str, device: &str) -> Outcome<Message> {
    let body = seen(json!({ "user": user, "device_id": device }));
    from_client(Message::post("/v2/access", body.to_string()), project, user)
}

/// A client asks who its device is, with the token of an event (S6).
pub(crate) fn identify(project: &DemoProject, event: &str) -> Outcome<Message> {
    let body = seen(json!({}));
    from_client(Message::post("/v2/identity", body.to_string()), project, event)
}

/// A client detaches that device of `user` (S7).
pub(crate) fn detach(project: &DemoProject, user: &str, device: &str) -> Outcome<Message> {
    let body = json!({ "user": user, "device": device });
    from_client(Message::post("/v2/access/detach", body.to_string()), project, user)
}

/// The server asks for a user's devices (S7).
pub(crate) fn list(project: &DemoProject) -> Message {
    let list = Message::get("/v2/access/user/{user}/attached_devices");
    from_server(list.at([("user", LISTED.to_owned())]), project)
}

/// The server asks for a user's history (S8).
pub(crate) fn history(project: &DemoProject) -> Message {
    let history = Message::get("/v2/proj/access-history").asking(format!("user={LISTED}&per=10"));
    from_server(history, project)
}

/// `body` with what a vendor's SDK tells of its device.
fn seen(mut body: Value) -> Value {
    let told = json!({
        "signals": { "androidVendorIdentifier": "example-vendor-identifier" },
        "device_info": {
            "os": { "name": "Android", "version": "15" },
            "device": { "vendor": "Example", "type": "phone", "model": "Example 9" },
        },
        "metadata": { "plan": "trial" },
    });
    if let (Value::Object(body), Value::Object(told)) = (&mut body, told) {
        body.extend(told);
    }
    body
}

/// The same with a token that the project's own server signed for `user` (S4).
fn from_client(message: Message, project: &DemoProject, user: &str) -> Outcome<Message> {
    let secret = crypto::Secret::from(project.api_secret.clone());
    let token = crypto::sign_hs256(&secret, None, &json!({ "user": user }))?;
    Ok(message.with([("authorization", format!("Basic {}:{token}", project.client_id))]))
}

fn from_server(message: Message, project: &DemoProject) -> Message {
    message.with([("authorization", format!("Bearer {}", project.api_secret))])
}
