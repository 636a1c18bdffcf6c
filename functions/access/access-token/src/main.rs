//! Starts the `access-token` function.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    api::run::<access_token::App>().await
}
