//! Starts the `attached-devices` function.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    api::run::<attached_devices::App>().await
}
