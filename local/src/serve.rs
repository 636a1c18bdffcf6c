//! `tokenbooth serve`.

use std::net::SocketAddr;
use std::path::PathBuf;

use api::{BootError, Clock, LogFormat};
use clap::{Args, ValueEnum};
use model::SignedDuration;

use crate::booth::{Booth, Options};
use crate::screen;

#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// Where the booth listens; port 0 takes a free one
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:9000")]
    listen: SocketAddr,
    /// Where the embedded DynamoDB listens; port 0 takes a free one
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:0")]
    dynamodb: SocketAddr,
    /// Where the data is kept between starts
    #[arg(long, value_name = "DIR", default_value = ".tokenbooth")]
    data: PathBuf,
    /// Keep everything in memory and forget it at the end
    #[arg(long, conflicts_with = "data")]
    ephemeral: bool,
    /// Write the demo tenant to this file as well
    #[arg(long, value_name = "FILE")]
    demo_json: Option<PathBuf>,
    /// How log lines are written, on standard error
    #[arg(long, value_enum, default_value_t = Log::Text)]
    log: Log,
    /// How long a function goes on with what it has read, in seconds, 0 to 300
    #[arg(long, value_name = "SECONDS", default_value_t = 10, env = "TOKENBOOTH_CACHE_SECONDS",
          value_parser = clap::value_parser!(u16).range(0..=300))]
    cache_seconds: u16,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Log {
    Json,
    Text,
}

pub(crate) async fn run(arguments: Serve) -> Result<(), BootError> {
    api::log_to_stderr(match arguments.log {
        Log::Json => LogFormat::Json,
        Log::Text => LogFormat::Text,
    });
    let stop = stop_signal()?;
    let booth = Booth::open(Options {
        listen: arguments.listen,
        dynamodb: arguments.dynamodb,
        data: (!arguments.ephemeral).then_some(arguments.data),
        cache: SignedDuration::from_secs(i64::from(arguments.cache_seconds)),
        clock: Clock::system(),
    })
    .await?;
    if let Some(path) = &arguments.demo_json {
        booth.demo.write(path).map_err(|error| format!("cannot write {}: {error}", path.display()))?;
    }
    screen::show(&booth, arguments.ephemeral);
    booth.run(stop).await?;
    println!("tokenbooth has closed; the data is whole.");
    Ok(())
}

/// Resolves at the first Ctrl-C or request to terminate.
#[cfg(unix)]
fn stop_signal() -> std::io::Result<impl Future<Output = ()> + Send + 'static> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Resolves at the first Ctrl-C.
#[cfg(not(unix))]
fn stop_signal() -> std::io::Result<impl Future<Output = ()> + Send + 'static> {
    Ok(async {
        if let Err(error) = tokio::signal::ctrl_c().await {
            tracing::error!(cause = %error, "cannot wait for Ctrl-C");
        }
    })
}
