//! The data keys and the hash key of a deployment (A10).

mod file;
mod layouts;
mod restore;
mod rotation;
