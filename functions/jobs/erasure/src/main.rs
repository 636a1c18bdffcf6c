//! Starts the `erasure` function.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    api::run_job::<erasure::App>().await
}
