//! `tokenbooth unseal`: prints the plaintext of a token, or the reason why it does not open (X10).

use std::path::{Path, PathBuf};

use api::{BootError, Clock};
use clap::Args;
use model::{OpenTokenSet, Plaintext, PresentedTokens, verify_tokens};
use percent_encoding::percent_decode_str;

use crate::commands::project_settings::{ProjectSettings, read_text};

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  A token of the demo project:
    tokenbooth seal --security-token --field AppId=shop | tokenbooth unseal
  A token of a project, encoded as in a URL:
    tokenbooth unseal --settings project.json --token TOKEN

Prints the plaintext. On standard error it prints which token set opened the token, and whether a booth with these
settings would accept it now.")]
pub(crate) struct Unseal {
    /// The project's downloaded settings, or a demo.json
    #[arg(long, value_name = "FILE", default_value = ".tokenbooth/demo.json")]
    settings: PathBuf,
    /// The token set to open it with; the default is every active one
    #[arg(long, value_name = "NAME")]
    token_set: Option<String>,
    /// The token, URL-encoded or not; - for standard input
    #[arg(long, value_name = "TOKEN", default_value = "-")]
    token: String,
}

pub(crate) fn run(arguments: &Unseal) -> Result<(), BootError> {
    let project = ProjectSettings::read(&arguments.settings, arguments.token_set.as_deref())?;
    let encoded = match arguments.token.as_str() {
        "-" => read_text(Path::new("-"))?,
        token => token.to_owned(),
    };
    let token = percent_decode_str(encoded.trim()).decode_utf8().map_err(|_| "the token is not text")?;
    let (name, text) = open(&project, &token)?;
    println!("{text}");
    let mode =
        project.sets.iter().find(|(of, _)| *of == name).map_or("", |(_, set)| set.cipher.mode().name());
    eprintln!("tokenbooth: opened with token set {name} ({mode})");
    eprintln!("tokenbooth: {}", verdict(project, &token));
    Ok(())
}

/// The name of the first token set that opens the token, and the plaintext. The error has the reason of each set.
fn open(project: &ProjectSettings, token: &str) -> Result<(String, String), BootError> {
    let mut reasons = Vec::new();
    for (name, set) in &project.sets {
        match open_with(set, token) {
            Ok(text) => return Ok((name.clone(), text)),
            Err(reason) => reasons.push(format!("token set {name}: {reason}")),
        }
    }
    Err(format!("the token does not open: {}", reasons.join("; ")).into())
}

fn open_with(set: &OpenTokenSet, token: &str) -> Result<String, String> {
    let plain = set.cipher.open(token).into_plaintext().map_err(|faults| faults.to_string())?;
    Plaintext::read(&plain).map_err(|error| error.to_string())?;
    Ok(String::from_utf8_lossy(&plain).into_owned())
}

/// Whether a booth would accept the token alone, in the configured context.
fn verdict(project: ProjectSettings, token: &str) -> String {
    let sets: Vec<_> = project.sets.into_iter().map(|(_, set)| set).collect();
    let xsc = project.context.as_ref().map(|context| context.as_str());
    let presented = PresentedTokens { xst: Some(token), xut: None, xsc };
    match verify_tokens(&sets, &project.settings, presented, Clock::system().now()).result {
        Ok(_) => "a booth accepts it now".to_owned(),
        Err(refused) => format!("a booth refuses it now: {}", refused.0),
    }
}
