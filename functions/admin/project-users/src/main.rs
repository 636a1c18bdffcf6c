//! Starts the `project-users` function.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    api::run::<project_users::App>().await
}
