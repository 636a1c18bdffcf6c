//! A session at the Admin API: signs in with an API key, renews the token, and sends calls.

use std::time::{Duration, Instant};

use api::BootError;
use backon::{ExponentialBuilder, Retryable as _};
use crypto::{EncodedKey, Secret};
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, ETAG, HeaderValue, IF_MATCH};
use reqwest::{Client, Method, RequestBuilder, Response, Url};
use serde::Deserialize;
use serde_json::json;

use crate::commands::admin::failure::Failure;
use crate::commands::admin::target::Target;
use crate::commands::key_file::StoredKey;

/// How long a call may take.
const TIMEOUT: Duration = Duration::from_secs(30);
/// How often a call is sent again after 429 or 503.
const RETRIES: usize = 4;
/// The longest `Retry-After` that is followed.
const LONGEST_WAIT: Duration = Duration::from_secs(60);
/// A token is renewed when it has less time left (K5).
const RENEWED_BEFORE: Duration = Duration::from_secs(45);

/// A call of the Admin API.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) method: Method,
    pub(crate) body: Option<String>,
    pub(crate) if_match: Option<String>,
    pub(crate) idempotency_key: Option<String>,
}

/// The answer to a call.
#[derive(Debug)]
pub(crate) struct Answer {
    /// The body: JSON, or empty.
    pub(crate) text: String,
    pub(crate) etag: Option<String>,
}

/// A signed-in administrator.
#[derive(Debug)]
pub(crate) struct Session {
    client: Client,
    sign_in: Url,
    key: Secret,
    token: Option<Token>,
}

#[derive(Debug)]
struct Token {
    header: HeaderValue,
    renewed_at: Instant,
}

/// The answer of `/v1/token` (K2).
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SignedIn {
    token: String,
    expiration_time: u32,
}

impl Session {
    /// A session that signs in when it sends its first call.
    pub(crate) fn new(target: &Target, key: &StoredKey) -> Result<Self, BootError> {
        let builder = Client::builder().timeout(TIMEOUT).redirect(reqwest::redirect::Policy::none());
        // A booth on this machine needs neither certificates nor a proxy, and no proxy should get its token.
        let client = match target.is_local() {
            true => builder.no_proxy().tls_certs_only([]),
            false => builder.https_only(true),
        };
        let key = EncodedKey::encode(&key.client_id, &key.secret);
        Ok(Self { client: client.build()?, sign_in: target.sign_in.clone(), key, token: None })
    }

    /// Sends the call to `url`.
    pub(crate) async fn send(&mut self, call: &Call, url: Url) -> Result<Answer, Failure> {
        let token = self.token().await?;
        let mut request = self.client.request(call.method.clone(), url).header(AUTHORIZATION, token);
        if let Some(tag) = &call.if_match {
            request = request.header(IF_MATCH, tag);
        }
        if let Some(key) = &call.idempotency_key {
            request = request.header("idempotency-key", key);
        }
        if let Some(body) = &call.body {
            request = request.header(CONTENT_TYPE, "application/json").body(body.clone());
        }
        let sent = send(request).await;
        let response =
            sent.map_err(|failure| failure.with_idempotency_key(call.idempotency_key.as_deref()))?;
        let etag = response.headers().get(ETAG).and_then(|tag| tag.to_str().ok()).map(str::to_owned);
        Ok(Answer { text: text(response).await?, etag })
    }

    /// The token, renewed in time.
    async fn token(&mut self) -> Result<HeaderValue, Failure> {
        if let Some(token) = self.token.as_ref().filter(|token| Instant::now() < token.renewed_at) {
            return Ok(token.header.clone());
        }
        let request = self.client.post(self.sign_in.clone()).json(&json!({ "apiKey": self.key.reveal() }));
        let response = send(request).await.map_err(Failure::at_sign_in)?;
        let signed_in: SignedIn =
            serde_json::from_str(&text(response).await?).map_err(|_| Failure::NotABooth)?;
        let mut header =
            HeaderValue::from_str(&format!("Bearer {}", signed_in.token)).map_err(|_| Failure::NotABooth)?;
        header.set_sensitive(true);
        let lifetime = Duration::from_secs(signed_in.expiration_time.into());
        let renewed_at = Instant::now() + lifetime.saturating_sub(RENEWED_BEFORE);
        Ok(self.token.insert(Token { header, renewed_at }).header.clone())
    }
}

/// Sends a request, again after a while if the answer is 429 or 503.
async fn send(request: RequestBuilder) -> Result<Response, Failure> {
    let backoff = ExponentialBuilder::default().with_jitter().with_max_times(RETRIES);
    let attempt = async || send_once(request.try_clone().ok_or(Failure::NotABooth)?).await;
    let waited = |failure: &Failure, wait: Option<Duration>| {
        let asked = failure.retry_after().map(|asked| asked.min(LONGEST_WAIT));
        wait.map(|wait| asked.map_or(wait, |asked| asked.max(wait)))
    };
    attempt.retry(backoff).when(Failure::is_temporary).adjust(waited).await
}

async fn send_once(request: RequestBuilder) -> Result<Response, Failure> {
    let response = request.send().await.map_err(Failure::unreachable)?;
    if response.status().is_success() {
        return Ok(response);
    }
    Err(Failure::refused(response).await)
}

async fn text(response: Response) -> Result<String, Failure> {
    response.text().await.map_err(Failure::unreachable)
}
