//! Starts the `discovery` function.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    api::run::<discovery::App>().await
}
