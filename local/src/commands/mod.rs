//! The command line.

mod admin;
mod audit;
mod banner;
mod completions;
mod connection;
mod index_users;
mod init;
mod key_file;
mod listen_address;
mod project_settings;
mod restore;
mod rotate_data_key;
mod seal;
mod serve;
mod sign_request;
mod signals;
mod unseal;

use std::process::ExitCode;

use api::BootError;
use clap::{CommandFactory as _, Parser, Subcommand};

/// Issue and check short-lived tokens for anonymous users and for machines.
///
/// Without a command, `tokenbooth` is `tokenbooth serve`.
#[derive(Debug, Parser)]
#[command(
    name = "tokenbooth",
    version,
    propagate_version = true,
    args_conflicts_with_subcommands = true,
    after_help = "Examples:
  Run a booth with a demo tenant at http://127.0.0.1:9000:
    tokenbooth
  Run one that keeps its data in memory, on port 9200:
    tokenbooth --listen 9200 --ephemeral
  List the entities of the demo tenant:
    tokenbooth admin GET entities

`tokenbooth COMMAND --help` shows the examples of a command."
)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: serve::Serve,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run a whole booth on this machine, with an embedded DynamoDB and a demo tenant (the default)
    Serve(serve::Serve),
    /// Prepare a deployment: data key, signing keys, the first customer and its admin key
    Init(init::Init),
    /// Call the Admin API: sign in with a key file, send one request, print the answer
    Admin(admin::Admin),
    /// Check a copy of the table that DynamoDB restored, and show what it brings back
    Restore(restore::Restore),
    /// Replace the data key of a deployment while it works
    RotateDataKey(rotate_data_key::RotateDataKey),
    /// Verify or export the audit log, with the operator's access to the table
    Audit(audit::Audit),
    /// List the users that an earlier version did not list, so that they can be erased; once after an upgrade
    IndexUsers(index_users::IndexUsers),
    /// Print the three headers of a signed request, for use with curl
    SignRequest(sign_request::SignRequest),
    /// Build a security or user token on this machine, from a project's downloaded settings
    Seal(seal::Seal),
    /// Show the plaintext of a security or user token, or why it does not open
    Unseal(unseal::Unseal),
    /// Print a script that completes commands and options in your shell
    Completions(completions::Completions),
}

/// Runs the command that the arguments name. Prints an error on standard error and returns exit code 1. `restore` has one more code.
pub async fn run() -> ExitCode {
    let arguments = Arguments::parse();
    let result = match arguments.command {
        Some(Command::Restore(restore)) => return exit(restore::run(restore).await),
        None => serve::run(arguments.serve).await,
        Some(Command::Serve(serve)) => serve::run(serve).await,
        Some(Command::Init(init)) => init::run(init).await,
        Some(Command::Admin(admin)) => admin::run(admin).await,
        Some(Command::RotateDataKey(rotate)) => rotate_data_key::run(rotate).await,
        Some(Command::Audit(audit)) => audit::run(audit).await,
        Some(Command::IndexUsers(index)) => index_users::run(index).await,
        Some(Command::SignRequest(sign)) => sign_request::run(&sign),
        Some(Command::Seal(seal)) => seal::run(&seal),
        Some(Command::Unseal(unseal)) => unseal::run(&unseal),
        Some(Command::Completions(completions)) => completions::run(&completions, &mut Arguments::command()),
    };
    exit(result.map(|()| ExitCode::SUCCESS))
}

fn exit(result: Result<ExitCode, BootError>) -> ExitCode {
    match result {
        Ok(code) => code,
        Err(error) => {
            eprintln!("tokenbooth: {}", api::causes(&*error));
            ExitCode::FAILURE
        }
    }
}
