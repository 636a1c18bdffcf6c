//! Starts the `signed-records` function.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    api::run::<signed_records::App>().await
}
