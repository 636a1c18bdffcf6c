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
    /// first.
    pub(crate) async fn commit(self) -> Result<(), WriteError> {
        let writes = self.caller_checks()?.into_iter().chain(self.writes);
        let (items, refusals): (Vec<_>, Vec<_>) = writes.unzip();
        let mut retries = Retries::begin();
        loop {
            let request = self.table.client.transact_write_items().set_transact_items(Some(items.clone()));
            let Err(error) = request.send().await else { return Ok(()) };
            let reasons = cancellation_reasons(&error);
            if let Some(refusal) = first_refusal(reasons, &refusals) {
                return Err(refusal.into());
            }
            if !is_temporary(reasons) || !retries.wait().await {
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

fn first_refusal(reasons: &[CancellationReason], refusals: &[Refusal]) -> Option<Refusal> {
    let failed = |reason: &CancellationReason| reason.code() == Some("ConditionalCheckFailed");
    reasons.iter().zip(refusals).find(|(reason, _)| failed(reason)).map(|(_, refusal)| *refusal)
}

fn is_temporary(reasons: &[CancellationReason]) -> bool {
    let mut codes = reasons.iter().filter_map(CancellationReason::code);
    codes.any(|code| TEMPORARY_REASONS.contains(&code))
}
