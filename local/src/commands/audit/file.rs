//! Verifies an exported file, without the table.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::Path;

use api::BootError;
use model::{ChainCheck, ChainFault, ChainSummary, UnchainedCheck};
use serde_json::{Map, Value};

/// The result for each entity in the file, and for the file if it has a record that was added to no chain.
pub(super) type Results = BTreeMap<String, Result<ChainSummary, ChainFault>>;

/// Reads an export, and checks the part of each entity's chain that is in it.
pub(super) fn verify(path: &Path) -> Result<Results, BootError> {
    let shown = path.display();
    let file = File::open(path).map_err(|error| format!("cannot read {shown}: {error}"))?;
    let mut checks: BTreeMap<String, ChainCheck> = BTreeMap::new();
    let mut unchained = UnchainedCheck::default();
    for (number, line) in (1..).zip(BufReader::new(file).lines()) {
        let line = line.map_err(|error| format!("cannot read {shown}: {error}"))?;
        let fields: Map<String, Value> =
            serde_json::from_str(&line).map_err(|error| format!("{shown}, line {number}: {error}"))?;
        let text = |name: &str| fields.get(name).and_then(Value::as_str).unwrap_or_default();
        unchained.add(text("id"), &fields);
        let entity = text("entity_id").to_owned();
        checks.entry(entity).or_default().add(&fields);
    }
    let mut results: Results = checks.into_iter().map(|(entity, check)| (entity, check.part())).collect();
    if let Some(fault) = unchained.fault() {
        results.insert(shown.to_string(), Err(fault));
    }
    Ok(results)
}
