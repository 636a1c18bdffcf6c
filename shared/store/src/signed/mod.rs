//! Window S: devices of users, one-time events, the history of calls, and the counter of signing requests.

mod attachments;
mod detachments;
mod device_list;
mod devices;
mod events;
mod history;
mod history_filter;
mod history_page;
mod metered;
mod subjects;
mod unsigned_attachments;
mod write_history;

pub use device_list::ListedDevice;
pub use devices::Devices;
pub use events::{BeforeIdentification, OneTimeEvent};
pub use history::AccessPage;
pub use history_filter::HistoryFilter;
pub use metered::MeteredMonth;
pub use subjects::Subject;
