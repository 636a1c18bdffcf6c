//! Queries: the items of a list, page by page or all of them.

use std::ops::ControlFlow;

use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::AttributeValue;

use crate::dynamodb::key::{ItemKey, List};
use crate::dynamodb::page::PageLimit;
use crate::dynamodb::table::{Item, Table};
use crate::error::StoreError;

/// Which items of a list a query returns.
#[derive(Debug, Default)]
pub(crate) struct Selection {
    /// The bounds of the sort key, both inclusive. Only for lists without a prefix.
    pub(crate) between: Option<(String, String)>,
    /// The conditions that an item must fulfil.
    pub(crate) filter: Option<Filter>,
}

/// Conditions of a filter expression, which must all be fulfilled, with their names and values.
#[derive(Debug, Default)]
pub(crate) struct Filter {
    pub(crate) conditions: Vec<&'static str>,
    pub(crate) names: Vec<(&'static str, &'static str)>,
    pub(crate) values: Vec<(&'static str, AttributeValue)>,
}

/// How many items a query with a filter reads at most for one page.
const FILTERED_ITEMS: i32 = 500;

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

    /// Reads the items of one page of `list` that are in `selection`. The page begins after the position `after`. It has
    /// at most `limit` items, and fewer if a filter leaves out the others that were read.
    pub(crate) async fn query_selected(
        &self,
        list: &List,
        selection: &Selection,
        (after, limit): (Option<&str>, PageLimit),
        step: &'static str,
    ) -> Result<QueriedPage, StoreError> {
        let start = after.map(|position| list.item_at(position).attributes());
        let query = self.query_between(list, selection.between.as_ref()).set_exclusive_start_key(start);
        let query = match &selection.filter {
            None => query.limit(limit.into()),
            Some(filter) => filter.add_to(query).limit(FILTERED_ITEMS),
        };
        let output = query.send().await.map_err(StoreError::failed(step))?;
        let mut items = output.items.unwrap_or_default();
        let mut last_key = output.last_evaluated_key.as_ref().and_then(ItemKey::of);
        if items.len() > usize::from(limit) {
            items.truncate(limit.into());
            last_key = items.last().and_then(ItemKey::of);
        }
        let last = last_key.and_then(|key| key.sk.strip_prefix(&list.prefix).map(str::to_owned));
        Ok(QueriedPage { items, last })
    }

    /// Calls `visit` with each item of `list` until it returns `Break`. Reads a megabyte per request.
    pub(crate) async fn for_each(
        &self,
        list: &List,
        step: &'static str,
        visit: impl FnMut(Item) -> Result<ControlFlow<()>, StoreError>,
    ) -> Result<(), StoreError> {
        self.for_each_between(list, None, step, visit).await
    }

    /// The same for the items whose sort keys are between two bounds, both inclusive. The list must have no prefix.
    pub(crate) async fn for_each_between(
        &self,
        list: &List,
        between: Option<&(String, String)>,
        step: &'static str,
        mut visit: impl FnMut(Item) -> Result<ControlFlow<()>, StoreError>,
    ) -> Result<(), StoreError> {
        let mut start = None;
        loop {
            let query = self.query_between(list, between).set_exclusive_start_key(start);
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

    fn query_between(&self, list: &List, between: Option<&(String, String)>) -> QueryFluentBuilder {
        let query = self.query(list);
        let Some((from, to)) = between else { return query };
        query
            .key_condition_expression("pk = :pk AND sk BETWEEN :from AND :to")
            .expression_attribute_values(":from", AttributeValue::S(from.clone()))
            .expression_attribute_values(":to", AttributeValue::S(to.clone()))
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

impl Filter {
    /// Adds a condition with its placeholder, the attribute that this stands for, and the text that it compares.
    pub(crate) fn add(
        &mut self,
        (condition, placeholder, attribute): (&'static str, &'static str, &'static str),
        (name, text): (&'static str, &str),
    ) {
        self.conditions.push(condition);
        self.names.push((placeholder, attribute));
        self.values.push((name, AttributeValue::S(text.to_owned())));
    }

    fn add_to(&self, query: QueryFluentBuilder) -> QueryFluentBuilder {
        let query = query.filter_expression(self.conditions.join(" AND "));
        let query = self
            .names
            .iter()
            .fold(query, |query, &(placeholder, name)| query.expression_attribute_names(placeholder, name));
        self.values
            .iter()
            .fold(query, |query, (name, value)| query.expression_attribute_values(*name, value.clone()))
    }
}
