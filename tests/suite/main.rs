//! Black-box tests over HTTP.
//!
//! `every_host::` tests any booth: the one in this process, or the one that `TOKENBOOTH_URL`, `TOKENBOOTH_DEMO` and
//! `TOKENBOOTH_RIVAL` (files of two demo tenants) name. `local::` controls the clock, the DynamoDB or the process of a
//! local booth.

#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "a test that cannot go on fails")]

mod every_host;
mod local;
mod support;
