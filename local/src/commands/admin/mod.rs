//! `tokenbooth admin`: calls the Admin API with a bearer token (A12).

mod failure;
mod output;
mod pages;
mod session;
mod target;

use std::path::PathBuf;

use api::BootError;
use clap::{Args, ValueEnum};
use reqwest::Method;
use uuid::Uuid;

use crate::commands::admin::output::Output;
use crate::commands::admin::session::{Call, Session};
use crate::commands::admin::target::Target;
use crate::commands::key_file::{DEMO_FILE, StoredKey};
use crate::commands::project_settings::read_text;

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  List the entities of the demo tenant's administrator:
    tokenbooth admin GET entities
  Create a project in a deployed booth, and keep its API secret in a file that only you can read:
    tokenbooth admin POST entities/ENTITY/projects --data '{\"name\": \"Shop\"}' --output project.json \\
      --url https://tokens.example.com --key-file admin.json
  Read the whole audit log:
    tokenbooth admin GET audit-log --all
  Send a body with a secret in it, which no other user of this machine can see:
    tokenbooth admin POST entities/ENTITY/projects/PROJECT/token-sets --data @token-set.json

It signs in with the key file at /v1/token and sends the token, which it never prints. An answer with status 429 or 503 is
tried again, up to four times. It exits with 1 if the booth refuses the call or cannot be reached.")]
pub(crate) struct Admin {
    /// The method
    #[arg(value_enum, ignore_case = true)]
    method: AdminMethod,
    /// The path below /admin/v1, with or without it, and the query
    path: String,
    /// The body: JSON, @FILE for a file, or @- for standard input
    #[arg(long, value_name = "JSON")]
    data: Option<String>,
    /// Read all pages of a list
    #[arg(long)]
    all: bool,
    /// Change or delete only the version with this ETag
    #[arg(long, value_name = "ETAG")]
    if_match: Option<String>,
    /// The key under which a repeated POST gets its first answer again; the default is a new one
    #[arg(long, value_name = "KEY")]
    idempotency_key: Option<String>,
    /// Write the answer to this file, which only you can read, and not to standard output
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// A downloaded key file, or a demo.json
    #[arg(long, value_name = "FILE", env = "TOKENBOOTH_KEY_FILE", default_value = DEMO_FILE)]
    key_file: PathBuf,
    /// The key of a demo.json: api_key, admin_key or launchpad_key
    #[arg(long, value_name = "NAME", default_value = "admin_key")]
    key: String,
    /// The booth's URL; the default is the one in a demo.json
    #[arg(long, value_name = "URL", env = "TOKENBOOTH_URL")]
    url: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum AdminMethod {
    #[value(name = "GET")]
    Get,
    #[value(name = "POST")]
    Post,
    #[value(name = "PATCH")]
    Patch,
    #[value(name = "DELETE")]
    Delete,
}

pub(crate) async fn run(arguments: Admin) -> Result<(), BootError> {
    let key = StoredKey::read(&arguments.key_file, &arguments.key)?;
    let url = arguments.url.as_deref().or(key.booth.as_deref());
    let target =
        Target::new(url.ok_or("name the booth with --url, or set TOKENBOOTH_URL")?, &arguments.path)?;
    let call = arguments.call()?;
    // A new secret is shown once: check that its file can be written before it is made.
    let output = Output::open(arguments.output.as_deref())?;
    let mut session = Session::new(&target, &key)?;
    let answer = match arguments.all {
        true => pages::read_all(&mut session, &target).await?,
        false => session.send(&call, target.resource.clone()).await?,
    };
    output.write(&answer)
}

impl Admin {
    fn call(&self) -> Result<Call, BootError> {
        if self.all && self.method != AdminMethod::Get {
            return Err("--all reads a list: use it with GET".into());
        }
        let is_post = self.method == AdminMethod::Post;
        let new_key = || is_post.then(|| Uuid::new_v4().to_string());
        Ok(Call {
            method: self.method.into(),
            body: self.data.as_deref().map(read_body).transpose()?,
            if_match: self.if_match.clone(),
            idempotency_key: self.idempotency_key.clone().or_else(new_key),
        })
    }
}

/// The body that `--data` gives. The error does not contain it, because it may hold a secret.
fn read_body(data: &str) -> Result<String, BootError> {
    let text = match data.strip_prefix('@') {
        Some(file) => read_text(file.as_ref()).map_err(|error| format!("--data: {error}"))?,
        None => data.to_owned(),
    };
    let read: Result<serde::de::IgnoredAny, _> = serde_json::from_str(&text);
    read.map_err(|error| format!("--data is not JSON: line {}, column {}", error.line(), error.column()))?;
    Ok(text)
}

impl From<AdminMethod> for Method {
    fn from(method: AdminMethod) -> Self {
        match method {
            AdminMethod::Get => Self::GET,
            AdminMethod::Post => Self::POST,
            AdminMethod::Patch => Self::PATCH,
            AdminMethod::Delete => Self::DELETE,
        }
    }
}
