//! Starts the `anonymous-token` function.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    api::run::<anonymous_token::App>().await
}
