//! Starts the `assertions` function.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    api::run::<assertions::App>().await
}
