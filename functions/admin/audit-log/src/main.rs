//! Starts the `audit-log` function.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    api::run::<audit_log::App>().await
}
