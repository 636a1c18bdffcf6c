//! Who may let a provider issue tokens for an own API (F18, A7).

use model::{Api, Entity, Provider};

use crate::apis::WRITE;
use crate::{Error, Result, Session};

impl Session<'_> {
    /// Checks that the caller may let `provider`, which belongs to `owner`, issue tokens for the API that it names: the API
    /// belongs to the same customer and has the scopes, and the caller may write it.
    pub(crate) async fn may_issue_for_api(&self, provider: &Provider, owner: &Entity) -> Result<()> {
        if provider.api_id.is_none() {
            return require_no_scopes(provider);
        }
        let (api, entity) = self.api_of(provider).await?.ok_or(Error::NotFound { field: Some("api_id") })?;
        if api.customer() != owner.customer() {
            return Err(Error::NotFound { field: Some("api_id") });
        }
        self.caller.may(WRITE, &entity)?;
        if api.scopes.names().covers(&provider.scopes) {
            return Ok(());
        }
        Err(Error::invalid("scopes", "each scope must be one of the API's scopes"))
    }

    /// Checks that the caller may write the API of an existing provider: whoever changes the provider changes its tokens for
    /// the API. An API that was deleted is left out, because nobody gets tokens for it.
    pub(crate) async fn holds_api_of(&self, provider: &Provider) -> Result<()> {
        match self.api_of(provider).await? {
            Some((_, entity)) => Ok(self.caller.may(WRITE, &entity)?),
            None => Ok(()),
        }
    }

    /// The API of the provider with its entity, if it has one that exists.
    async fn api_of(&self, provider: &Provider) -> Result<Option<(Api, Entity)>> {
        let Some(id) = provider.api_id else { return Ok(None) };
        let Some(api) = self.registry.api(id).await? else { return Ok(None) };
        let entity = self.registry.entity(api.entity_id).await?;
        Ok(entity.map(|entity| (api, entity)))
    }
}

fn require_no_scopes(provider: &Provider) -> Result<()> {
    if provider.scopes.is_empty() {
        return Ok(());
    }
    Err(Error::invalid("scopes", "need an api_id"))
}
