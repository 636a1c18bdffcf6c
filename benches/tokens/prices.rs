//! AWS's list prices in us-east-1, in US dollars, written down in November 2026, without free tiers, discounts and
//! taxes. When AWS changes its prices, change only this file.
//!
//! | price | from |
//! |---|---|
//! | DynamoDB, on-demand, standard table class | <https://aws.amazon.com/dynamodb/pricing/on-demand/>, since November 2024 |
//! | API Gateway, HTTP API, first 300 million a month, in steps of 512 KB | <https://aws.amazon.com/api-gateway/pricing/> |
//! | Lambda, arm64, first 7.5 billion GB-s a month | <https://aws.amazon.com/lambda/pricing/> |

/// A million write request units.
pub(crate) const WRITE_UNITS: f64 = 0.625;
/// A million read request units.
pub(crate) const READ_UNITS: f64 = 0.125;
/// A million requests to an HTTP API.
pub(crate) const GATEWAY: f64 = 1.00;
/// A million invocations.
pub(crate) const INVOCATIONS: f64 = 0.20;
/// A GB of memory for a second.
pub(crate) const GB_SECOND: f64 = 0.000_013_333_4;

/// The functions' memory in GB (`MemorySize` in `template.yaml`).
pub(crate) const MEMORY: f64 = 0.25;
