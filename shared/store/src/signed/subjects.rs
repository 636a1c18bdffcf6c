//! The list of the users, devices and identities of a project (S12). An erasure begins with this list. So an entry is
//! written before the items that it points to, or in the same transaction, and does not expire before them.
//!
//! - A user's entry is written with each new device, and when `updated_at` of a device changes. So the users of earlier
//!   versions are listed when they next attach a device. The entry expires if only unsigned calls named the user.
//! - An identification names no user. So its identity and its device have entries, which expire after their history. The
//!   devices and identities of other calls are named in the user's history.

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::AttributeValue;
use futures_util::future::try_join_all;
use model::{Access, ProjectId, Timestamp, UserId};
use serde::{Deserialize, Serialize};

use crate::dynamodb::key::{self, ItemKey};
use crate::dynamodb::table::{Table, number};
use crate::dynamodb::transaction::Transaction;
use crate::error::StoreError;
use crate::signed::devices::Devices;

/// A list entry: a user, a device or an identity of a project.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// The id, as callers send it.
    pub id: String,
    /// When the entry was first written.
    pub created_at: Timestamp,
    /// When the entry was last written.
    pub updated_at: Timestamp,
    /// When the entry expires, in Unix seconds. Everything that it points to expires before. `None` if it does not expire.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<i64>,
}

/// A list entry that a call needs.
#[derive(Debug, Clone)]
pub(crate) struct NeededEntry {
    pub(crate) key: ItemKey,
    id: String,
}

/// An entry is written with an end this many seconds later than needed. So an entry that is used all the time is written
/// once a week.
const MARGIN_SECONDS: i64 = 7 * 86_400;

/// Creates an entry, or sets a later end. The condition prevents an earlier end.
const WITH_END: &str =
    "SET id = :id, created_at = if_not_exists(created_at, :now), updated_at = :now, expires_at = :end";
const ENDS_EARLIER: &str = "attribute_not_exists(pk) OR expires_at < :end";

impl Subject {
    /// Whether the entry exists at least until `second`, in Unix seconds.
    #[must_use]
    pub fn exists_until(&self, second: i64) -> bool {
        self.expires_at.is_none_or(|end| second <= end)
    }
}

impl Devices {
    /// The key of the list entry of a user.
    pub(crate) fn user_entry(&self, project: ProjectId, user: &UserId) -> NeededEntry {
        let hash = self.hash(project, user.as_str());
        NeededEntry { key: key::subject(project, "user", &hash), id: user.as_str().to_owned() }
    }

    /// Adds a user to the list of the project's users, without an end.
    pub(crate) fn list_user_without_end(
        &self,
        transaction: &mut Transaction<'_>,
        project: ProjectId,
        user: &UserId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let entry = self.user_entry(project, user);
        transaction.list_without_end(&entry.key, &entry.id, now)
    }

    /// The list entries of the identity and the device of an identification.
    pub(crate) fn entries_of_identification(&self, project: ProjectId, access: &Access) -> Vec<NeededEntry> {
        let device = access.device.as_ref().map(|device| ("device", device.as_str()));
        let identity = access.identity.as_ref().map(|identity| ("identity", identity.as_str()));
        let entry = |(kind, id): (&'static str, &str)| {
            let hash = self.keys.hash_key().keyed_hash("window S subject", &[&project.to_string(), kind, id]);
            NeededEntry { key: key::subject(project, kind, &hash), id: id.to_owned() }
        };
        [device, identity].into_iter().flatten().map(entry).collect()
    }

    /// Makes each entry exist until `end` at least, in Unix seconds. Returns the time until which they exist now.
    pub(crate) async fn list_until(
        &self,
        entries: &[NeededEntry],
        end: i64,
        now: Timestamp,
    ) -> Result<i64, StoreError> {
        let with_margin = end.saturating_add(MARGIN_SECONDS);
        try_join_all(entries.iter().map(|entry| self.table.list_until(entry, with_margin, now))).await?;
        Ok(with_margin)
    }
}

impl Table {
    async fn list_until(&self, entry: &NeededEntry, end: i64, now: Timestamp) -> Result<(), StoreError> {
        let request = self
            .client
            .update_item()
            .table_name(&self.name)
            .set_key(Some(entry.key.attributes()))
            .update_expression(WITH_END)
            .condition_expression(ENDS_EARLIER)
            .expression_attribute_values(":id", AttributeValue::S(entry.id.clone()))
            .expression_attribute_values(":now", AttributeValue::S(now.to_string()))
            .expression_attribute_values(":end", number(end));
        match request.send().await {
            Err(error) if !is_listed_longer(&error) => Err(StoreError::failed("list subject")(error)),
            _ => Ok(()),
        }
    }
}

/// Whether the condition failed: the entry has a later end, or none.
fn is_listed_longer<R>(error: &SdkError<UpdateItemError, R>) -> bool {
    matches!(error.as_service_error(), Some(UpdateItemError::ConditionalCheckFailedException(_)))
}
