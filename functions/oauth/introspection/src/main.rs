//! Starts the `introspection` function.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    api::run::<introspection::App>().await
}
