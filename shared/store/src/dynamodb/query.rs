//! Queries: the items of a list, page by page or all of them.

use std::ops::ControlFlow;

use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::AttributeValue;

use crate::dynamodb::key::{ItemKey, List};
use crate::dynamodb::page::PageLimit;
use crate::dynamodb::table::{Item, Table};
use crate::error::StoreError;

/// The result of a query for one page.
#[derive(Debug)]
pub(crate) struct QueriedPage {
    pub(crate) items: Vec<Item>,
    /// The position of the last item if there may be more: its sort key without the prefix of the list.
    pub(crate) last: Option<String>,
}

impl Table {
    /// Reads one page of `list`, which begins after the position `after`.
    pub(crate) async fn query_page(
        &self,
        list: &List,
        after: Option<&str>,
        limit: PageLimit,
        step: &'static str,
    ) -> Result<QueriedPage, StoreError> {
        let start = after.map(|position| list.item_at(position).attributes());
        let query = self.query(list).limit(limit.into()).set_exclusive_start_key(start);
        let output = query.send().await.map_err(StoreError::failed(step))?;
        let last_key = output.last_evaluated_key.as_ref().and_then(ItemKey::of);
        let last = last_key.and_then(|key| key.sk.strip_prefix(&list.prefix).map(str::to_owned));
        Ok(QueriedPage { items: output.items.unwrap_or_default(), last })
    }

    /// Calls `visit` with each item of `list` until it returns `Break`. Reads a megabyte per request.
    pub(crate) async fn for_each(
        &self,
        list: &List,
        step: &'static str,
        mut visit: impl FnMut(Item) -> Result<ControlFlow<()>, StoreError>,
    ) -> Result<(), StoreError> {
        let mut start = None;
        loop {
            let query = self.query(list).set_exclusive_start_key(start);
            let output = query.send().await.map_err(StoreError::failed(step))?;
            for item in output.items.unwrap_or_default() {
                if visit(item)?.is_break() {
                    return Ok(());
                }
            }
            start = output.last_evaluated_key;
            if start.is_none() {
                return Ok(());
            }
        }
    }

    fn query(&self, list: &List) -> QueryFluentBuilder {
        let query = self
            .client
            .query()
            .table_name(&self.name)
            .consistent_read(true)
            .expression_attribute_values(":pk", AttributeValue::S(list.pk.clone()))
            .scan_index_forward(!list.newest_first);
        if list.prefix.is_empty() {
            return query.key_condition_expression("pk = :pk");
        }
        query
            .key_condition_expression("pk = :pk AND begins_with(sk, :sk)")
            .expression_attribute_values(":sk", AttributeValue::S(list.prefix.clone()))
    }
}
