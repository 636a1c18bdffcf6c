//! Window X: security and user tokens.

mod access;
mod build;
mod plaintext;
mod verify;
