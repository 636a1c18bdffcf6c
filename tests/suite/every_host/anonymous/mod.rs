//! Window F: tokens for anonymous users.

mod access;
mod blank;
mod body;
mod own_api;
mod renewal;
mod token;
