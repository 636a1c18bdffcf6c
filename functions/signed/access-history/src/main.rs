//! Starts the `access-history` function.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    api::run::<access_history::App>().await
}
