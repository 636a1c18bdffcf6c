//! Window K: access tokens for API keys.

mod token;
