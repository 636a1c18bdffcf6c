//! Fetches the public keys over HTTPS.

use std::time::Duration;

use reqwest::{Client, StatusCode, redirect};

use crate::keys::document::MAX_DOCUMENT_BYTES;
use crate::keys::{FetchError, KeySource};
use crate::settings::Settings;

/// How long a fetch may take in all.
const TIMEOUT: Duration = Duration::from_secs(4);

/// Fetches the public keys from the issuer. It follows no redirect and gives up after 4 s.
#[derive(Debug, Clone)]
pub struct HttpKeys {
    client: Client,
    url: String,
}

impl HttpKeys {
    /// Fetches the keys of the issuer in `settings`.
    ///
    /// # Errors
    /// If there is no TLS.
    pub fn new(settings: &Settings) -> Result<Self, FetchError> {
        Self::at(&settings.jwks_url())
    }

    /// Fetches the keys from `url`, if they are not where the issuer has them.
    ///
    /// # Errors
    /// If there is no TLS.
    pub fn at(url: &str) -> Result<Self, FetchError> {
        let client = Client::builder().timeout(TIMEOUT).redirect(redirect::Policy::none()).build()?;
        Ok(Self { client, url: url.to_owned() })
    }
}

impl KeySource for HttpKeys {
    async fn fetch(&self) -> Result<Vec<u8>, FetchError> {
        let mut response = self.client.get(&self.url).send().await?;
        if response.status() != StatusCode::OK {
            return Err(format!("the issuer answered {}", response.status()).into());
        }
        let mut document = Vec::new();
        while let Some(chunk) = response.chunk().await? {
            document.extend_from_slice(&chunk);
            if document.len() > MAX_DOCUMENT_BYTES {
                return Err("the document is too long".into());
            }
        }
        Ok(document)
    }
}
