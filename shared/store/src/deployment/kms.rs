//! KMS, which wraps the data key.

use aws_sdk_kms::Client;
use aws_sdk_kms::config::Config;
use aws_sdk_kms::config::retry::RetryConfig;
use aws_sdk_kms::primitives::Blob;
use aws_smithy_http_client::pool::{self, ConnectionEvent, ConnectionPool};
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;
use tokio::sync::watch;
use zeroize::Zeroizing;

use crate::error::StoreError;

/// The encryption context of a wrapped data key: one pair of name and value. KMS unwraps the key only with the same
/// context, and the policies in `template.yaml` allow no other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct EncryptionContext {
    name: String,
    value: String,
}

/// The name of the pair with the name of the deployment.
const DEPLOYMENT: &str = "tokenbooth:deployment";

impl EncryptionContext {
    /// The context of a data key that was made before deployments had names: the name of the table. A copy of the table has
    /// another name.
    pub(super) fn table(name: &str) -> Self {
        Self { name: "tokenbooth:table".to_owned(), value: name.to_owned() }
    }

    /// The context of other data keys: the name of the deployment.
    pub(super) fn deployment(name: &str) -> Self {
        Self { name: DEPLOYMENT.to_owned(), value: name.to_owned() }
    }

    /// The name of the deployment, unless this is the context of a table.
    pub(super) fn deployment_name(&self) -> Option<&str> {
        (self.name == DEPLOYMENT).then_some(self.value.as_str())
    }
}

/// A KMS client that can open its connection before the first call.
#[derive(Debug, Clone)]
pub struct Kms {
    client: Client,
    /// Whether a connection has been opened.
    is_opened: watch::Receiver<bool>,
}

impl Kms {
    /// A client with that configuration and with a connection pool of its own.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] if the pool cannot be built.
    pub fn new(config: aws_sdk_kms::config::Builder) -> Result<Self, StoreError> {
        const STEP: &str = "create KMS client";
        let (opened, is_opened) = watch::channel(false);
        let listener = move |event: &ConnectionEvent<'_>| {
            if let ConnectionEvent::Opened(_) = event {
                opened.send_replace(true);
            }
        };
        let pool = ConnectionPool::builder()
            .tls_provider(Provider::Rustls(CryptoMode::AwsLc))
            .proxy_config(ProxyConfig::from_env()) // as in the SDK's default client
            .event_listener(listener)
            .build_https()
            .map_err(StoreError::damaged(STEP))?;
        let http_client = pool::Client::new(&pool).map_err(StoreError::damaged(STEP))?;
        Ok(Self { client: Client::from_conf(config.http_client(http_client).build()), is_opened })
    }

    /// Opens the first connection and sends nothing on it, so that [`Kms::unwrap`] does not wait for TCP and TLS. Ignores
    /// errors: if KMS cannot be reached, [`Kms::unwrap`] reports it.
    pub(super) async fn connect(&self) {
        let once = Config::builder().retry_config(RetryConfig::disabled());
        let request = self.client.decrypt().customize().config_override(once).send();
        let mut is_opened = self.is_opened.clone();
        // The pool opens a connection for the request, and reports it before it sends the request over HTTP/1. The request is
        // dropped then, and the pool keeps the connection for the next one. Over HTTP/2 the request, which has no ciphertext,
        // may be sent and is refused.
        tokio::select! {
            biased;
            _ = is_opened.wait_for(|is_opened| *is_opened) => {}
            failed = request => drop(failed),
        }
    }

    /// Decrypts the data key.
    pub(super) async fn unwrap(
        &self,
        context: &EncryptionContext,
        wrapped: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, StoreError> {
        const STEP: &str = "unwrap data key";
        let request = self.client.decrypt().ciphertext_blob(Blob::new(wrapped));
        let sent = request.encryption_context(&context.name, &context.value).send().await;
        match sent.map_err(StoreError::failed(STEP))?.plaintext {
            Some(plain) => Ok(Zeroizing::new(plain.into_inner())),
            None => Err(StoreError::damaged(STEP)("KMS answered without a key")),
        }
    }

    /// Creates a data key. Returns it plain and wrapped.
    pub(super) async fn generate(
        &self,
        key_id: &str,
        context: &EncryptionContext,
    ) -> Result<(Zeroizing<Vec<u8>>, ByteBuf), StoreError> {
        const STEP: &str = "generate data key";
        let request = self.client.generate_data_key().key_id(key_id).number_of_bytes(32);
        let sent = request.encryption_context(&context.name, &context.value).send().await;
        let output = sent.map_err(StoreError::failed(STEP))?;
        match (output.plaintext, output.ciphertext_blob) {
            (Some(plain), Some(wrapped)) => {
                Ok((Zeroizing::new(plain.into_inner()), ByteBuf::from(wrapped.into_inner())))
            }
            _ => Err(StoreError::damaged(STEP)("KMS answered without a key")),
        }
    }
}
