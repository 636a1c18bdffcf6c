//! Starts the `partner-keys` function.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    api::run::<partner_keys::App>().await
}
