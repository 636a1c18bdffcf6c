//! `tokenbooth serve`.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::pin::pin;
use std::time::Duration;

use api::{BootError, Clock, LogFormat, OnFailure, PlainSignatures, RateLimits};
use clap::{Args, ValueEnum};
use model::SignedDuration;
use tokio::sync::oneshot;

use crate::booth::{Booth, HEADER_TIMEOUT, Options};
use crate::commands::banner::{self, print};
use crate::commands::listen_address;
use crate::commands::signals::StopSignals;
use crate::issuer::IssuerUrl;

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  Keep the data in .tokenbooth and listen on 127.0.0.1:9000:
    tokenbooth serve
  Keep nothing, on a free port, and write the demo tenant's keys to demo.json:
    tokenbooth serve --listen 0 --ephemeral --demo-json demo.json
  In a container, behind a proxy that serves https://tokens.example.com:
    tokenbooth serve --listen 0.0.0.0:9000 --issuer https://tokens.example.com

Ctrl-C, SIGTERM and SIGHUP close the booth.")]
pub(crate) struct Serve {
    /// The address that the booth listens on; without ADDR on 127.0.0.1, with port 0 on a free port
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:9000", value_parser = listen_address::parse)]
    listen: SocketAddr,
    /// The public URL, the issuer of tokens; the default is the address that the booth listens on
    #[arg(long, value_name = "URL", env = "TOKENBOOTH_ISSUER")]
    issuer: Option<String>,
    /// The address that the embedded DynamoDB listens on; with port 0 on a free port
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:0", value_parser = listen_address::parse)]
    dynamodb: SocketAddr,
    /// The folder that keeps the data between starts
    #[arg(long, value_name = "DIR", default_value = ".tokenbooth")]
    data: PathBuf,
    /// Keep everything in memory and delete it at the end
    #[arg(long, conflicts_with = "data")]
    ephemeral: bool,
    /// Write the demo tenant to this file as well
    #[arg(long, value_name = "FILE")]
    demo_json: Option<PathBuf>,
    /// The format of the log lines on standard error
    #[arg(long, value_enum, default_value_t = Log::Text)]
    log: Log,
    /// How long a function caches what it reads, in seconds, 0 to 300
    #[arg(long, value_name = "SECONDS", default_value_t = 10, env = "TOKENBOOTH_CACHE_SECONDS",
          value_parser = clap::value_parser!(u16).range(0..=300))]
    cache_seconds: u16,
    /// Whether there are rate limits; use off only for load tests
    #[arg(long, value_enum, default_value_t = Switch::On)]
    rate_limits: Switch,
    /// Let the Admin API and window X accept plain signed requests as well; whoever sees one can send others for 300 seconds
    #[arg(long)]
    admin_plain_signatures: bool,
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

/// How long running requests may take to finish when the booth closes.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(10);

/// The time between two runs of the jobs.
const JOB_INTERVAL: Duration = Duration::from_secs(60);

pub(crate) async fn run(arguments: Serve) -> Result<(), BootError> {
    api::log_to_stderr(match arguments.log {
        Log::Json => LogFormat::Json,
        Log::Text => LogFormat::Text,
    });
    let mut signals = StopSignals::new()?;
    let booth = Booth::open(arguments.options()?).await?;
    if let Some(path) = &arguments.demo_json {
        booth.demo.write(path).map_err(|error| format!("--demo-json: {error}"))?;
    }
    banner::show(&booth, arguments.ephemeral)?;
    let (stop, stopped) = oneshot::channel();
    let mut running = pin!(booth.run(async {
        // An error means that the sender was dropped, which stops the booth as well.
        let _: Result<(), oneshot::error::RecvError> = stopped.await;
    }));
    tokio::select! {
        () = &mut running => return Ok(()),
        () = signals.next() => drop::<oneshot::Sender<()>>(stop),
    }
    tokio::select! {
        () = running => {}
        () = signals.next() => print("closing without waiting for running requests\n"),
        () = tokio::time::sleep(SHUTDOWN_TIMEOUT) => print("closing: running requests took too long\n"),
    }
    print("tokenbooth has closed.\n");
    Ok(())
}

impl Serve {
    fn options(&self) -> Result<Options, BootError> {
        let issuer = self.issuer.as_deref().map(str::parse::<IssuerUrl>).transpose();
        Ok(Options {
            listen: self.listen,
            issuer: issuer.map_err(|error| format!("--issuer {error}"))?,
            dynamodb: self.dynamodb,
            data: (!self.ephemeral).then(|| self.data.clone()),
            cache: SignedDuration::from_secs(i64::from(self.cache_seconds)),
            rate_limits: match self.rate_limits {
                Switch::On => RateLimits::On(OnFailure::Open),
                Switch::Off => RateLimits::Off,
            },
            admin_plain_signatures: match self.admin_plain_signatures {
                true => PlainSignatures::Accepted,
                false => PlainSignatures::Refused,
            },
            clock: Clock::system(),
            job_interval: Some(JOB_INTERVAL),
            header_timeout: HEADER_TIMEOUT,
            edge: api::edge_from_env()?,
        })
    }
}
