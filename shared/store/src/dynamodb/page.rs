//! Reading a list page by page, with opaque cursors.

use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::AttributeValue;

use crate::dynamodb::key::ItemKey;
use crate::dynamodb::table::{Item, Table};
use crate::error::StoreError;

/// How many items a page holds at most: 1 to 100, 50 unless told.
#[derive(Debug, Clone, Copy)]
pub struct PageLimit(u8);

impl Default for PageLimit {
    fn default() -> Self {
        Self(50)
    }
}

impl PageLimit {
    /// The limit, if it is 1 to 100.
    #[must_use]
    pub fn new(limit: u8) -> Option<Self> {
        (1..=100).contains(&limit).then_some(Self(limit))
    }
}

/// Where the next page begins: a position among the list's sort keys. Opaque to callers, and harmless when made up,
/// for it can only ever point within the list it is used on.
#[derive(Debug, Clone)]
pub struct Cursor(String);

/// A text that is not a cursor of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a cursor of this list")]
pub struct MalformedCursor;

impl std::str::FromStr for Cursor {
    type Err = MalformedCursor;

    fn from_str(text: &str) -> Result<Self, MalformedCursor> {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        let well_formed = (1..=100).contains(&text.len()) && text.bytes().all(fits);
        if well_formed { Ok(Self(text.to_owned())) } else { Err(MalformedCursor) }
    }
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// Some items and where to go on.
#[derive(Debug)]
pub struct Page<T> {
    /// The items, in the list's order.
    pub items: Vec<T>,
    /// Where the next page begins; `None` at the end.
    pub next: Option<Cursor>,
}

impl<T: ToString> Page<T> {
    /// One page of `all`, which are in the order of their texts.
    #[must_use]
    pub fn of(all: Vec<T>, from: Option<&Cursor>, limit: PageLimit) -> Self {
        let is_after = |item: &T| from.is_none_or(|Cursor(last)| item.to_string() > *last);
        let mut items: Vec<T> = all.into_iter().filter(is_after).collect();
        let more = items.len() > usize::from(limit.0);
        items.truncate(usize::from(limit.0));
        let next = items.last().filter(|_| more).map(|last| Cursor(last.to_string()));
        Self { items, next }
    }
}

impl<T> Page<T> {
    /// The same page of what `change` makes of each item.
    ///
    /// # Errors
    /// The first one of `change`.
    pub(crate) fn try_map<U, E>(self, change: impl FnMut(T) -> Result<U, E>) -> Result<Page<U>, E> {
        let items = self.items.into_iter().map(change).collect::<Result<_, E>>()?;
        Ok(Page { items, next: self.next })
    }
}

/// One list: the items of partition `pk` whose `sk` begins with `prefix`.
#[derive(Debug)]
pub(crate) struct List {
    pub(crate) pk: String,
    pub(crate) prefix: String,
    pub(crate) newest_first: bool,
}

impl Table {
    /// One page of `list`.
    pub(crate) async fn page(
        &self,
        list: &List,
        from: Option<&Cursor>,
        limit: PageLimit,
        what: &'static str,
    ) -> Result<Page<Item>, StoreError> {
        let mut query = self.query(list).limit(i32::from(limit.0));
        if let Some(Cursor(sk)) = from {
            let key = ItemKey { pk: list.pk.clone(), sk: format!("{}{sk}", list.prefix) };
            query = query.set_exclusive_start_key(Some(key.attributes()));
        }
        let answer = query.send().await.map_err(StoreError::failed(what))?;
        let last = answer.last_evaluated_key.as_ref().and_then(ItemKey::of);
        let next = last.and_then(|key| key.sk.strip_prefix(&list.prefix).map(|sk| Cursor(sk.to_owned())));
        Ok(Page { items: answer.items.unwrap_or_default(), next })
    }
}

/// Whether to go on reading.
pub(crate) type Walk = std::ops::ControlFlow<()>;

impl Table {
    /// Hands the items of `list` to `each`, a round trip for every megabyte of them, until there are no more or it has
    /// enough.
    pub(crate) async fn walk(
        &self,
        list: &List,
        what: &'static str,
        mut each: impl FnMut(Item) -> Result<Walk, StoreError>,
    ) -> Result<(), StoreError> {
        let mut from = None;
        loop {
            let query = self.query(list).set_exclusive_start_key(from);
            let answer = query.send().await.map_err(StoreError::failed(what))?;
            for item in answer.items.unwrap_or_default() {
                if each(item)?.is_break() {
                    return Ok(());
                }
            }
            from = answer.last_evaluated_key;
            if from.is_none() {
                return Ok(());
            }
        }
    }

    fn query(&self, list: &List) -> QueryFluentBuilder {
        let begins = if list.prefix.is_empty() { "pk = :pk" } else { "pk = :pk AND begins_with(sk, :sk)" };
        let query = self
            .client
            .query()
            .table_name(&self.name)
            .consistent_read(true)
            .key_condition_expression(begins)
            .expression_attribute_values(":pk", AttributeValue::S(list.pk.clone()))
            .scan_index_forward(!list.newest_first);
        if list.prefix.is_empty() {
            return query;
        }
        query.expression_attribute_values(":sk", AttributeValue::S(list.prefix.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_reads_back_and_nothing_else_does() {
        let cursor = Cursor("account-1".to_owned()).to_string();
        assert_eq!(cursor.parse::<Cursor>().unwrap().0, "account-1");
        for bad in ["", "?", "a#b", "a b", "ä", &"a".repeat(101)] {
            assert!(bad.parse::<Cursor>().is_err(), "{bad:?}");
        }
    }
}
