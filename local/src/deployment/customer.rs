//! Creates and restores customers with their admin keys.

use model::{
    ApiGrants, ApiKey, AuditAction, Entity, EntityKind, Grant, Grants, Integration, KeyFile, RateLimit, Role,
    Status, Target,
};
use serde_json::json;
use store::{PageLimit, StoreError};

use crate::deployment::error::PrepareError;
use crate::deployment::prepare::{Deployment, parse_name};

/// A customer with an admin key that was created now.
#[derive(Debug)]
pub struct NewCustomer {
    /// The customer.
    pub customer: Entity,
    /// The only copy of its admin key.
    pub admin_key: KeyFile,
}

impl Deployment {
    /// Creates the customer `name` and its admin key, if they do not exist. After an interrupted run, creates the missing
    /// ones. Returns `None` if nothing is missing.
    ///
    /// # Errors
    /// [`PrepareError`].
    pub async fn customer(&self, name: &str) -> Result<Option<NewCustomer>, PrepareError> {
        let customer = match self.registry.customer_id(&parse_name(name)?).await? {
            Some(id) => {
                self.registry.entity(id).await?.ok_or(StoreError::NotInitialised { item: "a customer" })?
            }
            None => self.create_entity(EntityKind::Customer, None, name).await?,
        };
        let limit = PageLimit::default();
        let integrations = self.registry.integrations(customer.id, None, limit).await?.items;
        let administers = |it: &Integration| {
            it.grants.iter().any(|grant| grant.role == Role::CustomerAdmin && grant.entity_id == customer.id)
        };
        let integration = match integrations.into_iter().find(administers) {
            Some(integration) => integration,
            None => {
                self.create_integration(
                    &customer,
                    "Administration",
                    Role::CustomerAdmin,
                    ApiGrants::default(),
                )
                .await?
            }
        };
        let keys = self.registry.api_keys(customer.id, integration.id, None, limit).await?;
        if keys.items.is_empty() {
            let admin_key = self.create_key(&customer, &integration, "first", None).await?;
            return Ok(Some(NewCustomer { customer, admin_key }));
        }
        Ok(None)
    }

    /// Makes the customer `name` active, switches its API on, and creates a new admin key. For a customer that has lost its
    /// access or its key. Returns `None` if the customer does not exist.
    ///
    /// # Errors
    /// [`PrepareError`].
    pub async fn restore(&self, name: &str) -> Result<Option<NewCustomer>, PrepareError> {
        let Some(id) = self.registry.customer_id(&parse_name(name)?).await? else { return Ok(None) };
        let old = self.registry.entity(id).await?.ok_or(StoreError::NotInitialised { item: "a customer" })?;
        let customer = Entity {
            status: Status::Active,
            api_enabled: true,
            version: old.version + 1,
            updated_at: self.now(),
            ..old.clone()
        };
        let changes = json!({ "status": customer.status, "api_enabled": true });
        let change = self.change(AuditAction::Update, Target::Entity(id), &customer, changes);
        self.registry.replace_entity(&old, &customer, &change).await?;
        let label = format!("Administration restored {}", self.now());
        let integration =
            self.create_integration(&customer, &label, Role::CustomerAdmin, ApiGrants::default()).await?;
        let admin_key = self.create_key(&customer, &integration, "first", None).await?;
        Ok(Some(NewCustomer { customer, admin_key }))
    }

    pub(crate) async fn create_entity(
        &self,
        kind: EntityKind,
        parent: Option<&Entity>,
        name: &str,
    ) -> Result<Entity, PrepareError> {
        let entity = Entity::new(kind, parent, parse_name(name)?, self.now());
        let changes = json!({ "name": name });
        let change = self.change(AuditAction::Create, Target::Entity(entity.id), &entity, changes);
        self.registry.create_entity(&entity, &change).await?;
        Ok(entity)
    }

    /// Creates an integration of `owner` that has `role` on `owner`.
    pub(crate) async fn create_integration(
        &self,
        owner: &Entity,
        name: &str,
        role: Role,
        api_grants: ApiGrants,
    ) -> Result<Integration, PrepareError> {
        let grants = Grants::try_from(vec![Grant { role, entity_id: owner.id }])?;
        let new = Integration::new(owner, parse_name(name)?, grants, self.now());
        let integration = Integration { api_grants, ..new };
        let changes =
            json!({ "name": name, "grants": integration.grants, "api_grants": integration.api_grants });
        let change = self.change(AuditAction::Create, Target::Integration(integration.id), owner, changes);
        self.registry.create_integration(&integration, &change).await?;
        Ok(integration)
    }

    /// Creates a key of `integration`. Without `rate_limit`, the key has the default limits.
    pub(crate) async fn create_key(
        &self,
        owner: &Entity,
        integration: &Integration,
        name: &str,
        rate_limit: Option<RateLimit>,
    ) -> Result<KeyFile, PrepareError> {
        let (new, secret) = self.registry.new_api_key(integration, owner, parse_name(name)?, self.now())?;
        let key = ApiKey { rate_limit, ..new };
        let changes = json!({ "name": name });
        let change = self.change(AuditAction::Create, Target::ApiKey(key.client_id.clone()), owner, changes);
        self.registry.create_api_key(&key, integration, &change).await?;
        Ok(KeyFile::new(key.client_id, &secret))
    }
}
