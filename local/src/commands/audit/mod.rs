//! `tokenbooth audit`: verifies and exports the audit log, with the operator's access to the table.

mod export;
mod file;
mod verification;
mod verify;

use api::BootError;
use clap::{Args, Subcommand};

#[derive(Debug, Args)]
pub(crate) struct Audit {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Check that no audit record is missing, changed, moved or added
    Verify(verify::Verify),
    /// Write the audit log of an entity and everything below it as JSON Lines
    Export(export::Export),
}

pub(crate) async fn run(arguments: Audit) -> Result<(), BootError> {
    match arguments.command {
        Command::Verify(verify) => verify::run(verify).await,
        Command::Export(export) => export::run(export).await,
    }
}
