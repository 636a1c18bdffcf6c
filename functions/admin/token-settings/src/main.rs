//! Starts the `token-settings` function.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    api::run::<token_settings::App>().await
}
