//! HTTP in and out: starting a function, reading a request, proving who calls, errors to responses, logging.

mod action;
mod admin;
mod answer;
mod body;
mod client;
mod clock;
mod credentials;
mod form;
mod inquiry;
mod limiter;
mod oauth;
mod origin;
mod presented;
mod problem;
mod project;
mod project_credentials;
mod project_session;
mod query;
mod run;
mod settings;
mod start;

pub use action::{Action, action, only};
pub use admin::{Admin, Created, Session};
pub use answer::{Endpoint, Reply, answer, cacheable, json_reply};
pub use body::{form_or_json, has_path_parameter, json, json_or_empty, json_or_untyped, path_parameter};
pub use client::{Client, ClientCredentials};
pub use clock::Clock;
pub use credentials::{Credentials, Denied, bearer, single};
pub use form::Form;
pub use inquiry::Inquiry;
pub use limiter::{Demand, Limiter, Quotas, RateLimits};
pub use oauth::{BASIC_CHALLENGE, oauth_error, oauth_reply};
pub use origin::source_ip;
pub use presented::{Claims, Known, Presented};
pub use problem::{Code, Problem, causes};
pub use project::{ProjectAccess, project_for};
pub use project_credentials::{ProjectCaller, ProjectCredentials, ProjectProof};
pub use project_session::{By, ProjectSession, Projects};
pub use query::{Paging, flag, parameters};
pub use run::{disarm, run};
pub use settings::{Failing, LogFormat, Settings, SettingsError};
pub use start::{BootError, Start, log_to_stderr, retries, sdk_config, timeouts};

pub use lambda_http::{Body, Request, Response, http};
