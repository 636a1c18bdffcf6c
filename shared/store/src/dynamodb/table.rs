//! The table itself: reading items.

use std::collections::{HashMap, HashSet};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::dynamodb::key::ItemKey;
use crate::error::StoreError;

pub(crate) type Item = HashMap<String, AttributeValue>;

/// The one table of a deployment.
#[derive(Debug, Clone)]
pub struct Table {
    pub(crate) client: Client,
    pub(crate) name: String,
}

/// How often keys that DynamoDB left unprocessed are asked for again.
const BATCH_ATTEMPTS: usize = 4;

impl Table {
    /// The table of that name, through that client.
    #[must_use]
    pub fn new(client: Client, name: impl Into<String>) -> Self {
        Self { client, name: name.into() }
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// One item, as it is now.
    pub(crate) async fn read<T: DeserializeOwned>(
        &self,
        key: &ItemKey,
        what: &'static str,
    ) -> Result<Option<T>, StoreError> {
        let request = self.client.get_item().table_name(&self.name).consistent_read(true);
        let answer = request.set_key(Some(key.attributes())).send().await;
        let item = answer.map_err(StoreError::failed(what))?.item;
        item.map(|item| from_item(item, what)).transpose()
    }

    /// Several items, as they are now, in one round trip; in no order, the missing ones left out.
    pub(crate) async fn read_many(
        &self,
        keys: impl IntoIterator<Item = &ItemKey>,
        what: &'static str,
    ) -> Result<Vec<Item>, StoreError> {
        let distinct: HashSet<&ItemKey> = keys.into_iter().collect();
        let mut wanted: Vec<Item> = distinct.into_iter().map(ItemKey::attributes).collect();
        let mut found = Vec::with_capacity(wanted.len());
        for _ in 0..BATCH_ATTEMPTS {
            if wanted.is_empty() {
                return Ok(found);
            }
            let keys = KeysAndAttributes::builder()
                .set_keys(Some(std::mem::take(&mut wanted)))
                .consistent_read(true)
                .build()
                .map_err(StoreError::damaged(what))?;
            let answer = self.client.batch_get_item().request_items(&self.name, keys).send().await;
            let mut answer = answer.map_err(StoreError::failed(what))?;
            found.extend(answer.responses.take().into_iter().flat_map(HashMap::into_values).flatten());
            let left = answer.unprocessed_keys.take().into_iter().flat_map(HashMap::into_values);
            wanted = left.flat_map(|left| left.keys).collect();
        }
        let source = "DynamoDB left keys unprocessed".into();
        if wanted.is_empty() { Ok(found) } else { Err(StoreError::Unavailable { what, source }) }
    }
}

impl ItemKey {
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

/// `value` as an item at `key`.
pub(crate) fn to_item(key: &ItemKey, value: &impl Serialize, what: &'static str) -> Result<Item, StoreError> {
    let mut item: Item = serde_dynamo::to_item(value).map_err(StoreError::damaged(what))?;
    item.extend(key.attributes());
    Ok(item)
}

/// What `item` holds.
pub(crate) fn from_item<T: DeserializeOwned>(item: Item, what: &'static str) -> Result<T, StoreError> {
    serde_dynamo::from_item(item).map_err(StoreError::damaged(what))
}
