//! The public keys of the issuer: where they come from, and for how long they are kept.

mod cache;
mod document;
#[cfg(feature = "http")]
mod http;

pub use cache::KeyBounds;
#[cfg(feature = "http")]
pub use http::HttpKeys;

pub(crate) use cache::KeyCache;

/// Why the document with the keys could not be fetched.
pub type FetchError = Box<dyn std::error::Error + Send + Sync>;

/// Where the document with the public keys comes from. Implement it with the HTTP client of your program.
pub trait KeySource: Send + Sync {
    /// Gets the JWK set of the issuer (RFC 7517, 5) from [`Settings::jwks_url`](crate::Settings::jwks_url). Set a timeout and
    /// follow no redirect.
    fn fetch(&self) -> impl Future<Output = Result<Vec<u8>, FetchError>> + Send;
}
