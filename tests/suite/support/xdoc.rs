//! Projects with token sets, and their security and user tokens (X1–X10).

use model::{OpenTokenSet, ProjectFile};
use serde_json::{Value, json};

use crate::support::call::{Answer, Call};
use crate::support::project::Project;
use crate::support::world::{World, unique};

/// The security context of these projects.
pub(crate) const CONTEXT: &str = "MyContext";

/// A project of an account of its own, with a security context, token sets and an app key of each of them.
pub(crate) struct XdocProject {
    pub(crate) project: Project,
    pub(crate) app_key: String,
}

impl XdocProject {
    /// One with a set of the kind nobody chose: GCM.
    pub(crate) async fn new(world: &World) -> Self {
        Self::with(world, [json!({ "name": "own" })]).await
    }

    /// One with these sets, each with the app key unless it names others.
    pub(crate) async fn with(world: &World, sets: impl IntoIterator<Item = Value>) -> Self {
        let sealed = Self { project: Project::new(world).await, app_key: unique("app-key") };
        sealed.ask(world, &json!({ "security_context": { "value": CONTEXT } })).await;
        for mut set in sets {
            if set["app_keys"].is_null() {
                set["app_keys"] = json!([sealed.app_key]);
            }
            sealed.add(world, &set).await.expect(201);
        }
        sealed
    }

    /// Changes what the project asks of tokens.
    pub(crate) async fn ask(&self, world: &World, settings: &Value) {
        world.change(&format!("{}/token-settings", self.project.path), settings).await.expect(200);
    }

    pub(crate) fn sets(&self) -> String {
        format!("{}/token-sets", self.project.path)
    }

    pub(crate) async fn add(&self, world: &World, set: &Value) -> Answer {
        world.create(&self.sets(), set).await
    }

    /// A POST to one of the project's own paths, by itself.
    pub(crate) fn post(&self, world: &World, path: &str) -> Call {
        world.post(&self.at(path)).bearer(&self.project.api_secret)
    }

    pub(crate) fn at(&self, path: &str) -> String {
        format!("/v1/projects/{}/{path}", self.project.id)
    }

    /// A token of that kind: `security`, `user` or `combined`.
    pub(crate) async fn build(&self, world: &World, kind: &str, body: &Value) -> Answer {
        self.post(world, &format!("{kind}-tokens")).json(body).send().await
    }

    /// A token of that kind with the fields it cannot do without.
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

    /// The sets of the settings file, ready to seal with (X10).
    pub(crate) async fn ciphers(&self, world: &World) -> Vec<OpenTokenSet> {
        let file = self.settings_file(world).await;
        file.token_sets.iter().map(|set| set.open().expect("a cipher")).collect()
    }

    /// The plaintext of a security token that is sound for `second`, in the documented shape.
    pub(crate) fn plaintext(&self, second: i64) -> String {
        let at = model::Timestamp::from_second(second).expect("a time within bounds");
        format!(
            "<SecurityToken>\r\n    <Context>{CONTEXT}</Context>\r\n    <AppId>MyAppId</AppId>\r\n    \
             <AppKey>{}</AppKey>\r\n    <GenDT>{at}</GenDT>\r\n</SecurityToken>",
            self.app_key
        )
    }
}

/// What a token of that kind cannot do without, beside what the settings know.
pub(crate) fn fields(kind: &str) -> Value {
    match kind {
        "security" => json!({ "AppId": "MyAppId" }),
        "user" => json!({ "UserName": "admin", "Display": "John Doe" }),
        _ => json!({ "AppId": "MyAppId", "UserName": "admin", "Display": "John Doe" }),
    }
}

/// The settings of a set as the documented clients use it (X4).
pub(crate) fn compatible(name: &str, mode: &str) -> Value {
    json!({ "name": name, "mode": mode, "iv": "MyIV1234" })
}
