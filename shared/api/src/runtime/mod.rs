//! Starts a function: settings, clients, clock, log, and the loop that handles Lambda's events.

pub(crate) mod aws;
pub(crate) mod clock;
pub(crate) mod job;
pub(crate) mod log;
pub(crate) mod responder;
pub(crate) mod run;
pub(crate) mod settings;
pub(crate) mod start;

pub use aws::{emulator_client, function_config, sdk_config};
pub use clock::Clock;
pub use job::{Job, JobFailed, JobRun, Schedule, run_job, run_once};
pub use log::{TARGET as LOG_TARGET, log_to_stderr};
pub use responder::{InvocationError, Responder, respond_once, run_responder};
pub use run::{run, sanitize_event};
pub use settings::{LogFormat, OnFailure, PlainSignatures, SettingsError, edge_from_env};
pub use start::{BootError, Start};
