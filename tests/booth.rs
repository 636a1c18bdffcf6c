//! The command `tokenbooth`, built with the tests so that they can run it.

#[tokio::main]
async fn main() -> std::process::ExitCode {
    tokenbooth::commands::run().await
}
