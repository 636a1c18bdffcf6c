//! Black-box tests over HTTP.
//!
//! `every_host::` asks any booth: the one in this process, or the one that `TOKENBOOTH_URL`, `TOKENBOOTH_DEMO` and
//! `TOKENBOOTH_RIVAL` (files of two demo tenants) name. `local::` needs what only a local booth has: its clock, its
//! DynamoDB, its process.

#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "a test that cannot go on fails")]

mod every_host;
mod local;
mod support;
