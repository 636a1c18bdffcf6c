//! How many calls a second `tokenbooth serve` answers, with rate limits and without.

use std::time::Instant;

use futures_util::future::try_join_all;
use reqwest::{Client, StatusCode};

use crate::Outcome;
use crate::events::Message;
use crate::limits::server::Server;
use crate::messages;
use crate::series::Series;
use crate::table::{Table, target};

/// How often both servers are started anew.
const STARTS: usize = 3;
/// In each round each server answers so many calls, so many of them at once. The demo tenant's buckets have 6000 requests.
const ROUNDS: usize = 9;
const CALLS: usize = 512;
const AT_ONCE: usize = 16;
/// The target for the calls per second, as a share of those without rate limits.
const LEAST: f64 = 0.8;

/// Builds the message of a call to that server.
type Build = fn(&Server) -> Message;

const CASES: [(&str, Build); 2] = [
    ("F token", |server| messages::secure_anonymous(&server.demo, model::Timestamp::now())),
    ("K token", |server| messages::access_token(&server.demo.api_key)),
];

/// Runs both servers side by side; in each round they answer one after the other.
pub(crate) async fn measure(table: &mut Table) -> Outcome<()> {
    table.part([
        "Rate limits: tokenbooth serve, calls per second",
        "off, median",
        "on, median",
        "on to off, median",
        "target",
    ]);
    let mut measured = CASES.map(|_| [Series::default(), Series::default()]);
    for _ in 0..STARTS {
        let servers = [Server::start("off").await?, Server::start("on").await?];
        for ((_, message), series) in CASES.iter().zip(&mut measured) {
            compare(&servers, *message, series).await?;
        }
    }
    for ((name, _), [off, on]) in CASES.iter().zip(&measured) {
        let ratio = on.over(off).median();
        table.row([
            name,
            &format!("{:.0}", off.median()),
            &format!("{:.0}", on.median()),
            &format!("{ratio:.2}"),
            &target(&format!("≥ {LEAST}"), ratio >= LEAST),
        ]);
    }
    Ok(())
}

async fn compare(servers: &[Server; 2], message: Build, series: &mut [Series; 2]) -> Outcome<()> {
    let client = Client::builder().no_proxy().build()?;
    for server in servers {
        calls_per_second(&client, server, &message(server)).await?; // opens connections, fills caches
    }
    for round in 0..ROUNDS {
        let mut turns: Vec<_> = servers.iter().zip(series.iter_mut()).collect();
        if round % 2 == 1 {
            turns.reverse();
        }
        for (server, series) in turns {
            series.push(calls_per_second(&client, server, &message(server)).await?);
        }
    }
    Ok(())
}

async fn calls_per_second(client: &Client, server: &Server, message: &Message) -> Outcome<f64> {
    let started = Instant::now();
    try_join_all((0..AT_ONCE).map(|_| send(client, server, message, CALLS / AT_ONCE))).await?;
    Ok(CALLS as f64 / started.elapsed().as_secs_f64())
}

/// Sends that many requests, one after the other. Each must succeed.
async fn send(client: &Client, server: &Server, message: &Message, times: usize) -> Outcome<()> {
    for _ in 0..times {
        let response = message.over_http(client, &server.demo.url)?.send().await?;
        let status = response.status();
        let body = response.bytes().await?;
        if status != StatusCode::OK {
            return Err(format!("{status}: {}", String::from_utf8_lossy(&body)).into());
        }
    }
    Ok(())
}
