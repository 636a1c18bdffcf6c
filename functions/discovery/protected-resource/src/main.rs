//! Starts the `protected-resource` function.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    api::run::<protected_resource::App>().await
}
