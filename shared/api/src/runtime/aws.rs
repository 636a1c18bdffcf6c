//! Clients of AWS, with timeouts and retries.

use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, SdkConfig};
use aws_sdk_dynamodb::config::{Credentials, Region};

/// The SDK's configuration from the environment.
pub async fn sdk_config() -> SdkConfig {
    let defaults = aws_config::defaults(BehaviorVersion::latest());
    defaults.timeout_config(timeouts()).retry_config(retries()).load().await
}

/// A DynamoDB client for an emulator at `endpoint`, with the same timeouts and retries.
#[must_use]
pub fn emulator_client(endpoint: impl Into<String>) -> aws_sdk_dynamodb::Client {
    let config = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static("us-east-1"))
        .credentials_provider(Credentials::new("local", "local", None, None, "emulator"))
        .endpoint_url(endpoint)
        .timeout_config(timeouts())
        .retry_config(retries());
    aws_sdk_dynamodb::Client::from_conf(config.build())
}

/// All attempts of a call together take at most 4 s, so that the caller gets an answer in time.
fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(1))
        .operation_attempt_timeout(Duration::from_millis(1_200))
        .operation_timeout(Duration::from_secs(4))
        .build()
}

fn retries() -> RetryConfig {
    RetryConfig::standard().with_max_attempts(3)
}
