//! Names: claims on a name among its siblings, and on each way it looks.

use aws_sdk_dynamodb::types::builders::PutBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, Put};
use serde::{Deserialize, Serialize};

use crate::dynamodb::key::{ItemKey, NameKeys};
use crate::dynamodb::transaction::Transaction;
use crate::dynamodb::transaction::claim::Claim;
use crate::error::{Refusal, StoreError};

/// The content of the claim on a name.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct NameClaim {
    id: String,
    /// The sort keys of the claims on its looks. They are stored, because another version of Unicode can give a name
    /// other looks. A name of a version without these claims has none.
    #[serde(default)]
    looks: Vec<String>,
}

impl NameClaim {
    fn new(id: impl ToString, name: &NameKeys) -> Self {
        Self { id: id.to_string(), looks: name.looks.iter().map(|look| look.sk.clone()).collect() }
    }

    /// The keys of the claims that are stored for the name at `key`.
    pub(crate) fn keys(self, key: ItemKey) -> NameKeys {
        let looks = self.looks.into_iter().map(|sk| ItemKey { pk: key.pk.clone(), sk }).collect();
        NameKeys { name: key, looks }
    }
}

impl Transaction<'_> {
    /// Claims a name for `id`. Fails with [`Refusal::NameTaken`] if it or one of its looks is claimed.
    pub(crate) fn claim_name(&mut self, name: &NameKeys, id: impl ToString) -> Result<(), StoreError> {
        self.create(&name.name, &NameClaim::new(id.to_string(), name), Refusal::NameTaken)?;
        name.looks
            .iter()
            .try_for_each(|look| self.create(look, &Claim::by(id.to_string()), Refusal::NameTaken))
    }

    /// Replaces the claims of `id` on `old`, as they are stored, by claims on `new`. Fails with [`Refusal::NameTaken`] if
    /// `new` or one of its looks is claimed by another.
    pub(crate) fn rename_claim(
        &mut self,
        old: &NameKeys,
        new: &NameKeys,
        id: impl ToString,
    ) -> Result<(), StoreError> {
        let claim = NameClaim::new(id.to_string(), new);
        if old.name == new.name {
            self.push_put(&new.name, &claim, held_by(&id), Refusal::Stale)?;
        } else {
            self.create(&new.name, &claim, Refusal::NameTaken)?;
            self.delete(&old.name)?;
        }
        for look in new.looks.iter().filter(|look| !old.looks.contains(look)) {
            self.create(look, &Claim::by(id.to_string()), Refusal::NameTaken)?;
        }
        old.looks.iter().filter(|look| !new.looks.contains(look)).try_for_each(|look| self.delete(look))
    }

    /// Gives the claims on a name, as they are stored, from `from` to `to`. Fails with [`Refusal::Stale`] if `from` does
    /// not hold them.
    pub(crate) fn transfer_name(
        &mut self,
        name: &NameKeys,
        from: impl ToString,
        to: impl ToString,
    ) -> Result<(), StoreError> {
        self.push_put(&name.name, &NameClaim::new(to.to_string(), name), held_by(&from), Refusal::Stale)?;
        name.looks.iter().try_for_each(|look| {
            self.push_put(look, &Claim::by(to.to_string()), held_by(&from), Refusal::Stale)
        })
    }

    /// Deletes the claims on a name, as they are stored.
    pub(crate) fn release_name(&mut self, name: &NameKeys) -> Result<(), StoreError> {
        self.delete(&name.name)?;
        name.looks.iter().try_for_each(|look| self.delete(look))
    }
}

/// A write on condition that the claim belongs to `id`.
fn held_by(id: &impl ToString) -> PutBuilder {
    Put::builder()
        .condition_expression("id = :id")
        .expression_attribute_values(":id", AttributeValue::S(id.to_string()))
}
