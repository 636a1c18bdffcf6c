//! Starts the `partners` function.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    api::run::<partners::App>().await
}
