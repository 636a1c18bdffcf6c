//! Window S: signed security tokens, devices and history.

mod calls;
mod device_list;
mod devices;
mod history;
mod identify;
mod sign;
mod tokens;
