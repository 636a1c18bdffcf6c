//! Starts the `revocation` function.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    api::run::<revocation::App>().await
}
