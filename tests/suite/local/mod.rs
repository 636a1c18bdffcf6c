//! What needs a booth of its own: its clock, its DynamoDB, its process.

mod clock;
mod command_line;
mod contract;
mod contract_schemas;
mod embedded;
mod faults;
mod gateway;
mod generated;
mod init;
mod oauth;
mod overtaken;
mod partner;
mod policies;
mod process;
mod proxy;
mod races;
mod rate_limits;
mod requirements;
mod seal;
mod secrets;
mod serve;
mod signed;
mod signed_limits;
mod time;
mod writes;
mod xdoc;
