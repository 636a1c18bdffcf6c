//! Starts the `oauth-token` function.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    api::run::<oauth_token::App>().await
}
