//! Window S: signed security tokens, devices and history.

mod calls;
mod devices;
mod history;
mod identify;
mod tokens;
