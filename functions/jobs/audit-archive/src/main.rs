//! Starts the `audit-archive` function.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    api::run_job::<audit_archive::App>().await
}
