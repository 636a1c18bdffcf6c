//! Notices: refused calls and other events that end (A13).

use model::{EntityId, Notice, Timestamp};

use crate::dynamodb::cursor::Cursor;
use crate::dynamodb::key;
use crate::dynamodb::page::{Page, PageLimit};
use crate::dynamodb::query::Selection;
use crate::dynamodb::table::from_item;
use crate::error::{ListError, StoreError};
use crate::registry::Registry;
use crate::registry::audit_log::{TimeRange, is_expired};

impl Registry {
    /// Stores a notice. A repeated call succeeds and changes nothing.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn write_notice(&self, notice: &Notice) -> Result<(), StoreError> {
        self.table.create(&key::notice(notice.entity_id, notice.id), notice, "write notice").await
    }

    /// Reads one page of the notices of `entity` and of that time, newest first. A page may hold fewer notices than
    /// `limit`, because expired ones are left out.
    ///
    /// # Errors
    /// [`ListError`].
    pub async fn notices(
        &self,
        entity: EntityId,
        times: TimeRange,
        (cursor, limit): (Option<&Cursor>, PageLimit),
        now: Timestamp,
    ) -> Result<Page<Notice>, ListError> {
        const STEP: &str = "list notices";
        let list = key::notices(entity).filtered_by(times.to_string());
        let selection = Selection { between: times.sort_keys(), ..Selection::default() };
        let mut page = self.selected_page(&list, &selection, (cursor, limit), STEP).await?;
        page.items.retain(|item| !is_expired(item, now));
        Ok(page.try_map(|item| from_item(item, STEP))?)
    }
}
