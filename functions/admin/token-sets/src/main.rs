//! Starts the `token-sets` function.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    api::run::<token_sets::App>().await
}
