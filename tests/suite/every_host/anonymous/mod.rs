//! Window F: tokens for anonymous users.

mod access;
mod body;
mod token;
