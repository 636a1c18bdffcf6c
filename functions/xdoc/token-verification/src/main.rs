//! Starts the `token-verification` function.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    api::run::<token_verification::App>().await
}
