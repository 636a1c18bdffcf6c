//! Starts the `integrations` function.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    api::run::<integrations::App>().await
}
