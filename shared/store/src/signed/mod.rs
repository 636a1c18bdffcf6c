//! Window S: devices of users, one-time events, the history of calls, and the counter of signing requests.

mod attachments;
mod devices;
mod events;
mod history;
mod history_filter;
mod metered;
mod write_history;

pub use devices::Devices;
pub use events::OneTimeEvent;
pub use history::AccessPage;
pub use history_filter::HistoryFilter;
