//! `tokenbooth audit export`.

use std::io::Write;
use std::path::PathBuf;

use api::BootError;
use clap::Args;
use model::{EntityId, Timestamp};
use store::{AuditReader, TimeRange};

use crate::commands::connection::open_table;
use crate::private_file::PendingFile;

/// After how many records a line about the progress is printed.
const PROGRESS: u64 = 10_000;

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  Write the records of November to a file:
    tokenbooth audit export --table TABLE --entity customer-… --from 2026-11-01T00:00:00Z \\
      --to 2026-12-01T00:00:00Z --output november.jsonl
  Check it later, without the table:
    tokenbooth audit verify --file november.jsonl")]
pub(super) struct Export {
    /// The table: the stack's output TableName
    #[arg(long, value_name = "NAME", env = "TOKENBOOTH_TABLE")]
    table: String,
    /// The entity; everything below it is exported as well
    #[arg(long, value_name = "ID")]
    entity: EntityId,
    /// The time of the first record, such as 2026-11-26T00:00:00Z
    #[arg(long, value_name = "TIME")]
    from: Option<Timestamp>,
    /// The time before which the last record was written
    #[arg(long, value_name = "TIME")]
    to: Option<Timestamp>,
    /// Write to this file, which only you can read, and not to the screen
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

pub(super) async fn run(arguments: Export) -> Result<(), BootError> {
    let Export { table, entity, from, to, output } = arguments;
    if from.zip(to).is_some_and(|(from, to)| from >= to) {
        return Err("--to must be later than --from".into());
    }
    let mut file = output.as_deref().map(PendingFile::open).transpose()?;
    let reader = AuditReader::new(open_table(&table).await?);
    let (mut count, mut written) = (0, Ok(()));
    let mut line = String::new();
    reader
        .for_each(entity, TimeRange { from, to }, |record| {
            line.clear();
            line.push_str(&serde_json::Value::Object(record.fields).to_string());
            line.push('\n');
            if written.is_ok() {
                written = match &mut file {
                    Some(file) => file.append(&line),
                    None => std::io::stdout().write_all(line.as_bytes()),
                };
            }
            count += 1;
            if count % PROGRESS == 0 {
                eprintln!("exported {count} records");
            }
        })
        .await?;
    written?;
    if let Some(file) = file {
        file.finish()?;
    }
    eprintln!("exported {count} records of {entity}");
    Ok(())
}
