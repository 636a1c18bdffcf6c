//! The Admin API (A4).

mod audit;
mod auth;
mod cursors;
mod entities;
mod integrations;
mod keys;
mod partners;
mod projects;
mod providers;
mod sites;
mod token_sets;
mod token_settings;
