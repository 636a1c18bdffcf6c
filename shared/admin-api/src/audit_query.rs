//! The query parameters of the audit log and of notices.

use admin::Listing;
use api::{Problem, Request};
use model::Timestamp;
use store::{AuditFilter, TimeRange};

use crate::paging::Parameters;

/// The longest action or target in a filter, in bytes.
const MAX_TEXT_BYTES: usize = 128;

/// Reads the parameters of the audit log.
///
/// # Errors
/// [`api::Code::InvalidRequest`] naming the parameter.
pub fn audit_query(request: &Request) -> Result<(Listing, AuditFilter), Problem> {
    let mut parameters = Parameters::read(request)?;
    let filter = AuditFilter {
        times: times(&mut parameters)?,
        action: parameters.take("action", visible_ascii)?,
        actor: parameters.take("actor", |text| text.parse().map_err(|_| "must be a client id"))?,
        target: parameters.take("target", visible_ascii)?,
    };
    Ok((parameters.listing(Some("entity_id"))?, filter))
}

/// Reads the parameters of the notices.
///
/// # Errors
/// [`api::Code::InvalidRequest`] naming the parameter.
pub fn notice_query(request: &Request) -> Result<(Listing, TimeRange), Problem> {
    let mut parameters = Parameters::read(request)?;
    let times = times(&mut parameters)?;
    Ok((parameters.listing(Some("entity_id"))?, times))
}

fn times(parameters: &mut Parameters) -> Result<TimeRange, Problem> {
    let times = TimeRange { from: parameters.take("from", time)?, to: parameters.take("to", time)? };
    match (times.from, times.to) {
        (Some(from), Some(to)) if from >= to => Err(Problem::invalid("to", "must be later than from")),
        _ => Ok(times),
    }
}

fn time(text: &str) -> Result<Timestamp, &'static str> {
    text.parse().map_err(|_| "must be a time of RFC 3339, such as 2026-11-26T09:00:00Z")
}

fn visible_ascii(text: &str) -> Result<String, &'static str> {
    let fits = (1..=MAX_TEXT_BYTES).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
    if fits { Ok(text.to_owned()) } else { Err("must be 1 to 128 visible ASCII characters") }
}
