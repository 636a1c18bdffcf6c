//! The public data of a deployment: its issuer URL and its public keys.

use crypto::{Algorithm, Jwk, JwkSet, PublicKeys};
use model::{KeyState, Schedule, SignedDuration, Timestamp, TokenDuration};
use serde::{Deserialize, Serialize};

use crate::dynamodb::key;
use crate::dynamodb::table::Table;
use crate::dynamodb::transaction::Transaction;
use crate::error::{StoreError, WriteError};

/// The public data of a deployment.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Issuer {
    /// The `iss` of its tokens, and the base URL of its discovery documents (RFC 8414).
    pub url: String,
    /// The URLs that it had before, the newest last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub former: Vec<FormerUrl>,
    pub(super) keys: Vec<PublishedKey>,
    /// The keys with an algorithm that versions before own APIs do not know (A7). Those versions ignore this list.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) keys_for_apis: Vec<PublishedKey>,
    pub(crate) version: u64,
}

/// A URL that the issuer had before a move.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormerUrl {
    /// The URL.
    pub url: String,
    /// Tokens that name the URL are accepted before this time.
    pub accepted_until: Timestamp,
}

/// A public key, and when it is published.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct PublishedKey {
    pub(crate) algorithm: Algorithm,
    pub(crate) schedule: Schedule,
    pub(crate) jwk: serde_json::Value,
}

/// The maximum number of former URLs that are accepted at the same time.
const MAX_FORMER_URLS: usize = 8;

/// For how many seconds after the end of its longest token a former URL is accepted. A function may cache the URL for 300 s
/// and go on issuing tokens that name it, and clocks may differ by 5 s.
const MARGIN_SECONDS: i64 = 300 + 5;

impl Issuer {
    /// An issuer without keys.
    pub(super) fn new(url: &str) -> Self {
        let (keys, keys_for_apis) = (Vec::new(), Vec::new());
        Self { url: url.to_owned(), former: Vec::new(), keys, keys_for_apis, version: 1 }
    }

    /// The URLs that the `iss` of a token may have at `now`, the current one first.
    #[must_use]
    pub fn accepted_urls(&self, now: Timestamp) -> Vec<&str> {
        let former = self.former.iter().filter(|former| now < former.accepted_until);
        std::iter::once(&self.url).chain(former.map(|former| &former.url)).map(String::as_str).collect()
    }

    /// The URL, and the former ones that are stored, whether or not they are still accepted.
    pub fn urls(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&self.url).chain(self.former.iter().map(|former| &former.url)).map(String::as_str)
    }

    /// Whether a key for `algorithm` signs at `now`.
    #[must_use]
    pub fn can_sign(&self, algorithm: Algorithm, now: Timestamp) -> bool {
        let is_active = |key: &PublishedKey| key.schedule.state(now) == KeyState::Active;
        self.all_keys().any(|key| key.algorithm == algorithm && is_active(key))
    }

    /// This issuer with another URL. The present one is accepted until every token that names it has expired. Drops the
    /// former URLs that are no longer accepted, and the oldest ones if there are more than 8.
    fn moved_to(&self, url: &str, now: Timestamp) -> Self {
        let lifetime = TokenDuration::LONGEST.as_duration() + SignedDuration::from_secs(MARGIN_SECONDS);
        let accepted_until = now.saturating_add(lifetime).unwrap_or(Timestamp::MAX);
        let accepted = self.former.iter().filter(|former| now < former.accepted_until && former.url != url);
        let present = FormerUrl { url: self.url.clone(), accepted_until };
        let mut former: Vec<_> = accepted.cloned().chain([present]).collect();
        former.drain(..former.len().saturating_sub(MAX_FORMER_URLS));
        Self { url: url.to_owned(), former, version: self.version + 1, ..self.clone() }
    }

    fn all_keys(&self) -> impl Iterator<Item = &PublishedKey> {
        self.keys.iter().chain(&self.keys_for_apis)
    }

    /// The keys that are published at `now` (A1).
    ///
    /// # Errors
    /// [`StoreError::Damaged`] if one of them is not a JWK.
    pub fn jwks(&self, now: Timestamp) -> Result<JwkSet, StoreError> {
        let published = self.all_keys().filter(|key| key.schedule.is_published(now));
        let keys = published.map(|key| serde_json::from_value::<Jwk>(key.jwk.clone()));
        Ok(JwkSet { keys: keys.collect::<Result<_, _>>().map_err(StoreError::damaged("read public keys"))? })
    }

    /// The keys that are published at `now`, ready to verify tokens.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] if one of them is not a JWK.
    pub fn public_keys(&self, now: Timestamp) -> Result<PublicKeys, StoreError> {
        self.jwks(now).map(PublicKeys::new)
    }

    /// Reads the issuer. Returns `None` if the table is not initialised.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn read(table: &Table) -> Result<Option<Self>, StoreError> {
        table.read(&key::issuer(), "read issuer").await
    }
}

impl Table {
    /// Changes the URL of `issuer`, and returns the changed issuer. New tokens get the new URL. Tokens with the old one are
    /// accepted until they expire. Check before that no own API has an identifier there ([`Table::api_at_or_below`]).
    ///
    /// # Errors
    /// [`WriteError`].
    pub async fn move_issuer(
        &self,
        issuer: &Issuer,
        url: &str,
        now: Timestamp,
    ) -> Result<Issuer, WriteError> {
        let moved = issuer.moved_to(url, now);
        let mut transaction = Transaction::new(self, "change issuer URL");
        transaction.replace_version(&key::issuer(), &moved, issuer.version)?;
        transaction.commit().await?;
        Ok(moved)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const END: i64 = 86_400 + 305;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    /// An item that was written before there were former URLs.
    fn issuer() -> Issuer {
        serde_json::from_str(r#"{"url":"https://a","keys":[],"version":1}"#).unwrap()
    }

    #[test]
    fn a1_a_former_url_is_accepted_until_its_end_exclusive() {
        let moved = issuer().moved_to("https://b", at(0));
        let both = &["https://b", "https://a"][..];
        for (now, accepted) in [(0, both), (END - 1, both), (END, &["https://b"])] {
            assert_eq!(moved.accepted_urls(at(now)), accepted, "{now}");
        }
        assert_eq!(issuer().accepted_urls(at(0)), ["https://a"]);
    }

    #[test]
    fn a1_moves_back_and_forth_keep_each_url_once() {
        let back = issuer().moved_to("https://b", at(0)).moved_to("https://a", at(10));
        assert_eq!(back.accepted_urls(at(50)), ["https://a", "https://b"]);
        let forth = back.moved_to("https://b", at(20));
        assert_eq!(forth.accepted_urls(at(50)), ["https://b", "https://a"]);
        assert_eq!(forth.accepted_urls(at(20 + END - 1)), ["https://b", "https://a"]);
        assert_eq!(forth.version, 4);
    }

    #[test]
    fn a1_a_second_move_keeps_the_end_of_the_first() {
        let moved = issuer().moved_to("https://b", at(0)).moved_to("https://c", at(50));
        assert_eq!(moved.accepted_urls(at(END - 1)), ["https://c", "https://a", "https://b"]);
        assert_eq!(moved.accepted_urls(at(END)), ["https://c", "https://b"]);
        let third = moved.moved_to("https://d", at(END));
        assert_eq!(third.former.len(), 2, "what is no longer accepted is dropped");
    }

    #[test]
    fn a1_at_most_8_former_urls_are_kept() {
        let moved = (1..=20).fold(issuer(), |it, n| it.moved_to(&format!("https://{n}"), at(0)));
        let kept: Vec<_> = moved.former.iter().map(|former| former.url.clone()).collect();
        assert_eq!(kept, (12..20).map(|n| format!("https://{n}")).collect::<Vec<_>>());
    }
}
