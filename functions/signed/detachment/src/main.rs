//! Starts the `detachment` function.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    api::run::<detachment::App>().await
}
