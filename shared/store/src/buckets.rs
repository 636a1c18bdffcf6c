//! Rate limits as token buckets.
//!
//! A bucket is one item with one number, `full_at`: when the bucket will be full again. Taking a token moves `full_at`
//! one interval later. This is a conditional write without a read before it:
//!
//! 1. If the bucket does not exist or is full, `full_at` becomes one interval from now.
//! 2. Otherwise the condition fails and returns the item. If the bucket still holds a token, a second write adds one
//!    interval to `full_at`; if it is empty, there is no second write.

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::{ReturnValue, ReturnValuesOnConditionCheckFailure};
use model::{RateLimit, Timestamp};

use crate::dynamodb::key;
use crate::dynamodb::table::{Item, Table, number};
use crate::error::StoreError;

/// The bucket of one caller or resource on one route.
#[derive(Debug, Clone)]
pub struct Bucket {
    /// The route. One API key has one bucket per route.
    pub route: &'static str,
    /// The kind of caller or resource, such as `key` or `project`.
    pub kind: &'static str,
    /// The id of the caller or resource.
    pub id: String,
}

/// The result of taking a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TakeOutcome {
    /// A token was taken.
    Granted {
        /// When the bucket will be full again, in microseconds since 1970.
        full_at: i64,
    },
    /// The bucket is empty.
    Refused {
        /// When the bucket will be full again, in microseconds since 1970.
        full_at: i64,
    },
}

const STEP: &str = "take token from bucket";

impl Table {
    /// Takes a token from `bucket`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn take_token(
        &self,
        bucket: &Bucket,
        limit: RateLimit,
        now: Timestamp,
    ) -> Result<TakeOutcome, StoreError> {
        let next_full_at = now.as_microsecond() + limit.interval_micros();
        let request = self
            .bucket_update(bucket, limit, now)
            .update_expression("SET full_at = :next, expires_at = :end")
            .condition_expression("attribute_not_exists(pk) OR full_at <= :now")
            .expression_attribute_values(":next", number(next_full_at))
            .expression_attribute_values(":now", number(now.as_microsecond()));
        let stored = match request.send().await {
            Ok(_) => return Ok(TakeOutcome::Granted { full_at: next_full_at }),
            Err(error) => item_of_failed_condition(error)?,
        };
        match stored.as_ref().and_then(full_at) {
            Some(full_at) if full_at > limit.latest_full_at(now) => Ok(TakeOutcome::Refused { full_at }),
            _ => self.take_from_used_bucket(bucket, limit, now).await,
        }
    }

    /// Takes a token from a bucket that exists and is not full.
    async fn take_from_used_bucket(
        &self,
        bucket: &Bucket,
        limit: RateLimit,
        now: Timestamp,
    ) -> Result<TakeOutcome, StoreError> {
        let request = self
            .bucket_update(bucket, limit, now)
            .update_expression("SET full_at = full_at + :interval, expires_at = :end")
            .condition_expression("full_at <= :latest")
            .expression_attribute_values(":interval", number(limit.interval_micros()))
            .expression_attribute_values(":latest", number(limit.latest_full_at(now)))
            .return_values(ReturnValue::UpdatedNew);
        match request.send().await {
            Ok(output) => {
                let stored = output.attributes.as_ref().and_then(full_at);
                let full_at = stored.ok_or_else(|| StoreError::damaged(STEP)("no full_at"))?;
                Ok(TakeOutcome::Granted { full_at })
            }
            Err(error) => {
                let stored = item_of_failed_condition(error)?;
                let earliest = limit.latest_full_at(now) + limit.interval_micros();
                Ok(TakeOutcome::Refused { full_at: stored.as_ref().and_then(full_at).unwrap_or(earliest) })
            }
        }
    }

    /// An update that returns the item if its condition fails. TTL deletes a bucket some time after it is full again.
    fn bucket_update(&self, bucket: &Bucket, limit: RateLimit, now: Timestamp) -> UpdateItemFluentBuilder {
        let end = now.as_second() + 2 * i64::from(limit.seconds()) + 60;
        let key = key::bucket(bucket.route, bucket.kind, &bucket.id, limit);
        self.client
            .update_item()
            .table_name(&self.name)
            .set_key(Some(key.attributes()))
            .expression_attribute_values(":end", number(end))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
    }
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
