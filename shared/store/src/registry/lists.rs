//! Reading lists page by page.

use std::error::Error;

use serde::de::DeserializeOwned;

use crate::dynamodb::cursor::Cursor;
use crate::dynamodb::key::{ItemKey, List};
use crate::dynamodb::page::{Page, PageLimit};
use crate::dynamodb::query::Selection;
use crate::dynamodb::table::{Item, from_item};
use crate::dynamodb::transaction::claim::Claim;
use crate::error::{ListError, StoreError};
use crate::registry::Registry;

impl Registry {
    /// Reads one page of a list. It begins after `cursor`, or else at the start.
    pub(crate) async fn page<T: DeserializeOwned>(
        &self,
        list: &List,
        cursor: Option<&Cursor>,
        limit: PageLimit,
        step: &'static str,
    ) -> Result<Page<T>, ListError> {
        let page = self.item_page(list, cursor, limit, step).await?;
        Ok(page.try_map(|item| from_item(item, step))?)
    }

    /// Reads one page of a list of claims, and then the items whose ids the claims contain. `item_key` makes the key of
    /// an item from the id in its claim.
    pub(crate) async fn page_of_claimed<T: DeserializeOwned, E>(
        &self,
        list: &List,
        cursor: Option<&Cursor>,
        limit: PageLimit,
        item_key: impl Fn(&str) -> Result<ItemKey, E>,
        step: &'static str,
    ) -> Result<Page<T>, ListError>
    where
        E: Into<Box<dyn Error + Send + Sync>>,
    {
        let claims: Page<Claim> = self.page(list, cursor, limit, step).await?;
        let keys = claims
            .items
            .iter()
            .map(|claim| item_key(&claim.id).map_err(StoreError::damaged(step)))
            .collect::<Result<Vec<_>, _>>()?;
        Ok(Page { items: self.table.read_in_order(&keys, step).await?, next: claims.next })
    }

    /// Reads one page of a list without parsing its items.
    pub(crate) async fn item_page(
        &self,
        list: &List,
        cursor: Option<&Cursor>,
        limit: PageLimit,
        step: &'static str,
    ) -> Result<Page<Item>, ListError> {
        let after = cursor.map(|cursor| cursor.position(self.keys.hash_key(), list)).transpose()?;
        let queried = self.table.query_page(list, after, limit, step).await?;
        let next = queried.last.map(|position| Cursor::new(self.keys.hash_key(), list, &position));
        Ok(Page { items: queried.items, next })
    }

    /// Reads one page of the items of a list that are in `selection`, without parsing them. The list must be bound to the
    /// selection ([`List::filtered_by`]).
    pub(crate) async fn selected_page(
        &self,
        list: &List,
        selection: &Selection,
        (cursor, limit): (Option<&Cursor>, PageLimit),
        step: &'static str,
    ) -> Result<Page<Item>, ListError> {
        let after = cursor.map(|cursor| cursor.position(self.keys.hash_key(), list)).transpose()?;
        let queried = self.table.query_selected(list, selection, (after, limit), step).await?;
        let next = queried.last.map(|position| Cursor::new(self.keys.hash_key(), list, &position));
        Ok(Page { items: queried.items, next })
    }

    /// Cuts one page out of `ids`, which are all ids of a list that is not stored. `list` only binds the cursors.
    pub(crate) fn page_of_ids<I: ToString>(
        &self,
        list: &List,
        mut ids: Vec<I>,
        cursor: Option<&Cursor>,
        limit: PageLimit,
    ) -> Result<Page<I>, ListError> {
        ids.sort_by_cached_key(ToString::to_string);
        if let Some(cursor) = cursor {
            let after = cursor.position(self.keys.hash_key(), list)?;
            ids.retain(|id| id.to_string().as_str() > after);
        }
        let has_more = ids.len() > usize::from(limit);
        ids.truncate(limit.into());
        let last = ids.last().filter(|_| has_more);
        let next = last.map(|last| Cursor::new(self.keys.hash_key(), list, &last.to_string()));
        Ok(Page { items: ids, next })
    }
}
