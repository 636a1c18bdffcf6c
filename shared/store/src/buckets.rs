//! Rate limits: a token bucket is one item that says when it will be full again.
//!
//! Taking a token is a conditional write and never a read before one. A bucket that is full again by now becomes
//! "full one interval from now"; one that is not is moved on by an interval, if it then still held a token. The first
//! write tells, when its condition fails, how the bucket stands, so an empty one is refused without a second write.

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue, ReturnValuesOnConditionCheckFailure};
use model::{RateLimit, Timestamp};

use crate::dynamodb::key;
use crate::dynamodb::table::{Item, Table};
use crate::error::StoreError;

/// What a limit is kept on.
#[derive(Debug, Clone)]
pub struct Bucket {
    /// The route: a key used on two of them has two buckets.
    pub route: &'static str,
    /// `key`, `provider`, `partner`, `device`, `event`, `project` or `user`.
    pub kind: &'static str,
    /// Which one.
    pub id: String,
}

/// How asking for a token ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TakeOutcome {
    /// There was one.
    Granted {
        /// When the bucket will be full again, in microseconds since 1970.
        full_at: i64,
    },
    /// There was none.
    Refused {
        /// When the bucket will be full again, in microseconds since 1970.
        full_at: i64,
    },
}

const WHAT: &str = "take from bucket";

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
        let first = now.as_microsecond() + limit.interval_micros();
        let write = self
            .bucket_update(bucket, limit, now)
            .update_expression("SET full_at = :first, expires_at = :end");
        let write = write
            .condition_expression("attribute_not_exists(pk) OR full_at <= :now")
            .expression_attribute_values(":first", number(first))
            .expression_attribute_values(":now", number(now.as_microsecond()));
        let stands = match write.send().await {
            Ok(_) => return Ok(TakeOutcome::Granted { full_at: first }),
            Err(error) => condition_failed(error)?,
        };
        match stands.as_ref().and_then(full_at) {
            Some(full_at) if full_at > limit.latest_full_at(now) => Ok(TakeOutcome::Refused { full_at }),
            _ => self.take_another(bucket, limit, now).await,
        }
    }

    /// Takes a token from a bucket that is in use.
    async fn take_another(
        &self,
        bucket: &Bucket,
        limit: RateLimit,
        now: Timestamp,
    ) -> Result<TakeOutcome, StoreError> {
        let write = self
            .bucket_update(bucket, limit, now)
            .update_expression("SET full_at = full_at + :interval, expires_at = :end")
            .condition_expression("full_at <= :latest")
            .expression_attribute_values(":interval", number(limit.interval_micros()))
            .expression_attribute_values(":latest", number(limit.latest_full_at(now)))
            .return_values(ReturnValue::UpdatedNew);
        match write.send().await {
            Ok(written) => {
                let full_at = written.attributes.as_ref().and_then(full_at);
                Ok(TakeOutcome::Granted {
                    full_at: full_at.ok_or_else(|| StoreError::damaged(WHAT)("no full_at"))?,
                })
            }
            Err(error) => {
                let stands = condition_failed(error)?;
                let soonest = limit.latest_full_at(now) + limit.interval_micros();
                Ok(TakeOutcome::Refused { full_at: stands.as_ref().and_then(full_at).unwrap_or(soonest) })
            }
        }
    }

    /// A bucket nobody asks for goes once it has long been full.
    fn bucket_update(&self, bucket: &Bucket, limit: RateLimit, now: Timestamp) -> UpdateItemFluentBuilder {
        let end = now.as_second() + 2 * i64::from(limit.seconds()) + 60;
        let at = key::bucket(bucket.route, bucket.kind, &bucket.id, limit);
        self.client
            .update_item()
            .table_name(&self.name)
            .set_key(Some(at.attributes()))
            .expression_attribute_values(":end", number(end))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
    }
}

/// The item as it stands, if `error` says that the condition failed.
fn condition_failed<R: std::fmt::Debug + Send + Sync + 'static>(
    error: SdkError<UpdateItemError, R>,
) -> Result<Option<Item>, StoreError> {
    match error.as_service_error() {
        Some(UpdateItemError::ConditionalCheckFailedException(failed)) => Ok(failed.item().cloned()),
        _ => Err(StoreError::failed(WHAT)(error)),
    }
}

fn full_at(item: &Item) -> Option<i64> {
    item.get("full_at")?.as_n().ok()?.parse().ok()
}

fn number(number: i64) -> AttributeValue {
    AttributeValue::N(number.to_string())
}
