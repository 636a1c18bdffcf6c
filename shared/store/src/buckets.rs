//! Rate limits as token buckets.
//!
//! A bucket is one item with one number, `full_at`: when the bucket will be full again. [`model::Lease`] decides what to
//! write to it. A write is conditional, without a read before it. If its condition fails, it returns the item.

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::{ReturnValue, ReturnValuesOnConditionCheckFailure};
use model::{BucketWrite, RateLimit};

use crate::dynamodb::key;
use crate::dynamodb::table::{Item, Table, number};
use crate::error::StoreError;

/// The bucket of one caller or resource on one route.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Bucket {
    /// The route. One API key has one bucket per route.
    pub route: &'static str,
    /// The kind of caller or resource, such as `key` or `project`.
    pub kind: &'static str,
    /// The id of the caller or resource.
    pub id: String,
    /// The limit. Another limit is another bucket.
    pub limit: RateLimit,
}

/// The result of a write to a bucket, with the bucket's `full_at` in microseconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WriteResult {
    /// The write took effect.
    Written {
        /// The new `full_at`.
        full_at: i64,
    },
    /// The condition failed.
    ConditionFailed {
        /// The stored `full_at`. `None` if the bucket does not exist.
        full_at: Option<i64>,
    },
}

const STEP: &str = "take tokens from bucket";

impl Table {
    /// Writes to `bucket`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn write_bucket(&self, bucket: &Bucket, write: BucketWrite) -> Result<WriteResult, StoreError> {
        match self.bucket_update(bucket, write).send().await {
            Ok(output) => {
                let stored = output.attributes.as_ref().and_then(full_at);
                let full_at = stored.ok_or_else(|| StoreError::damaged(STEP)("no full_at"))?;
                Ok(WriteResult::Written { full_at })
            }
            Err(error) => {
                let stored = item_of_failed_condition(error)?;
                let full_at = stored.as_ref().map(|item| full_at(item).ok_or("no full_at")).transpose();
                Ok(WriteResult::ConditionFailed { full_at: full_at.map_err(StoreError::damaged(STEP))? })
            }
        }
    }

    fn bucket_update(&self, bucket: &Bucket, write: BucketWrite) -> UpdateItemFluentBuilder {
        let key = key::bucket(bucket.route, bucket.kind, &bucket.id, bucket.limit);
        let update = self
            .client
            .update_item()
            .table_name(&self.name)
            .set_key(Some(key.attributes()))
            .return_values(ReturnValue::UpdatedNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let (update, now) = match write {
            BucketWrite::Set { full_at, now } => {
                let update = update
                    .update_expression("SET full_at = :full_at, expires_at = :end")
                    .condition_expression("attribute_not_exists(pk) OR full_at <= :now")
                    .expression_attribute_values(":full_at", number(full_at));
                (update, now)
            }
            BucketWrite::Add { micros, now, latest } => {
                let update = update
                    .update_expression("SET full_at = full_at + :micros, expires_at = :end")
                    .condition_expression("full_at BETWEEN :now AND :latest")
                    .expression_attribute_values(":micros", number(micros))
                    .expression_attribute_values(":latest", number(latest));
                (update, now)
            }
        };
        let end = expires_at(now, bucket.limit);
        update
            .expression_attribute_values(":now", number(now))
            .expression_attribute_values(":end", number(end))
    }
}

/// When TTL deletes the bucket, in Unix seconds: some time after it is full again.
fn expires_at(now_micros: i64, limit: RateLimit) -> i64 {
    now_micros / 1_000_000 + 2 * i64::from(limit.seconds()) + 60
}

/// Returns the stored item if `error` is a failed condition, and the error otherwise.
fn item_of_failed_condition<R: std::fmt::Debug + Send + Sync + 'static>(
    error: SdkError<UpdateItemError, R>,
) -> Result<Option<Item>, StoreError> {
    match error.as_service_error() {
        Some(UpdateItemError::ConditionalCheckFailedException(failed)) => Ok(failed.item().cloned()),
        _ => Err(StoreError::failed(STEP)(error)),
    }
}

fn full_at(item: &Item) -> Option<i64> {
    item.get("full_at")?.as_n().ok()?.parse().ok()
}
