//! Starts the `attachment` function.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    api::run::<attachment::App>().await
}
