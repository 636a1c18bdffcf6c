//! The command line.

mod init;
mod project_settings;
mod screen;
mod seal;
mod serve;
mod sign_request;
mod unseal;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Short-lived tokens for anonymous users and for machines.
#[derive(Debug, Parser)]
#[command(name = "tokenbooth", version, about, args_conflicts_with_subcommands = true)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: serve::Serve,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the whole booth on this machine, with an embedded DynamoDB and a demo tenant (the default)
    Serve(serve::Serve),
    /// Prepare a deployment: data key, signing keys, the first customer and its admin key
    Init(init::Init),
    /// Print the three headers of a signed request, for use with curl
    SignRequest(sign_request::SignRequest),
    /// Make a security or user token on this machine, from a project's downloaded settings
    Seal(seal::Seal),
    /// Show what a security or user token says, or why it does not open
    Unseal(unseal::Unseal),
}

/// Runs what the command line asks for; on failure says why on standard error and gives exit code 1.
pub async fn run() -> ExitCode {
    let arguments = Arguments::parse();
    let done = match arguments.command {
        None => serve::run(arguments.serve).await,
        Some(Command::Serve(serve)) => serve::run(serve).await,
        Some(Command::Init(init)) => init::run(init).await,
        Some(Command::SignRequest(sign)) => sign_request::run(&sign),
        Some(Command::Seal(seal)) => seal::run(&seal),
        Some(Command::Unseal(unseal)) => unseal::run(&unseal),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("tokenbooth: {}", api::causes(&*error));
            ExitCode::FAILURE
        }
    }
}
