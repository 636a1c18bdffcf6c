//! Verifies an exported file, without the table.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::Path;

use api::BootError;
use model::{ChainCheck, ChainHead, ChainSummary, EntityId, UnchainedCheck};
use serde_json::{Map, Value};

use crate::commands::audit::verification::AuditFault;

/// The result for each entity in the file, and for the file if it has a record that was added to no chain.
pub(super) type Results = BTreeMap<String, Result<ChainSummary, AuditFault>>;

/// Reads an export, and checks the part of each entity's chain that is in it. With an entity, checks only its chain, and that
/// it has the record `logged`.
pub(super) fn verify(
    path: &Path,
    entity: Option<EntityId>,
    logged: Option<ChainHead>,
) -> Result<Results, BootError> {
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
    if let Some(entity) = entity.map(|entity| entity.to_string()) {
        checks.retain(|name, _| *name == entity);
        checks.entry(entity).or_default();
    }
    let check = |(entity, check): (String, ChainCheck)| {
        let missing = logged.clone().filter(|logged| !check.contains(logged));
        let result = check.part().map_err(AuditFault::Chain);
        (entity, result.and_then(|summary| missing.map_or(Ok(summary), |it| Err(AuditFault::NotInChain(it)))))
    };
    let mut results: Results = checks.into_iter().map(check).collect();
    if let Some(fault) = unchained.fault() {
        results.insert(shown.to_string(), Err(fault.into()));
    }
    Ok(results)
}
