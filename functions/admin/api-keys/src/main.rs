//! Starts the `api-keys` function.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    api::run::<api_keys::App>().await
}
