//! Starts the `jwks` function.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    api::run::<jwks::App>().await
}
