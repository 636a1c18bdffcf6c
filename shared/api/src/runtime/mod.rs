//! Starting a function: settings, clock, and the loop that answers Lambda.

pub(crate) mod clock;
pub(crate) mod run;
pub(crate) mod settings;
pub(crate) mod start;

pub use clock::Clock;
pub use run::{disarm, run};
pub use settings::{Failing, LogFormat, Settings, SettingsError};
pub use start::{BootError, Start, log_to_stderr, retries, sdk_config, timeouts};
