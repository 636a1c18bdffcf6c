//! The table, its consistent reads, and the write of one item.

use std::collections::{HashMap, HashSet};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::delete_item::DeleteItemError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes, ReturnValue};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::dynamodb::key::ItemKey;
use crate::error::StoreError;

pub(crate) type Item = HashMap<String, AttributeValue>;

/// The one table of a deployment.
#[derive(Clone)]
pub struct Table {
    pub(crate) client: Client,
    pub(crate) name: String,
}

/// The condition of a write that must not replace an item.
pub(crate) const NOT_EXISTS: &str = "attribute_not_exists(pk)";

/// The result of a delete.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Deletion {
    /// The item was deleted.
    Deleted,
    /// The item did not exist.
    Absent,
    /// The item is another one than expected, and stays.
    Changed,
}

/// How often a batch read is sent while DynamoDB leaves keys unprocessed.
const BATCH_ATTEMPTS: usize = 4;

impl Table {
    /// The table called `name`, accessed with `client`.
    #[must_use]
    pub fn new(client: Client, name: impl Into<String>) -> Self {
        Self { client, name: name.into() }
    }

    /// The name of the table.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The client.
    #[must_use]
    pub const fn client(&self) -> &Client {
        &self.client
    }

    /// Reads one item. The read is consistent.
    pub(crate) async fn read<T: DeserializeOwned>(
        &self,
        key: &ItemKey,
        step: &'static str,
    ) -> Result<Option<T>, StoreError> {
        let request = self.client.get_item().table_name(&self.name).consistent_read(true);
        let output =
            request.set_key(Some(key.attributes())).send().await.map_err(StoreError::failed(step))?;
        output.item.map(|item| from_item(item, step)).transpose()
    }

    /// Reads several items in one request, in no order. Leaves out items that do not exist. The reads are consistent.
    pub(crate) async fn read_many(
        &self,
        keys: impl IntoIterator<Item = &ItemKey>,
        step: &'static str,
    ) -> Result<Vec<Item>, StoreError> {
        let distinct: HashSet<&ItemKey> = keys.into_iter().collect();
        let mut pending: Vec<Item> = distinct.into_iter().map(ItemKey::attributes).collect();
        let mut found = Vec::with_capacity(pending.len());
        for _ in 0..BATCH_ATTEMPTS {
            if pending.is_empty() {
                return Ok(found);
            }
            let keys = KeysAndAttributes::builder()
                .set_keys(Some(std::mem::take(&mut pending)))
                .consistent_read(true)
                .build()
                .map_err(StoreError::damaged(step))?;
            let request = self.client.batch_get_item().request_items(&self.name, keys);
            let output = request.send().await.map_err(StoreError::failed(step))?;
            found.extend(output.responses.into_iter().flat_map(HashMap::into_values).flatten());
            let unprocessed = output.unprocessed_keys.into_iter().flat_map(HashMap::into_values);
            pending = unprocessed.flat_map(|keys| keys.keys).collect();
        }
        let source = "DynamoDB left keys unprocessed".into();
        if pending.is_empty() { Ok(found) } else { Err(StoreError::Unavailable { step, source }) }
    }

    /// Reads several items in one request, in the order of `keys`. Leaves out items that do not exist.
    pub(crate) async fn read_in_order<T: DeserializeOwned>(
        &self,
        keys: &[ItemKey],
        step: &'static str,
    ) -> Result<Vec<T>, StoreError> {
        let items = self.read_many_in_order(keys, step).await?;
        items.into_iter().map(|item| from_item(item, step)).collect()
    }

    /// The same without parsing the items.
    pub(crate) async fn read_many_in_order(
        &self,
        keys: &[ItemKey],
        step: &'static str,
    ) -> Result<Vec<Item>, StoreError> {
        let mut items = self.read_many(keys, step).await?;
        items.sort_by_cached_key(|item| {
            let key = ItemKey::of(item);
            keys.iter().position(|wanted| Some(wanted) == key.as_ref())
        });
        Ok(items)
    }

    /// Creates one item. Succeeds as well if the item exists: a repeated call of the SDK finds the item of the first one.
    pub(crate) async fn create(
        &self,
        key: &ItemKey,
        value: &impl Serialize,
        step: &'static str,
    ) -> Result<(), StoreError> {
        let request = self.client.put_item().table_name(&self.name).condition_expression(NOT_EXISTS);
        let created = request.set_item(Some(to_item(key, value, step)?)).send().await;
        match created {
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(PutItemError::is_conditional_check_failed_exception) =>
            {
                Ok(())
            }
            created => created.map(|_| ()).map_err(StoreError::failed(step)),
        }
    }

    /// Reads one page of all items of the table, after the key `after`. Returns the items and the key to go on after. The
    /// reads are consistent. Only the operator may scan.
    pub(crate) async fn scan_page(
        &self,
        after: Option<Item>,
        step: &'static str,
    ) -> Result<(Vec<Item>, Option<Item>), StoreError> {
        let request = self.client.scan().table_name(&self.name).consistent_read(true);
        let output = request.set_exclusive_start_key(after).send().await.map_err(StoreError::failed(step))?;
        Ok((output.items.unwrap_or_default(), output.last_evaluated_key))
    }

    /// Creates or replaces one item.
    pub(crate) async fn put(
        &self,
        key: &ItemKey,
        value: &impl Serialize,
        step: &'static str,
    ) -> Result<(), StoreError> {
        self.put_item(to_item(key, value, step)?, step).await
    }

    /// Creates or replaces one item, which has its key.
    pub(crate) async fn put_item(&self, item: Item, step: &'static str) -> Result<(), StoreError> {
        let put = self.client.put_item().table_name(&self.name).set_item(Some(item));
        put.send().await.map(|_| ()).map_err(StoreError::failed(step))
    }

    /// Deletes one item if it exists. If `expected` has a name and a value, only if that attribute of the item has that value.
    pub(crate) async fn delete(
        &self,
        key: &ItemKey,
        expected: Option<(&str, AttributeValue)>,
        step: &'static str,
    ) -> Result<Deletion, StoreError> {
        let request = self.client.delete_item().table_name(&self.name).set_key(Some(key.attributes()));
        let mut request = request.return_values(ReturnValue::AllOld);
        if let Some((name, value)) = expected {
            request = request
                .condition_expression("attribute_not_exists(pk) OR #name = :value")
                .expression_attribute_names("#name", name)
                .expression_attribute_values(":value", value);
        }
        match request.send().await {
            Ok(output) if output.attributes.is_some() => Ok(Deletion::Deleted),
            Ok(_) => Ok(Deletion::Absent),
            Err(error) => match error.as_service_error() {
                Some(DeleteItemError::ConditionalCheckFailedException(_)) => Ok(Deletion::Changed),
                _ => Err(StoreError::failed(step)(error)),
            },
        }
    }
}

/// Leaves out the client, whose `Debug` shows the id of its access key.
impl std::fmt::Debug for Table {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Table").field("name", &self.name).finish_non_exhaustive()
    }
}

impl ItemKey {
    /// The key as the attributes `pk` and `sk`.
    pub(crate) fn attributes(&self) -> Item {
        let text = |text: &String| AttributeValue::S(text.clone());
        HashMap::from([("pk".to_owned(), text(&self.pk)), ("sk".to_owned(), text(&self.sk))])
    }

    /// The key of an item that was read.
    pub(crate) fn of(item: &Item) -> Option<Self> {
        let text = |name| item.get(name).and_then(|value: &AttributeValue| value.as_s().ok()).cloned();
        Some(Self { pk: text("pk")?, sk: text("sk")? })
    }
}

/// Converts `value` into an item with the key `key`.
pub(crate) fn to_item(key: &ItemKey, value: &impl Serialize, step: &'static str) -> Result<Item, StoreError> {
    let mut item: Item = serde_dynamo::to_item(value).map_err(StoreError::damaged(step))?;
    item.extend(key.attributes());
    Ok(item)
}

/// Parses an item.
pub(crate) fn from_item<T: DeserializeOwned>(item: Item, step: &'static str) -> Result<T, StoreError> {
    serde_dynamo::from_item(item).map_err(StoreError::damaged(step))
}

/// The fields of an item as JSON, without its key.
pub(crate) fn fields(
    item: &Item,
    step: &'static str,
) -> Result<serde_json::Map<String, serde_json::Value>, StoreError> {
    let mut fields: serde_json::Map<_, _> =
        serde_dynamo::from_item(item.clone()).map_err(StoreError::damaged(step))?;
    fields.retain(|name, _| !["pk", "sk"].contains(&name.as_str()));
    Ok(fields)
}

/// A number as an attribute value.
pub(crate) fn number(number: impl ToString) -> AttributeValue {
    AttributeValue::N(number.to_string())
}
