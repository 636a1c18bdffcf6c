//! The bucket.

use api::BootError;
use aws_sdk_s3::Client;
use aws_sdk_s3::config::{BehaviorVersion, Builder, Credentials, Region};
use aws_sdk_s3::primitives::ByteStream;
use serde_json::Value;

use crate::stream::ArchivedRecord;

const BUCKET: &str = "TOKENBOOTH_AUDIT_BUCKET";

/// The variables that replace the endpoint of S3.
const ENDPOINTS: [&str; 2] = ["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"];

/// The status of S3 if the condition of a write does not hold.
const PRECONDITION_FAILED: u16 = 412;

/// Writes records to a bucket. It reads, replaces and deletes nothing.
#[derive(Debug, Clone)]
pub struct Archive {
    client: Client,
    bucket: String,
}

/// A record could not be written to the bucket.
#[derive(Debug, thiserror::Error)]
#[error("cannot write to the bucket")]
pub struct ArchiveError(#[source] BootError);

impl Archive {
    /// The bucket that the environment names.
    pub(crate) async fn from_env() -> Result<Self, BootError> {
        let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let bucket = variable(BUCKET).ok_or_else(|| format!("{BUCKET} is not set"))?;
        let has_endpoint = ENDPOINTS.into_iter().any(|name| variable(name).is_some());
        let config = Builder::from(&api::function_config().await).force_path_style(has_endpoint);
        Ok(Self { client: Client::from_conf(config.build()), bucket })
    }

    /// A bucket of an emulator at `endpoint`.
    #[must_use]
    pub fn at_emulator(endpoint: impl Into<String>, credentials: Credentials, bucket: &str) -> Self {
        let config = Builder::new()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::from_static("us-east-1"))
            .credentials_provider(credentials)
            .endpoint_url(endpoint)
            .force_path_style(true);
        Self { client: Client::from_conf(config.build()), bucket: bucket.to_owned() }
    }

    /// Writes the record, unless the bucket has it. Returns whether it was written.
    ///
    /// The hash is a part of the object's key, so two records with the same number and other contents are two objects:
    /// whoever writes a record too early or a second time cannot keep the true one out of the archive.
    ///
    /// # Errors
    /// [`ArchiveError`].
    pub(crate) async fn write(&self, record: &ArchivedRecord) -> Result<bool, ArchiveError> {
        let body = format!("{}\n", Value::Object(record.fields.clone()));
        let put = self.client.put_object().bucket(&self.bucket).key(record.object_key()).if_none_match("*");
        let put = put.content_type("application/json").body(ByteStream::from(body.into_bytes()));
        match put.send().await {
            Ok(_) => Ok(true),
            Err(error) => match error.raw_response().map(|response| response.status().as_u16()) {
                Some(PRECONDITION_FAILED) => Ok(false),
                _ => Err(ArchiveError(error.into())),
            },
        }
    }
}
