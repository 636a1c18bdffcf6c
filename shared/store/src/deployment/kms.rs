//! KMS, which wraps the data key.

use aws_sdk_kms::Client;
use aws_sdk_kms::config::Config;
use aws_sdk_kms::config::retry::RetryConfig;
use aws_sdk_kms::primitives::Blob;
use aws_smithy_http_client::pool::{self, ConnectionEvent, ConnectionPool};
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use tokio::sync::watch;
use zeroize::Zeroizing;

use crate::dynamodb::table::Table;
use crate::error::StoreError;

/// The encryption context. The policies in `template.yaml` require it.
const CONTEXT: &str = "tokenbooth:table";

/// A KMS client that can open its connection before the first call.
#[derive(Debug, Clone)]
pub struct Kms {
    client: Client,
    /// Whether a connection has been opened.
    is_opened: watch::Receiver<bool>,
}

/// A new data key, plain and wrapped.
pub(super) struct GeneratedKey {
    pub(super) plain: Zeroizing<Vec<u8>>,
    pub(super) wrapped: serde_bytes::ByteBuf,
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
        table: &Table,
        wrapped: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, StoreError> {
        const STEP: &str = "unwrap data key";
        let request = self.client.decrypt().ciphertext_blob(Blob::new(wrapped));
        let sent = request.encryption_context(CONTEXT, table.name()).send().await;
        match sent.map_err(StoreError::failed(STEP))?.plaintext {
            Some(plain) => Ok(Zeroizing::new(plain.into_inner())),
            None => Err(StoreError::damaged(STEP)("KMS answered without a key")),
        }
    }

    /// Creates a data key.
    pub(super) async fn generate(
        &self,
        key_id: Option<&str>,
        table: &Table,
    ) -> Result<GeneratedKey, StoreError> {
        const STEP: &str = "generate data key";
        let Some(key_id) = key_id else {
            return Err(StoreError::NotInitialised { item: "the KMS key's id" });
        };
        let request = self.client.generate_data_key().key_id(key_id).number_of_bytes(32);
        let sent = request.encryption_context(CONTEXT, table.name()).send().await;
        let output = sent.map_err(StoreError::failed(STEP))?;
        match (output.plaintext, output.ciphertext_blob) {
            (Some(plain), Some(wrapped)) => Ok(GeneratedKey {
                plain: Zeroizing::new(plain.into_inner()),
                wrapped: serde_bytes::ByteBuf::from(wrapped.into_inner()),
            }),
            _ => Err(StoreError::damaged(STEP)("KMS answered without a key")),
        }
    }
}
