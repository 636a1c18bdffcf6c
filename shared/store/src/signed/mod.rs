//! Window S: attached devices, the history of calls, and the counter of metered requests.

mod devices;
mod history;
mod metered;

pub use devices::{DeviceReport, Devices, OneTimeEvent};
pub use history::{AccessPage, HistoryFilter};
