//! Walks the table and seals again what is not under the new data key.

use crypto::DataKeys;
use model::{ApiKey, Site};

use crate::dynamodb::key::ItemKey;
use crate::dynamodb::table::{Item, Table, from_item};
use crate::dynamodb::transaction::Transaction;
use crate::error::{StoreError, WriteError};
use crate::open_secrets::open_secret;
use crate::registry::secret_digests::SecretOwner;
use crate::sealed_values::SealedItem;

const STEP: &str = "seal again";

/// How many of the items that do not open are named in the error.
const NAMED_ITEMS: usize = 20;

/// The result of a walk through the table.
#[derive(Debug, Default)]
pub(super) struct Walk {
    /// The number of items that were sealed again.
    pub(super) items: usize,
    /// The number of items that somebody else changed at the same time.
    pub(super) changed: usize,
}

/// Seals everything in `table` again that is not under the key that seals.
///
/// # Errors
/// [`StoreError::Damaged`] if a value does not open. Then the old data key must be kept. All other values are sealed.
pub(super) async fn walk(table: &Table, data_keys: &DataKeys) -> Result<Walk, StoreError> {
    let (mut walk, mut unreadable) = (Walk::default(), Vec::new());
    let mut after = None;
    loop {
        let (items, last) = table.scan_page(after, STEP).await?;
        for sealed in items.into_iter().filter_map(SealedItem::of) {
            match reseal(table, data_keys, sealed).await {
                Ok(Done::Nothing) => {}
                Ok(Done::Written) => walk.items += 1,
                Ok(Done::Unreadable(key)) => unreadable.push(key.place()),
                Err(WriteError::Refused(_)) => walk.changed += 1,
                Err(WriteError::Store(error)) => return Err(error),
            }
        }
        after = last;
        if after.is_none() {
            break;
        }
    }
    if unreadable.is_empty() {
        return Ok(walk);
    }
    let count = unreadable.len();
    unreadable.truncate(NAMED_ITEMS);
    let named = unreadable.join(", ");
    let message = format!("{count} items have values that do not open, so the old data key is kept: {named}");
    Err(StoreError::damaged(STEP)(message))
}

enum Done {
    Nothing,
    Written,
    Unreadable(ItemKey),
}

async fn reseal(table: &Table, data_keys: &DataKeys, sealed: SealedItem) -> Result<Done, WriteError> {
    if sealed.values().all(|value| data_keys.is_current(&value.sealed)) {
        return Ok(Done::Nothing);
    }
    let Some(resealed) = sealed.resealed(data_keys).map_err(StoreError::damaged(STEP))? else {
        return Ok(Done::Unreadable(sealed.key));
    };
    let mut transaction = Transaction::new(table, STEP);
    transaction.replace_sealed(&sealed, resealed)?;
    for (digest, owner) in secret_owners(&sealed, data_keys)? {
        transaction.put_secret_digest(&digest, &owner)?;
    }
    transaction.commit().await?;
    Ok(Done::Written)
}

/// The digests of the secrets of an API key or a site. Earlier versions did not store them.
fn secret_owners(
    sealed: &SealedItem,
    data_keys: &DataKeys,
) -> Result<Vec<(String, SecretOwner)>, StoreError> {
    let (pk, sk) = (sealed.key.pk.as_str(), sealed.key.sk.as_str());
    let item: Item = sealed.item.clone();
    if pk.starts_with("key#") {
        let api_key: ApiKey = from_item(item, STEP)?;
        let secret = open_secret(data_keys, &api_key.secret, &sealed.key)?;
        return Ok(vec![(secret.digest(), SecretOwner::api_key(&api_key.client_id))]);
    }
    if pk.starts_with("partner#") && sk.starts_with("site#") {
        let site: Site = from_item(item, STEP)?;
        let owner = SecretOwner::site(site.id);
        return Ok(site.secrets.iter().map(|it| (it.digest.clone(), owner.clone())).collect());
    }
    Ok(Vec::new())
}
