//! DynamoDB round trips and read units per token, counted on the wire.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use api::{Clock, Endpoint};
use model::{SignedDuration, Timestamp};

use crate::Outcome;
use crate::events::Window;
use crate::ground::{CACHE, Ground};
use crate::proxy::{Exchange, Proxy};
use crate::table::{Table, target};

/// The most round trips a token may take with nothing in the cache but what starting put there.
const COLD: usize = 2;

/// Counts for each window: starting, the first token, the next one, and one after the cache has run out.
pub(crate) async fn count(ground: &Ground, table: &mut Table) -> Outcome<()> {
    table.part(["DynamoDB per token, counted", "round trips", "read units", "other calls", "target"]);
    count_one::<secure_anonymous_token::App>(ground, Window::F, table).await?;
    count_one::<access_token::App>(ground, Window::K, table).await
}

async fn count_one<E: Endpoint>(ground: &Ground, window: Window, table: &mut Table) -> Outcome<()> {
    let proxy = Proxy::serve(ground.dynamodb()).await?;
    let later = Arc::new(AtomicI64::new(0));
    let clock = clock(later.clone());
    let endpoint = E::boot(&ground.start(proxy.address, clock.clone())).await?;
    row(table, &format!("{window:?} starting"), &proxy.take(), None);

    issue(&endpoint, window, ground, &clock).await?;
    row(table, &format!("{window:?} first token after starting"), &proxy.take(), Some(COLD));
    issue(&endpoint, window, ground, &clock).await?;
    row(table, &format!("{window:?} next token, warm"), &proxy.take(), Some(0));
    later.store(CACHE.as_secs(), Ordering::Relaxed);
    issue(&endpoint, window, ground, &clock).await?;
    row(table, &format!("{window:?} token when all cached reads are too old"), &proxy.take(), Some(COLD));
    Ok(())
}

/// The system's clock, so many seconds ahead.
fn clock(later: Arc<AtomicI64>) -> Clock {
    Clock::new(move || {
        let ahead = SignedDuration::from_secs(later.load(Ordering::Relaxed));
        let now = Timestamp::now();
        now.checked_add(ahead).unwrap_or(now)
    })
}

async fn issue<E: Endpoint>(endpoint: &E, window: Window, ground: &Ground, clock: &Clock) -> Outcome<()> {
    let request = window.request(ground.demo(), clock.now())?;
    let reply = endpoint.handle(&request).await;
    reply.map(drop).map_err(|problem| format!("{}: {}", E::NAME, problem.detail()).into())
}

fn row(table: &mut Table, name: &str, exchanges: &[Exchange], most: Option<usize>) {
    let units =
        exchanges.iter().filter_map(|exchange| exchange.read_units).fold(0.0, |sum, units| sum + units);
    let others: Vec<_> =
        exchanges.iter().filter(|it| it.read_units.is_none()).map(|it| &*it.operation).collect();
    let others = if others.is_empty() { "0".to_owned() } else { others.join(", ") };
    let verdict = most.map(|most| {
        let text = if most == 0 { "0 round trips".to_owned() } else { format!("≤ {most} round trips") };
        target(&text, exchanges.len() <= most)
    });
    table.row([
        name,
        &exchanges.len().to_string(),
        &units.to_string(),
        &others,
        &verdict.unwrap_or_default(),
    ]);
}
