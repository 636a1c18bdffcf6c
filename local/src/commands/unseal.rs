//! `tokenbooth unseal`: what a token says, or why it does not open, for the owner of its key alone (X10).

use std::path::{Path, PathBuf};

use api::{BootError, Clock};
use clap::Args;
use model::{OpenTokenSet, Plaintext, PresentedTokens, verify_tokens};
use percent_encoding::percent_decode_str;

use crate::commands::project_settings::{ProjectSettings, text_of};

#[derive(Debug, Args)]
#[command(
    after_help = "Prints the token's plaintext, and on standard error which token set opened it and whether a \
    booth with these settings would accept it now."
)]
pub(crate) struct Unseal {
    /// The project's downloaded settings, or a demo.json
    #[arg(long, value_name = "FILE", default_value = ".tokenbooth/demo.json")]
    settings: PathBuf,
    /// The token set to open with; every active one unless given
    #[arg(long, value_name = "NAME")]
    token_set: Option<String>,
    /// The token, URL-encoded or not; - for standard input
    #[arg(long, value_name = "TOKEN", default_value = "-")]
    token: String,
}

pub(crate) fn run(arguments: &Unseal) -> Result<(), BootError> {
    let project = ProjectSettings::read(&arguments.settings, arguments.token_set.as_deref())?;
    let token = match arguments.token.as_str() {
        "-" => text_of(Path::new("-"))?,
        token => token.to_owned(),
    };
    let token = percent_decode_str(token.trim()).decode_utf8().map_err(|_| "the token is not text")?;
    let (name, text) = open(&project, &token)?;
    println!("{text}");
    let mode =
        project.sets.iter().find(|(of, _)| *of == name).map_or("", |(_, set)| set.cipher.mode().name());
    eprintln!("tokenbooth: opened with token set {name} ({mode})");
    eprintln!("tokenbooth: {}", verdict(project, &token));
    Ok(())
}

/// The first set that opens it to something readable; else why none does.
fn open(project: &ProjectSettings, token: &str) -> Result<(String, String), BootError> {
    let mut reasons = Vec::new();
    for (name, set) in &project.sets {
        match open_under(set, token) {
            Ok(text) => return Ok((name.clone(), text)),
            Err(reason) => reasons.push(format!("token set {name}: {reason}")),
        }
    }
    Err(format!("the token does not open: {}", reasons.join("; ")).into())
}

fn open_under(set: &OpenTokenSet, token: &str) -> Result<String, String> {
    let plain = set.cipher.open(token).into_plaintext().map_err(|faults| faults.to_string())?;
    Plaintext::read(&plain).map_err(|error| error.to_string())?;
    Ok(String::from_utf8_lossy(&plain).into_owned())
}

/// What a booth would say to it alone, in the configured context.
fn verdict(project: ProjectSettings, token: &str) -> String {
    let sets: Vec<_> = project.sets.into_iter().map(|(_, set)| set).collect();
    let xsc = project.context.as_ref().map(|context| context.as_str());
    let presented = PresentedTokens { xst: Some(token), xut: None, xsc };
    match verify_tokens(&sets, &project.settings, presented, Clock::system().now()).result {
        Ok(_) => "a booth accepts it now".to_owned(),
        Err(refused) => format!("a booth refuses it now: {}", refused.0),
    }
}
