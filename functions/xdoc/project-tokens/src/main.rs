//! Starts the `project-tokens` function.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    api::run::<project_tokens::App>().await
}
