//! Creates the table on a laptop and on emulators. In AWS, `template.yaml` creates it.

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::create_table::CreateTableError;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType,
    TimeToLiveSpecification, TimeToLiveStatus,
};

use crate::dynamodb::table::Table;
use crate::error::StoreError;

impl Table {
    /// Creates the table if it does not exist. Returns whether it created the table.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn create_if_absent(&self) -> Result<bool, StoreError> {
        const STEP: &str = "create table";
        let mut request =
            self.client.create_table().table_name(&self.name).billing_mode(BillingMode::PayPerRequest);
        for (name, key_type) in [("pk", KeyType::Hash), ("sk", KeyType::Range)] {
            let attribute =
                AttributeDefinition::builder().attribute_name(name).attribute_type(ScalarAttributeType::S);
            let element = KeySchemaElement::builder().attribute_name(name).key_type(key_type);
            request = request
                .attribute_definitions(attribute.build().map_err(StoreError::damaged(STEP))?)
                .key_schema(element.build().map_err(StoreError::damaged(STEP))?);
        }
        match request.send().await {
            Ok(_) => self.enable_ttl().await.map(|()| true),
            Err(error) if table_exists(&error) => Ok(false),
            Err(error) => Err(StoreError::failed(STEP)(error)),
        }
    }

    /// Switches TTL on if it is off. Returns whether it was off.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn enable_ttl_if_off(&self) -> Result<bool, StoreError> {
        let request = self.client.describe_time_to_live().table_name(&self.name);
        let output = request.send().await.map_err(StoreError::failed("read TTL"))?;
        let status = output.time_to_live_description.and_then(|description| description.time_to_live_status);
        if matches!(status, Some(TimeToLiveStatus::Enabled | TimeToLiveStatus::Enabling)) {
            return Ok(false);
        }
        self.enable_ttl().await.map(|()| true)
    }

    async fn enable_ttl(&self) -> Result<(), StoreError> {
        const STEP: &str = "enable TTL";
        let built = TimeToLiveSpecification::builder().attribute_name("expires_at").enabled(true).build();
        let ttl = built.map_err(StoreError::damaged(STEP))?;
        let request =
            self.client.update_time_to_live().table_name(&self.name).time_to_live_specification(ttl);
        request.send().await.map(|_| ()).map_err(StoreError::failed(STEP))
    }
}

fn table_exists<R>(error: &SdkError<CreateTableError, R>) -> bool {
    matches!(error.as_service_error(), Some(CreateTableError::ResourceInUseException(_)))
}
