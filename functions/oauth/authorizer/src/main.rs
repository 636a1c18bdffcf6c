//! Starts the `authorizer` function.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    api::run_responder::<authorizer::App>().await
}
