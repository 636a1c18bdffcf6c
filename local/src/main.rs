//! `tokenbooth`: runs a booth, prepares a deployment, signs requests, encrypts and decrypts project tokens.

#[tokio::main]
async fn main() -> std::process::ExitCode {
    tokenbooth::commands::run().await
}
