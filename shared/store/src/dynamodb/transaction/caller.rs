//! The conditions of a transaction on its caller.

use aws_sdk_dynamodb::types::TransactWriteItem;

use crate::change::CallerVersions;
use crate::dynamodb::transaction::Transaction;
use crate::error::{Refusal, WriteError};

impl Transaction<'_> {
    /// Lets the transaction fail with [`Refusal::CallerChanged`] if one of the caller's items does not have the version
    /// that was read.
    pub(crate) fn require_caller(&mut self, caller: &CallerVersions) {
        self.caller.extend(caller.iter().cloned());
    }

    /// The checks of the caller's items. DynamoDB accepts one operation for each item of a transaction, so an item that
    /// the transaction writes as well has no check: this write must then require the caller's version itself.
    pub(super) fn caller_checks(&self) -> Result<Vec<(TransactWriteItem, Refusal)>, WriteError> {
        let mut checks = Vec::with_capacity(self.caller.len());
        for (key, version) in &self.caller {
            match self.required_versions.iter().find(|(written, _)| written == key) {
                Some((_, required)) if required == version => {}
                Some(_) => return Err(Refusal::CallerChanged.into()),
                None => checks.push((self.version_check(key, *version)?, Refusal::CallerChanged)),
            }
        }
        Ok(checks)
    }
}
