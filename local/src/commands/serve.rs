//! `tokenbooth serve`.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::pin::pin;
use std::time::Duration;

use api::{BootError, Clock, Failing, LogFormat, RateLimits};
use clap::{Args, ValueEnum};
use model::SignedDuration;
use tokio::sync::oneshot;

use crate::booth::{Booth, Options};
use crate::commands::screen;

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
    /// Whether rate limits hold; off is for load tests only
    #[arg(long, value_enum, default_value_t = Switch::On)]
    rate_limits: Switch,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Switch {
    On,
    Off,
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
    let mut signals = Signals::new()?;
    let booth = Booth::open(Options {
        listen: arguments.listen,
        dynamodb: arguments.dynamodb,
        data: (!arguments.ephemeral).then_some(arguments.data),
        cache: SignedDuration::from_secs(i64::from(arguments.cache_seconds)),
        rate_limits: match arguments.rate_limits {
            Switch::On => RateLimits::On(Failing::Open),
            Switch::Off => RateLimits::Off,
        },
        clock: Clock::system(),
    })
    .await?;
    if let Some(path) = &arguments.demo_json {
        booth.demo.write(path).map_err(|error| format!("cannot write {}: {error}", path.display()))?;
    }
    screen::show(&booth, arguments.ephemeral);
    let (stop, stopped) = oneshot::channel();
    let mut running = pin!(booth.run(async {
        // Dropping the sender stops the booth as well.
        let _: Result<(), oneshot::error::RecvError> = stopped.await;
    }));
    tokio::select! {
        ended = &mut running => return Ok(ended?),
        () = signals.next() => drop::<oneshot::Sender<()>>(stop),
    }
    tokio::select! {
        ended = running => ended?,
        () = signals.next() => println!("not waiting for what is still running"),
        () = tokio::time::sleep(PATIENCE) => println!("what is still running took too long"),
    }
    println!("tokenbooth has closed.");
    Ok(())
}

/// How long running requests may take to finish once the booth is told to close.
const PATIENCE: Duration = Duration::from_secs(10);

/// Ctrl-C and requests to terminate.
#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn new() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

/// Ctrl-C.
#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new() -> std::io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) {
        if let Err(error) = tokio::signal::ctrl_c().await {
            tracing::error!(cause = %error, "cannot wait for Ctrl-C");
        }
    }
}
