//! What needs a booth of its own: its clock, its DynamoDB, its process.

mod clock;
mod command_line;
mod contract;
mod embedded;
mod faults;
mod gateway;
mod init;
mod oauth;
mod overtaken;
mod policies;
mod process;
mod proxy;
mod races;
mod rate_limits;
mod requirements;
mod seal;
mod secrets;
mod serve;
mod time;
mod window_s;
mod window_s_limits;
mod window_v;
mod window_x;
mod writes;
