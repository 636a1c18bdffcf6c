//! Starts the `signed-token` function.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    api::run::<signed_token::App>().await
}
