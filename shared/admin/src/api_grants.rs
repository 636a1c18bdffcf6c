//! Who may give and use the API grants of an integration (A7).

use model::{Api, ApiGrants, Entity, Integration};

use crate::apis::WRITE;
use crate::{Error, Result, Session};

impl Session<'_> {
    /// Checks that the caller may give `grants` to an integration of `owner`: each API belongs to the same customer, has the
    /// granted scopes, and the caller may write it.
    pub(crate) async fn may_grant_apis(&self, grants: &ApiGrants, owner: &Entity) -> Result<()> {
        let apis = self.granted_apis(grants).await?;
        for grant in grants.iter() {
            let found =
                apis.iter().find(|(api, _)| api.id == grant.api_id && api.customer() == owner.customer());
            let (api, entity) = found.ok_or(Error::NotFound { field: Some("api_grants") })?;
            self.caller.may(WRITE, entity)?;
            if !api.scopes.names().covers(&grant.scopes) {
                return Err(Error::invalid("api_grants", "each scope must be one of the API's scopes"));
            }
        }
        Ok(())
    }

    /// Checks that the caller holds all grants of an integration: whoever changes the integration or makes keys for it can
    /// use them. APIs that were deleted are left out, because nobody gets tokens for them.
    pub(crate) async fn holds_grants_of(&self, integration: &Integration, owner: &Entity) -> Result<()> {
        self.may_grant(&integration.grants, owner).await?;
        let apis = self.granted_apis(&integration.api_grants).await?;
        apis.iter().try_for_each(|(_, entity)| Ok(self.caller.may(WRITE, entity)?))
    }

    /// The APIs in `grants` that exist, with their entities.
    async fn granted_apis(&self, grants: &ApiGrants) -> Result<Vec<(Api, Entity)>> {
        let ids: Vec<_> = grants.iter().map(|grant| grant.api_id).collect();
        let apis = self.registry.apis_with_ids(&ids).await?;
        let owners: Vec<_> = apis.iter().map(|api| api.entity_id).collect();
        let entities = self.registry.entities(&owners).await?;
        let with_entity = |api: Api| {
            let entity = entities.iter().find(|entity| entity.id == api.entity_id)?.clone();
            Some((api, entity))
        };
        Ok(apis.into_iter().filter_map(with_entity).collect())
    }
}
