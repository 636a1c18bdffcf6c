//! Identifications, and one-time events: events that a token names and that work once (S6).

use model::{Access, ProjectId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::dynamodb::key::{self, ItemKey};
use crate::dynamodb::transaction::Transaction;
use crate::error::{Refusal, StoreError, WriteError};
use crate::signed::devices::Devices;
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
#[derive(Serialize, Deserialize)]
struct UsedEvent {
    used_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    expires_at: Option<i64>,
}

/// An identification is not for a user, so no history is stored under this.
const NO_USER: &str = "";

impl Devices {
    /// Reads whether `event` was used. Two calls at the same time can both get `false`; then
    /// [`Self::record_identification`] refuses the second one.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn is_event_used(&self, project: ProjectId, event: &str) -> Result<bool, StoreError> {
        let used: Option<UsedEvent> =
            self.table.read(&self.event_key(project, event), "look up event").await?;
        Ok(used.is_some())
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
    ) -> Result<(), WriteError> {
        let Some(event) = event else { return self.record(project, NO_USER, access).await };
        let used = UsedEvent { used_at: access.at, expires_at: event.expires_at };
        let mut transaction = Transaction::new(&self.table, "record identification");
        transaction.create(&self.event_key(project, event.id), &used, Refusal::Replayed)?;
        write_history(&mut transaction, project, NO_USER, access)?;
        transaction.commit().await
    }

    fn event_key(&self, project: ProjectId, event: &str) -> ItemKey {
        let hash = self.keys.hash_key().keyed_hash("window S event", &[&project.to_string(), event]);
        key::event(project, &hash)
    }
}
