//! Projects with token sets, and their security and user tokens (X1–X10).

use model::{OpenTokenSet, ProjectFile};
use serde_json::{Value, json};

use crate::support::call::{Answer, Call};
use crate::support::project::Project;
use crate::support::world::{World, unique};

/// The security context of every `XdocProject`.
pub(crate) const CONTEXT: &str = "MyContext";

/// A project with a security context, token sets, and an app key that its token sets accept.
pub(crate) struct XdocProject {
    pub(crate) project: Project,
    pub(crate) app_key: String,
}

impl XdocProject {
    /// Creates a project with one token set of the default mode, GCM.
    pub(crate) async fn new(world: &World) -> Self {
        Self::with_token_sets(world, [json!({ "name": "own" })]).await
    }

    /// Creates a project with these token sets. A set without `app_keys` gets the app key of this project.
    pub(crate) async fn with_token_sets(world: &World, sets: impl IntoIterator<Item = Value>) -> Self {
        let xdoc = Self { project: Project::new(world).await, app_key: unique("app-key") };
        xdoc.change_settings(world, &json!({ "security_context": { "value": CONTEXT } })).await;
        for mut set in sets {
            if set["app_keys"].is_null() {
                set["app_keys"] = json!([xdoc.app_key]);
            }
            xdoc.add_token_set(world, &set).await.expect(201);
        }
        xdoc
    }

    /// Changes the project's token settings.
    pub(crate) async fn change_settings(&self, world: &World, settings: &Value) {
        world.change(&format!("{}/token-settings", self.project.path), settings).await.expect(200);
    }

    pub(crate) fn token_sets_path(&self) -> String {
        format!("{}/token-sets", self.project.path)
    }

    pub(crate) async fn add_token_set(&self, world: &World, set: &Value) -> Answer {
        world.create(&self.token_sets_path(), set).await
    }

    /// A POST below the project's path with its API secret.
    pub(crate) fn post(&self, world: &World, path: &str) -> Call {
        world.post(&self.path(path)).bearer(&self.project.api_secret)
    }

    pub(crate) fn path(&self, path: &str) -> String {
        format!("/v1/projects/{}/{path}", self.project.id)
    }

    /// Builds a token of this kind: `security`, `user` or `combined`.
    pub(crate) async fn build(&self, world: &World, kind: &str, body: &Value) -> Answer {
        self.post(world, &format!("{kind}-tokens")).json(body).send().await
    }

    /// Builds a token of this kind with its required fields, and returns it encrypted.
    pub(crate) async fn token(&self, world: &World, kind: &str) -> String {
        self.build(world, kind, &json!({ "fields": fields(kind) })).await.expect(200).text_at("encrypted")
    }

    pub(crate) async fn verify(&self, world: &World, tokens: &Value) -> Answer {
        self.post(world, "tokens/verify").json(tokens).send().await
    }

    pub(crate) async fn settings_file(&self, world: &World) -> ProjectFile {
        let answer = world.read(&format!("{}/settings-file", self.project.path)).await.expect(200);
        serde_json::from_value(answer.json).expect("a settings file")
    }

    /// The token sets of the settings file, with their ciphers (X10).
    pub(crate) async fn ciphers(&self, world: &World) -> Vec<OpenTokenSet> {
        let file = self.settings_file(world).await;
        file.token_sets.iter().map(|set| set.open().expect("a cipher")).collect()
    }

    /// The plaintext of a security token that is valid at this Unix second, in the documented form.
    pub(crate) fn plaintext(&self, second: i64) -> String {
        let at = model::Timestamp::from_second(second).expect("a time within bounds");
        format!(
            "<SecurityToken>\r\n    <Context>{CONTEXT}</Context>\r\n    <AppId>MyAppId</AppId>\r\n    \
             <AppKey>{}</AppKey>\r\n    <GenDT>{at}</GenDT>\r\n</SecurityToken>",
            self.app_key
        )
    }
}

/// The required fields of a token of this kind, without those that the settings provide.
pub(crate) fn fields(kind: &str) -> Value {
    match kind {
        "security" => json!({ "AppId": "MyAppId" }),
        "user" => json!({ "UserName": "admin", "Display": "John Doe" }),
        _ => json!({ "AppId": "MyAppId", "UserName": "admin", "Display": "John Doe" }),
    }
}

/// A token set as the documented clients use it (X4).
pub(crate) fn compatible(name: &str, mode: &str) -> Value {
    json!({ "name": name, "mode": mode, "iv": "MyIV1234" })
}
