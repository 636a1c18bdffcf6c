//! Clients of AWS, with timeouts and retries.

use std::time::Duration;

use aws_config::ecs::EcsCredentialsProvider;
use aws_config::environment::{EnvironmentVariableCredentialsProvider, EnvironmentVariableRegionProvider};
use aws_config::meta::credentials::CredentialsProviderChain;
use aws_config::meta::region::ProvideRegion;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, SdkConfig};
use aws_sdk_dynamodb::config::{Credentials, Region, SharedCredentialsProvider};
use aws_types::service_config::{LoadServiceConfig, ServiceConfigKey};

/// The SDK's configuration of a function, from the variables that Lambda sets. It reads no profile and asks neither STS nor
/// an EC2 instance: without them a function starts faster, and its binary is smaller.
pub async fn function_config() -> SdkConfig {
    let environment = EnvironmentVariableCredentialsProvider::new();
    let container = EcsCredentialsProvider::builder().build();
    let credentials =
        CredentialsProviderChain::first_try("Environment", environment).or_else("Container", container);
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(EnvironmentVariableRegionProvider::new().region().await)
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .service_config(EndpointVariables)
        .use_fips(is_true("AWS_USE_FIPS_ENDPOINT"))
        .use_dual_stack(is_true("AWS_USE_DUALSTACK_ENDPOINT"))
        .timeout_config(timeouts())
        .retry_config(retries())
        .build()
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

fn is_true(name: &str) -> bool {
    variable(name).is_some_and(|value| value.eq_ignore_ascii_case("true"))
}

/// The variables that replace an endpoint: `AWS_ENDPOINT_URL_DYNAMODB`, `_KMS` or `_S3`, else `AWS_ENDPOINT_URL`.
#[derive(Debug)]
struct EndpointVariables;

impl LoadServiceConfig for EndpointVariables {
    fn load_config(&self, key: ServiceConfigKey<'_>) -> Option<String> {
        endpoint(&key, variable)
    }
}

fn endpoint(key: &ServiceConfigKey<'_>, variable: impl Fn(&str) -> Option<String>) -> Option<String> {
    let of_service = format!("{}_{}", key.env(), key.service_id().to_uppercase());
    variable(&of_service).or_else(|| variable(key.env()))
}

/// The SDK's configuration of a command: from the environment or a profile, as for the AWS CLI.
pub async fn sdk_config() -> SdkConfig {
    let defaults = aws_config::defaults(BehaviorVersion::latest());
    defaults.timeout_config(timeouts()).retry_config(retries()).load().await
}

/// A DynamoDB client for an emulator at `endpoint`, with the same timeouts and retries.
#[must_use]
pub fn emulator_client(endpoint: impl Into<String>, credentials: Credentials) -> aws_sdk_dynamodb::Client {
    let config = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static("us-east-1"))
        .credentials_provider(credentials)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_s_own_endpoint_variable_wins() {
        let both = [("AWS_ENDPOINT_URL", "http://all"), ("AWS_ENDPOINT_URL_DYNAMODB", "http://dynamodb")];
        for (set, service, expected) in [
            (&both[..0], "DynamoDB", None),
            (&both[..1], "DynamoDB", Some("http://all")),
            (&both[1..], "DynamoDB", Some("http://dynamodb")),
            (&both[..], "DynamoDB", Some("http://dynamodb")),
            (&both[1..], "KMS", None),
            (&both[..], "KMS", Some("http://all")),
        ] {
            let key = ServiceConfigKey::builder()
                .service_id(service)
                .env("AWS_ENDPOINT_URL")
                .profile("endpoint_url")
                .build()
                .unwrap();
            let find = |name: &str| set.iter().find(|(it, _)| *it == name).map(|(_, url)| (*url).to_owned());
            assert_eq!(endpoint(&key, find).as_deref(), expected, "{service} {set:?}");
        }
    }
}
