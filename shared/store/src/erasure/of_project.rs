//! Erases a deleted project: its users, devices, identities, refused calls for users, events and counters.

use futures_util::FutureExt as _;
use futures_util::future::try_join_all;
use model::ProjectId;

use crate::dynamodb::key::{self, ItemKey, SHARDS};
use crate::dynamodb::table::{Item, from_item};
use crate::erasure::pass::{Pass, STEP, Stopped, attribute};
use crate::error::StoreError;
use crate::signed::Subject;

/// How many users, devices or identities are erased at once.
const AT_ONCE: usize = 4;

impl Pass<'_> {
    pub(super) async fn project(&self, project: ProjectId) -> Result<(), Stopped> {
        for shard in SHARDS {
            self.subjects(project, shard).await?;
        }
        for shard in SHARDS {
            self.delete_list(&key::events(project, shard)).await?;
        }
        self.refusals(&key::refusals(project)).await?;
        self.delete_list(&key::metered_months(project)).await
    }

    async fn subjects(&self, project: ProjectId, shard: char) -> Result<(), Stopped> {
        let list = key::subjects(project, shard);
        let mut after = None;
        loop {
            let (entries, next) = self.page(&list, after.as_deref()).await?;
            for part in entries.chunks(AT_ONCE) {
                try_join_all(part.iter().map(|entry| self.subject(project, entry))).await?;
            }
            if next.is_none() {
                return Ok(());
            }
            after = next;
        }
    }

    /// Deletes what a list entry points to, and then the entry, unless a call has written to it in the meantime.
    async fn subject(&self, project: ProjectId, entry: &Item) -> Result<(), Stopped> {
        let damaged = |reason: &str| StoreError::damaged(STEP)(reason.to_owned());
        let entry_key = ItemKey::of(entry).ok_or_else(|| damaged("an entry without a key"))?;
        let (kind, hash) = entry_key.sk.split_once('#').ok_or_else(|| damaged("an entry without a kind"))?;
        if kind == "user" {
            self.data_of_user(project, hash).boxed().await?;
        } else {
            let subject: Subject = from_item(entry.clone(), STEP)?;
            for history in key::histories(project, kind, &subject.id) {
                self.delete_list(&history).await?;
            }
        }
        self.delete_unchanged(&entry_key, ("updated_at", attribute(entry, "updated_at")?)).await?;
        Ok(())
    }
}
