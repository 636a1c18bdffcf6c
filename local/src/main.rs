//! `tokenbooth`: runs the booth, prepares a deployment, signs requests.

#[tokio::main]
async fn main() -> std::process::ExitCode {
    tokenbooth::commands::run().await
}
