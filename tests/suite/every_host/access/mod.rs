//! Window K: access tokens for API keys.

mod body;
mod token;
