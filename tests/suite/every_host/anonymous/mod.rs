//! Window F: tokens for anonymous users.

mod access;
mod blank;
mod body;
mod token;
