//! The users of a project, over the 16 shards of their list (S12).

use model::{ProjectId, Timestamp};

use crate::dynamodb::cursor::Cursor;
use crate::dynamodb::key::{self, ItemKey, List, SHARDS};
use crate::dynamodb::page::{Page, PageLimit};
use crate::dynamodb::table::{Item, from_item};
use crate::error::{ListError, StoreError};
use crate::registry::Registry;
use crate::signed::Subject;

impl Registry {
    /// Reads one page of the users of a project, ordered by the hash of their ids. A page may hold fewer than `limit`, because
    /// expired entries are left out. Reads each shard at most once.
    ///
    /// # Errors
    /// [`ListError`].
    pub async fn users(
        &self,
        project: ProjectId,
        (cursor, limit): (Option<&Cursor>, PageLimit),
        now: Timestamp,
    ) -> Result<Page<Subject>, ListError> {
        const STEP: &str = "list users";
        let all = List::with_prefix(format!("subjects#{project}"), "user#");
        let mut after = cursor.map(|cursor| cursor.position(self.keys.hash_key(), &all)).transpose()?;
        let first = after.map_or('0', key::shard);
        let mut page = Page { items: Vec::new(), next: None };
        for shard in SHARDS.into_iter().filter(|&shard| shard >= first) {
            let Some(left) = limit.less(page.items.len()) else {
                // Another shard may have more users. They come after the last one of this page.
                page.next = page.items.last().and_then(|user| self.cursor_after(&all, user));
                break;
            };
            let list = key::users(project, shard);
            let queried = self.table.query_page(&list, after.take(), left, STEP).await?;
            page.items.extend(queried.items);
            if let Some(position) = queried.last {
                page.next = Some(Cursor::new(self.keys.hash_key(), &all, &position));
                break;
            }
        }
        let mut page: Page<Subject> = page.try_map(|item| from_item(item, STEP))?;
        page.items.retain(|user| user.exists_until(now.as_second()));
        Ok(page)
    }

    /// Whether something is stored for a user: also if all calls for the user were refused. Versions without the list of users
    /// stored signed devices and history only.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn is_user_stored(&self, project: ProjectId, user_hash: &str) -> Result<bool, StoreError> {
        const STEP: &str = "find user";
        let entry: Option<Subject> = self.table.read(&key::subject(project, "user", user_hash), STEP).await?;
        if entry.is_some() {
            return Ok(true);
        }
        let [history, _] = key::histories(project, "user", user_hash);
        let refusals = key::refusals_of_user(project, user_hash);
        for list in [key::attached_devices(project, user_hash), history, refusals] {
            if !self.table.query_page(&list, None, PageLimit::ONE, STEP).await?.items.is_empty() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The cursor of the page that begins after `item`, an entry of the list `all`.
    fn cursor_after(&self, all: &List, item: &Item) -> Option<Cursor> {
        let key = ItemKey::of(item)?;
        Some(Cursor::new(self.keys.hash_key(), all, key.sk.strip_prefix(&all.prefix)?))
    }
}
