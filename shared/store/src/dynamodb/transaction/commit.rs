//! Sending a transaction, with retries after conflicts.

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::CancellationReason;

use crate::dynamodb::transaction::Transaction;
use crate::dynamodb::transaction::retries::Retries;
use crate::error::{Refusal, StoreError, WriteError};

/// The reasons for which a transaction that was cancelled is sent again.
const TEMPORARY_REASONS: [&str; 3] =
    ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"];

impl Transaction<'_> {
    /// Sends the transaction. If several conditions fail, one on the caller determines the refusal, or else the one added
    /// first. If another transaction moved the head of the audit chain, reads the head again and sends the same writes
    /// after it.
    pub(crate) async fn commit(self) -> Result<(), WriteError> {
        let writes = self.caller_checks()?.into_iter().chain(self.writes.iter().cloned());
        let (own_items, refusals): (Vec<_>, Vec<_>) = writes.unzip();
        let mut retries = Retries::begin();
        loop {
            let mut items = own_items.clone();
            let chained = match &self.record {
                Some(pending) => {
                    let (writes, head) = self.chain_writes(pending).await?;
                    items.extend(writes.into_iter().map(|(item, _)| item));
                    Some((pending, head))
                }
                None => None,
            };
            let request = self.table.client.transact_write_items().set_transact_items(Some(items));
            let Err(error) = request.send().await else {
                if let Some((pending, head)) = chained {
                    pending.stored(head);
                }
                return Ok(());
            };
            let reasons = cancellation_reasons(&error);
            if let Some(refusal) = first_refusal(reasons, &refusals) {
                return Err(refusal.into());
            }
            let has_moved_head = chained.is_some() && has_failed_condition(reasons);
            if !(has_moved_head || is_temporary(reasons)) || !retries.wait().await {
                return Err(StoreError::failed(self.step)(error).into());
            }
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

/// The refusal of the first failed condition. The writes of the audit chain have no refusal: they come last.
fn first_refusal(reasons: &[CancellationReason], refusals: &[Refusal]) -> Option<Refusal> {
    reasons.iter().zip(refusals).find(|(reason, _)| is_failed(reason)).map(|(_, refusal)| *refusal)
}

/// Whether a condition failed. After [`first_refusal`], it is the one on the head of the audit chain.
fn has_failed_condition(reasons: &[CancellationReason]) -> bool {
    reasons.iter().any(is_failed)
}

fn is_failed(reason: &CancellationReason) -> bool {
    reason.code() == Some("ConditionalCheckFailed")
}

fn is_temporary(reasons: &[CancellationReason]) -> bool {
    let mut codes = reasons.iter().filter_map(CancellationReason::code);
    codes.any(|code| TEMPORARY_REASONS.contains(&code))
}
