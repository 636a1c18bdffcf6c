//! What leases promise (A14): no more requests pass than the limit allows, whatever happens; few are refused that an exact
//! bucket accepts; and limits below 64 requests are exact.

mod bucket;
mod exact;
mod excess;
mod history;
mod meter;
mod pauses;
mod process;
mod random;
mod refusals;
mod requests;
mod world;
mod writes;
