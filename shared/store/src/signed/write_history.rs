//! Writing the history of calls (S8). Each call is stored for its user, its device and its identity, so one query reads
//! the history of each of them, newest first. Signed and unsigned calls are stored apart.

use model::{Access, AccessKind, ProjectId};

use crate::dynamodb::key::{self, ItemKey};
use crate::dynamodb::transaction::Transaction;
use crate::error::{Refusal, StoreError, WriteError};
use crate::signed::devices::Devices;

impl Devices {
    /// Writes `access` to the history, and nothing else. The user's history is stored under `user_hash`.
    pub(crate) async fn record(
        &self,
        project: ProjectId,
        user_hash: &str,
        access: &Access,
    ) -> Result<(), WriteError> {
        const STEP: &str = "write access history";
        if let [only] = &*history_keys(project, user_hash, access) {
            // A transaction of one item would cost twice as much. The id of the call is new, so nothing is replaced.
            return Ok(self.table.put(only, access, STEP).await?);
        }
        let mut transaction = Transaction::new(&self.table, STEP);
        write_history(&mut transaction, project, user_hash, access)?;
        transaction.commit().await
    }
}

/// Adds `access` to the histories of its user, device and identity. The user's history is stored under `user_hash`.
pub(crate) fn write_history(
    transaction: &mut Transaction<'_>,
    project: ProjectId,
    user_hash: &str,
    access: &Access,
) -> Result<(), StoreError> {
    for key in history_keys(project, user_hash, access) {
        transaction.create(&key, access, Refusal::Stale)?;
    }
    Ok(())
}

/// The keys of the items that store `access`. An unsigned attach or detach is not stored for the identity that it names:
/// anyone can name any identity (S11).
fn history_keys(project: ProjectId, user_hash: &str, access: &Access) -> Vec<ItemKey> {
    let user = access.user.as_ref().map(|_| ("user", user_hash));
    let device = access.device.as_ref().map(|device| ("device", device.as_str()));
    let has_identity = access.unsigned.is_none() || access.kind == AccessKind::Identify;
    let identity = access.identity.as_ref().filter(|_| has_identity);
    let identity = identity.map(|identity| ("identity", identity.as_str()));
    let key = |(kind, id): (&str, &str)| {
        let [signed, unsigned] = key::histories(project, kind, id);
        let history = if access.unsigned.is_none() { signed } else { unsigned };
        history.item_at(&access.id.to_string())
    };
    [user, device, identity].into_iter().flatten().map(key).collect()
}
