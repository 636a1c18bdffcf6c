//! `tokenbooth audit verify`.

use std::path::PathBuf;

use api::BootError;
use clap::Args;
use model::{ChainHead, ChainSummary, EntityId};
use store::AuditReader;

use crate::commands::audit::file;
use crate::commands::audit::verification::Verification;
use crate::commands::connection::open_table;

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  Verify the logs of all customers:
    tokenbooth audit verify --table TABLE
  Verify the log of one entity and everything below it, and that the record of a log line is in it:
    tokenbooth audit verify --table TABLE --entity account-… --logged 7:HASH
  Verify an exported file:
    tokenbooth audit verify --file november.jsonl

It names the first record of each entity that is missing, changed, moved or added, and then exits with code 1.")]
pub(super) struct Verify {
    /// The table: the stack's output TableName
    #[arg(long, value_name = "NAME", env = "TOKENBOOTH_TABLE", required_unless_present = "file")]
    table: Option<String>,
    /// The entity; in a table, everything below it is verified as well [default: all customers, or the whole file]
    #[arg(long, value_name = "ID")]
    entity: Option<EntityId>,
    /// A record that must be in the chain of the entity: audit_sequence and audit_hash of a log line
    #[arg(long, value_name = "SEQUENCE:HASH", value_parser = logged, requires = "entity")]
    logged: Option<ChainHead>,
    /// Verify an exported file, without the table
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
}

/// Counts the entities.
#[derive(Default)]
struct Report {
    intact: usize,
    broken: usize,
    records: u64,
    unchained: u64,
    last_unchained: Option<String>,
}

pub(super) async fn run(arguments: Verify) -> Result<(), BootError> {
    let Verify { table, entity, logged, file } = arguments;
    let mut report = Report::default();
    match (file, table) {
        (Some(file), _) => {
            for (entity, result) in file::verify(&file, entity, logged)? {
                if let Ok(ChainSummary { first, last, hashes: Some((first_hash, last_hash)), .. }) = &result {
                    println!("{entity}: records {first}:{first_hash} to {last}:{last_hash}");
                }
                report.add(&entity, result);
            }
        }
        (None, Some(table)) => {
            let reader = AuditReader::new(open_table(&table).await?);
            let roots = match entity {
                Some(entity) => vec![entity],
                None => reader.customers().await?,
            };
            let mut verification = Verification::new(reader, logged);
            for root in roots {
                verification.verify(root, |entity, result| report.add(&entity.to_string(), result)).await?;
            }
        }
        (None, None) => return Err("name a table or a file".into()),
    }
    report.finish()
}

fn logged(text: &str) -> Result<ChainHead, &'static str> {
    const RULE: &str = "must be a number, a colon and a hash of 64 hexadecimal digits";
    let (sequence, hash) = text.split_once(':').ok_or(RULE)?;
    let is_hash = hash.len() == 64 && hash.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let sequence = sequence.parse().ok().filter(|_| is_hash).ok_or(RULE)?;
    Ok(ChainHead { sequence, hash: hash.to_owned() })
}

impl Report {
    fn add(&mut self, entity: &str, result: Result<ChainSummary, impl std::error::Error>) {
        match result {
            Ok(summary) => {
                self.intact += 1;
                self.records += summary.records;
                self.unchained += summary.unchained;
                self.last_unchained = self.last_unchained.take().max(summary.last_unchained);
            }
            Err(fault) => {
                self.broken += 1;
                println!("{entity}: {fault}");
            }
        }
    }

    fn finish(self) -> Result<(), BootError> {
        println!("{} records in the chains of {} entities are intact", self.records, self.intact);
        if let Some(last) = self.last_unchained {
            println!(
                "{} records are not in a chain. By their own times, which nothing proves, they are older. \
                 The last one is of {last}",
                self.unchained
            );
        }
        match self.broken {
            0 => Ok(()),
            broken => Err(format!("the audit logs of {broken} entities are not intact").into()),
        }
    }
}
