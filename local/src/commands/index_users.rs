//! `tokenbooth index-users` (S12).

use api::{BootError, LogFormat};
use clap::Args;
use model::Timestamp;
use store::Table;

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  After the upgrade of a stack:
    tokenbooth index-users --table TABLE
  On the table of a running booth, in a second terminal:
    (set -a; . .tokenbooth/function.env; tokenbooth index-users)

Reads the whole table once. It can be repeated, and functions may run at the same time. Region and credentials come
from the environment or from a profile, as for the AWS CLI.")]
pub(crate) struct IndexUsers {
    /// The table: the stack's output TableName
    #[arg(long, value_name = "NAME", env = "TOKENBOOTH_TABLE")]
    table: String,
}

pub(crate) async fn run(arguments: IndexUsers) -> Result<(), BootError> {
    api::log_to_stderr(LogFormat::Text);
    let config = api::sdk_config().await;
    let table = Table::new(aws_sdk_dynamodb::Client::new(&config), arguments.table);
    let indexed = table.index_users(Timestamp::now()).await?;
    println!("{} users with devices are listed", indexed.users);
    if indexed.deleted_projects > 0 {
        println!("the erasure of {} deleted projects was requested", indexed.deleted_projects);
    }
    Ok(())
}
