//! `tokenbooth rotate-data-key` (A10).

use std::time::Duration;

use api::{BootError, LogFormat, Start};
use clap::Args;
use model::{Moment, Timestamp};
use store::{Rotation, RotationStep};

use crate::commands::connection::Connection;

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  Replace the data key of a stack:
    tokenbooth rotate-data-key --table TABLE --kms-key-id KEY --deployment NAME
  Replace the data key of a running booth, in a second terminal:
    (set -a; . .tokenbooth/function.env; tokenbooth rotate-data-key)

It takes some minutes, while the deployment works as always. Run it again if it was interrupted: it continues.")]
pub(crate) struct RotateDataKey {
    #[command(flatten)]
    connection: Connection,
    /// The deployment's name, for which KMS encrypts a new data key: the stack's output DeploymentName
    #[arg(long, value_name = "NAME", env = "TOKENBOOTH_DEPLOYMENT")]
    deployment: Option<String>,
    /// The name of the table that this is a copy of, if its data key was never rotated
    #[arg(long, value_name = "NAME")]
    original_table: Option<String>,
    /// Give --deployment as its name to a deployment that has none yet; with a wrong name no function starts
    #[arg(long)]
    give_name: bool,
    /// Remove a new data key that does not encrypt yet
    #[arg(long)]
    cancel: bool,
}

async fn open(arguments: &RotateDataKey) -> Result<Start, BootError> {
    let (name, original_table) = (arguments.deployment.as_deref(), arguments.original_table.as_deref());
    arguments.connection.open(name, original_table).await
}

pub(crate) async fn run(arguments: RotateDataKey) -> Result<(), BootError> {
    api::log_to_stderr(LogFormat::Text);
    let start = open(&arguments).await?;
    let mut rotation = Rotation::new(&start.table, &start.data_key);
    if arguments.give_name {
        rotation = rotation.naming();
    }
    if arguments.cancel {
        let removed = rotation.cancel().await?;
        println!(
            "{}",
            if removed { "removed the new data key" } else { "no new data key to remove; nothing changed" }
        );
        return Ok(());
    }
    loop {
        let step = rotation.advance(start.clock.now()).await?;
        println!("{}", describe(&step));
        match step {
            RotationStep::Finished => return Ok(()),
            RotationStep::Wait { until } => wait(&start, until).await,
            _ => {}
        }
    }
}

async fn wait(start: &Start, until: Timestamp) {
    let left = until.duration_since(start.clock.now());
    tokio::time::sleep(Duration::try_from(left).unwrap_or_default()).await;
}

fn describe(step: &RotationStep) -> String {
    match step {
        RotationStep::Added => {
            "added a new data key, which does not encrypt yet. If functions do not start, stop this and run it with --cancel"
                .to_owned()
        }
        RotationStep::Wait { until } => {
            format!("waits until {}: by then every function has read the change", Moment::from(*until))
        }
        RotationStep::Switched => "the new data key encrypts now".to_owned(),
        RotationStep::Resealed { items, changed } => {
            format!("encrypted {items} items again; {changed} changed at the same time and follow")
        }
        RotationStep::Finished => "removed the old data key: it encrypts no value any more".to_owned(),
    }
}
