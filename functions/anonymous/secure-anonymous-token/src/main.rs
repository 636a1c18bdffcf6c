//! Starts the `secure-anonymous-token` function.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    api::run::<secure_anonymous_token::App>().await
}
