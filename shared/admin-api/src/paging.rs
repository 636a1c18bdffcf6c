//! The query parameters of a list.

use admin::Listing;
use api::{Problem, Request};
use model::EntityId;
use store::Cursor;

/// Reads `limit`, `cursor` and, if the list has a filter, the entity in the parameter of the filter's name: each once,
/// and no others.
///
/// # Errors
/// [`api::Code::InvalidRequest`] naming the parameter.
pub fn listing(request: &Request, filter: Option<&str>) -> Result<Listing, Problem> {
    let mut listing = Listing::default();
    let mut seen = Vec::new();
    for (name, value) in api::query_parameters(request)? {
        if seen.contains(&name) {
            return Err(Problem::invalid(name, "is given twice"));
        }
        match name.as_str() {
            "limit" => listing.limit = api::page_limit(&value)?,
            "cursor" => listing.cursor = Some(cursor(&value)?),
            other if Some(other) == filter => listing.entity = Some(entity(&name, &value)?),
            _ => return Err(Problem::invalid(name, "is not a parameter of this list")),
        }
        seen.push(name);
    }
    Ok(listing)
}

fn cursor(text: &str) -> Result<Cursor, Problem> {
    text.parse().map_err(|_| Problem::invalid("cursor", "must be a next_cursor of this list"))
}

fn entity(parameter: &str, text: &str) -> Result<EntityId, Problem> {
    text.parse().map_err(|_| Problem::invalid(parameter, "must be an entity's id"))
}
