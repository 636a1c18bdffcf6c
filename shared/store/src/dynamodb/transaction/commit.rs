//! Sending a transaction, with retries after conflicts.

use std::time::Duration;

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::CancellationReason;

use crate::dynamodb::transaction::Transaction;
use crate::error::{Refusal, StoreError, WriteError};

/// How often a transaction is sent while it conflicts with others.
const ATTEMPTS: u32 = 5;

impl Transaction<'_> {
    /// Sends the transaction. If several conditions fail, the one added first determines the refusal.
    pub(crate) async fn commit(self) -> Result<(), WriteError> {
        let (items, refusals): (Vec<_>, Vec<_>) = self.writes.into_iter().unzip();
        let mut attempt = 1;
        loop {
            let request = self.table.client.transact_write_items().set_transact_items(Some(items.clone()));
            let Err(error) = request.send().await else { return Ok(()) };
            let reasons = cancellation_reasons(&error);
            if let Some(refusal) = first_refusal(reasons, &refusals) {
                return Err(refusal.into());
            }
            if attempt == ATTEMPTS || !has_conflict(reasons) {
                return Err(StoreError::failed(self.step)(error).into());
            }
            tokio::time::sleep(Duration::from_millis(20 << attempt)).await;
            attempt += 1;
        }
    }
}

/// One reason per write, in the order of the writes; empty if the transaction was not cancelled.
fn cancellation_reasons<R>(error: &SdkError<TransactWriteItemsError, R>) -> &[CancellationReason] {
    match error.as_service_error() {
        Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => {
            cancelled.cancellation_reasons()
        }
        _ => &[],
    }
}

fn first_refusal(reasons: &[CancellationReason], refusals: &[Refusal]) -> Option<Refusal> {
    let failed = |reason: &CancellationReason| reason.code() == Some("ConditionalCheckFailed");
    reasons.iter().zip(refusals).find(|(reason, _)| failed(reason)).map(|(_, refusal)| *refusal)
}

fn has_conflict(reasons: &[CancellationReason]) -> bool {
    reasons.iter().any(|reason| reason.code() == Some("TransactionConflict"))
}
