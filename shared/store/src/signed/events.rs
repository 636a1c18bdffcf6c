//! Identifications, and one-time events: events that a token names and that work once (S6).

use model::{Access, ProjectId, Timestamp};
use serde::Serialize;

use crate::dynamodb::key::{self, ItemKey};
use crate::dynamodb::table::from_item;
use crate::dynamodb::transaction::Transaction;
use crate::error::{Refusal, StoreError, WriteError};
use crate::signed::devices::Devices;
use crate::signed::subjects::{NeededEntry, Subject};
use crate::signed::write_history::write_history;

/// An event that works once.
#[derive(Debug, Clone, Copy)]
pub struct OneTimeEvent<'a> {
    /// The id of the event.
    pub id: &'a str,
    /// When the token for the event expires, in Unix seconds. After that TTL deletes the record of its use.
    pub expires_at: Option<i64>,
}

/// The record that an event was used.
#[derive(Serialize)]
struct UsedEvent {
    used_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<i64>,
}

/// What is stored before an identification.
#[derive(Debug)]
pub struct BeforeIdentification {
    /// Whether the event was used. Two calls at the same time can both get `false`; then
    /// [`Devices::record_identification`] refuses the second one.
    pub is_event_used: bool,
    /// The list entries that the identification needs and that do not exist long enough.
    missing_entries: Vec<NeededEntry>,
}

/// An identification is not for a user, so no history is stored under this.
const NO_USER: &str = "";

impl Devices {
    /// Reads what [`Self::record_identification`] needs to know, in one request.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn before_identification(
        &self,
        project: ProjectId,
        event: Option<OneTimeEvent<'_>>,
        access: &Access,
    ) -> Result<BeforeIdentification, StoreError> {
        const STEP: &str = "read before identification";
        let events = event.map(|event| self.event_keys(project, event)).into_iter().flatten();
        let events: Vec<ItemKey> = events.collect();
        let mut missing_entries = self.entries_of_identification(project, access);
        let entries = missing_entries.iter().map(|entry| &entry.key);
        let mut is_event_used = false;
        for item in self.table.read_many(events.iter().chain(entries), STEP).await? {
            let Some(key) = ItemKey::of(&item) else { continue };
            if events.contains(&key) {
                is_event_used = true;
            } else if from_item::<Subject>(item, STEP)?.exists_until(access.expires_at) {
                missing_entries.retain(|entry| entry.key != key);
            }
        }
        Ok(BeforeIdentification { is_event_used, missing_entries })
    }

    /// Writes an identification, `access`, to the history. If the call is for an event, marks the event as used.
    ///
    /// # Errors
    /// [`Refusal::Replayed`] if the event was used before, or [`StoreError`].
    pub async fn record_identification(
        &self,
        project: ProjectId,
        event: Option<OneTimeEvent<'_>>,
        access: &Access,
        before: &BeforeIdentification,
    ) -> Result<(), WriteError> {
        self.list_until(&before.missing_entries, access.expires_at, access.at).await?;
        let Some(event) = event else { return self.record(project, NO_USER, access).await };
        let used = UsedEvent { used_at: access.at, expires_at: event.expires_at };
        let [event_key, _] = self.event_keys(project, event);
        let mut transaction = Transaction::new(&self.table, "record identification");
        transaction.create(&event_key, &used, Refusal::Replayed)?;
        write_history(&mut transaction, project, NO_USER, access)?;
        transaction.commit().await
    }

    /// Where the use of an event is stored: now, and in earlier versions.
    fn event_keys(&self, project: ProjectId, event: OneTimeEvent<'_>) -> [ItemKey; 2] {
        let hash = self.keys.hash_key().keyed_hash("window S event", &[&project.to_string(), event.id]);
        [key::event(project, &hash), key::event_of_earlier_versions(project, &hash)]
    }
}
