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
    Parameters::read(request)?.listing(filter)
}

/// The query parameters that are not read yet. Each name occurs once.
#[derive(Debug)]
pub(crate) struct Parameters(Vec<(String, String)>);

impl Parameters {
    pub(crate) fn read(request: &Request) -> Result<Self, Problem> {
        let mut parameters: Vec<(String, String)> = Vec::new();
        for (name, value) in api::query_parameters(request)? {
            if parameters.iter().any(|(seen, _)| *seen == name) {
                return Err(Problem::invalid(name, "is given twice"));
            }
            parameters.push((name, value));
        }
        Ok(Self(parameters))
    }

    /// Removes the parameter `name` and parses its value. `None` if it is not given.
    pub(crate) fn take<T>(
        &mut self,
        name: &'static str,
        parse: impl FnOnce(&str) -> Result<T, &'static str>,
    ) -> Result<Option<T>, Problem> {
        let Some(at) = self.0.iter().position(|(given, _)| given == name) else { return Ok(None) };
        let (_, value) = self.0.remove(at);
        parse(&value).map(Some).map_err(|rule| Problem::invalid(name, rule))
    }

    /// The part of the list that the remaining parameters select. There must be no others.
    pub(crate) fn listing(self, filter: Option<&str>) -> Result<Listing, Problem> {
        let mut listing = Listing::default();
        for (name, value) in self.0 {
            match name.as_str() {
                "limit" => listing.limit = api::page_limit(&value)?,
                "cursor" => listing.cursor = Some(cursor(&value)?),
                other if Some(other) == filter => listing.entity = Some(entity(&name, &value)?),
                _ => return Err(Problem::invalid(name, "is not a parameter of this list")),
            }
        }
        Ok(listing)
    }
}

fn cursor(text: &str) -> Result<Cursor, Problem> {
    text.parse().map_err(|_| Problem::invalid("cursor", "must be a next_cursor of this list"))
}

fn entity(parameter: &str, text: &str) -> Result<EntityId, Problem> {
    text.parse().map_err(|_| Problem::invalid(parameter, "must be an entity's id"))
}
