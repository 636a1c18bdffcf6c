//! Reads all pages of a list.

use std::io::IsTerminal as _;

use reqwest::{Method, Url};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::commands::admin::failure::Failure;
use crate::commands::admin::session::{Answer, Call, Session};
use crate::commands::admin::target::Target;

/// A page of a list. Its items are not read.
#[derive(Debug, Default, Deserialize, Serialize)]
struct Page {
    items: Vec<Box<RawValue>>,
    next_cursor: Option<String>,
}

/// Reads the list to its end, and returns it as one page. On a terminal it counts the items.
pub(crate) async fn read_all(session: &mut Session, target: &Target) -> Result<Answer, Failure> {
    let call = Call { method: Method::GET, body: None, if_match: None, idempotency_key: None };
    let is_terminal = std::io::stderr().is_terminal();
    let mut all = Page::default();
    let mut url = target.resource.clone();
    loop {
        let text = session.send(&call, url).await?.text;
        let page: Page = serde_json::from_str(&text).map_err(|_| Failure::NotAList)?;
        all.items.extend(page.items);
        if is_terminal {
            eprint!("\rtokenbooth: {} items", all.items.len());
        }
        match page.next_cursor {
            Some(cursor) => url = with_cursor(&target.resource, &cursor),
            None => break,
        }
    }
    if is_terminal {
        eprintln!();
    }
    let text = serde_json::to_string(&all).map_err(|_| Failure::NotAList)?;
    Ok(Answer { text, etag: None })
}

/// The URL of the page at `cursor`.
fn with_cursor(list: &Url, cursor: &str) -> Url {
    let mut url = list.clone();
    let others = list.query_pairs().filter(|(name, _)| name != "cursor");
    url.query_pairs_mut().clear().extend_pairs(others).append_pair("cursor", cursor);
    url
}
