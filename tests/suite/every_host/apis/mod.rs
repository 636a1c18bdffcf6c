//! Own APIs (A7): their administration, their grants and their tokens.

mod admin;
mod grants;
mod states;
mod tokens;
