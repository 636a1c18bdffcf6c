//! Own APIs. They are found by id and by identifier (A7).

use model::{Api, ApiId, ApiIdentifier, EntityId, SignedDuration, Timestamp, TokenDuration};
use serde::{Deserialize, Serialize};

use crate::change::Change;
use crate::dynamodb::cursor::Cursor;
use crate::dynamodb::key;
use crate::dynamodb::page::{Page, PageLimit};
use crate::dynamodb::table::{Table, from_item};
use crate::error::{ListError, Refusal, StoreError, WriteError};
use crate::registry::Registry;

/// A pointer from an identifier to its API and to the owners of the API.
///
/// After a deletion it stays until every token with this audience has expired. Until then only the same customer may claim
/// the identifier: another one would get an API that accepts tokens of the deleted API.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ApiOwner {
    /// The identifier as it is written.
    identifier: ApiIdentifier,
    /// The API.
    pub api_id: ApiId,
    /// The entity of the API.
    pub entity_id: EntityId,
    /// The ancestors of the entity.
    pub ancestors: Vec<EntityId>,
    /// The customer that may claim the identifier again, after a deletion.
    #[serde(skip_serializing_if = "Option::is_none")]
    released_by: Option<EntityId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<i64>,
}

/// Functions may issue tokens of a deleted API for as long as they may cache it; clocks may differ by 5 s.
const MARGIN: SignedDuration = SignedDuration::from_secs(300 + 5);

impl ApiOwner {
    fn of(api: &Api) -> Self {
        Self {
            identifier: api.identifier.clone(),
            api_id: api.id,
            entity_id: api.entity_id,
            ancestors: api.ancestors.clone(),
            released_by: None,
            expires_at: None,
        }
    }

    /// Whether tokens with the identifier as audience can be valid at `now`.
    fn is_claimed(&self, now: Timestamp) -> bool {
        self.expires_at.is_none_or(|end| now.as_second() < end)
    }

    /// The pointer after the API's deletion.
    fn released(api: &Api, now: Timestamp) -> Self {
        let longest = TokenDuration::LONGEST.as_duration() + MARGIN;
        let expires_at = now.saturating_add(longest).unwrap_or(Timestamp::MAX).as_second();
        Self { released_by: Some(api.customer()), expires_at: Some(expires_at), ..Self::of(api) }
    }
}

impl Table {
    /// The API whose identifier is at or below `url`. The issuer must not move there: tokens of the API would name the booth as
    /// their audience. Scans the table.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn api_at_or_below(&self, url: &str, now: Timestamp) -> Result<Option<ApiId>, StoreError> {
        const STEP: &str = "find identifiers of own APIs";
        let mut claims = Vec::new();
        self.for_each_item(STEP, |key, item| {
            if key.pk.starts_with(key::API_IDENTIFIERS) {
                claims.push(from_item::<ApiOwner>(item, STEP));
            }
        })
        .await?;
        let claims = claims.into_iter().collect::<Result<Vec<_>, _>>()?;
        let is_there = |owner: &&ApiOwner| owner.is_claimed(now) && owner.identifier.is_at_or_below(url);
        Ok(claims.iter().find(is_there).map(|owner| owner.api_id))
    }
}

impl Registry {
    /// Reads an API.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn api(&self, id: ApiId) -> Result<Option<Api>, StoreError> {
        self.table.read(&key::api(id), "read API").await
    }

    /// Reads the APIs `ids`, in that order. Leaves out those that do not exist.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn apis_with_ids(&self, ids: &[ApiId]) -> Result<Vec<Api>, StoreError> {
        let keys: Vec<_> = ids.iter().map(|&id| key::api(id)).collect();
        self.table.read_in_order(&keys, "read APIs").await
    }

    /// Reads one page of the APIs of `entity`, in the order of their creation.
    ///
    /// # Errors
    /// [`ListError`].
    pub async fn apis(
        &self,
        entity: EntityId,
        cursor: Option<&Cursor>,
        limit: PageLimit,
    ) -> Result<Page<Api>, ListError> {
        let item_key = |id: &str| id.parse().map(key::api);
        self.page_of_claimed(&key::apis(entity), cursor, limit, item_key, "list APIs").await
    }

    /// Stores a new API.
    ///
    /// # Errors
    /// [`Refusal::NameTaken`], [`Refusal::IdentifierTaken`], [`Refusal::Gone`] (the entity), or [`StoreError`].
    pub async fn create_api(&self, new: &Api, change: &Change) -> Result<(), WriteError> {
        let mut transaction = self.begin("create API", change)?;
        transaction.claim_name(&key::api_name(new.entity_id, &new.name), new.id)?;
        let (claim, now) = (key::api_of_identifier(&new.identifier.folded()), new.created_at.as_second());
        transaction.claim_released(
            &claim,
            &ApiOwner::of(new),
            (new.customer(), now),
            Refusal::IdentifierTaken,
        )?;
        transaction.increment(&key::entity_dependents(new.entity_id))?;
        transaction.create(&key::api(new.id), new, Refusal::Stale)?;
        transaction.add_to_list(&key::api_entry(new.entity_id, new.id), new.id)?;
        transaction.commit().await
    }

    /// Replaces `old` by `new`, which has the same identifier.
    ///
    /// # Errors
    /// [`Refusal::Stale`], [`Refusal::NameTaken`], or [`StoreError`].
    pub async fn replace_api(&self, old: &Api, new: &Api, change: &Change) -> Result<(), WriteError> {
        let mut transaction = self.begin("change API", change)?;
        transaction.replace_version(&key::api(old.id), new, old.version)?;
        if old.name != new.name {
            let old_name = self.stored_name(key::api_name(old.entity_id, &old.name)).await?;
            transaction.rename_claim(&old_name, &key::api_name(old.entity_id, &new.name), new.id)?;
        }
        transaction.commit().await
    }

    /// Deletes an API at the time `now`. Its customer may claim the identifier at once, others when all tokens have expired.
    ///
    /// # Errors
    /// [`Refusal::Stale`], or [`StoreError`].
    pub async fn delete_api(&self, old: &Api, change: &Change, now: Timestamp) -> Result<(), WriteError> {
        let mut transaction = self.begin("delete API", change)?;
        transaction.delete_version(&key::api(old.id), old.version)?;
        transaction.delete(&key::api_entry(old.entity_id, old.id))?;
        let name = self.stored_name(key::api_name(old.entity_id, &old.name)).await?;
        transaction.release_name(&name)?;
        transaction.put(&key::api_of_identifier(&old.identifier.folded()), &ApiOwner::released(old, now))?;
        transaction.decrement(&key::entity_dependents(old.entity_id))?;
        transaction.commit().await
    }
}
