//! The routes, read from `template.yaml`.

#![expect(clippy::indexing_slicing, reason = "indexing YAML with an unknown key gives null")]

use serde_yaml_ng::Value;

/// The deployment's template at build time.
const TEMPLATE: &str = include_str!("../../../template.yaml");

/// One route of the HTTP API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// The name of its function.
    pub function: String,
    /// `ANY` or one method.
    pub method: String,
    /// The path with its parameters in braces.
    pub path: String,
}

/// All routes.
#[derive(Debug)]
pub struct Routes(Vec<Route>);

/// The routes cannot be read from the template.
#[derive(Debug, thiserror::Error)]
#[error("template.yaml: {0}")]
pub struct MalformedTemplate(String);

impl Routes {
    /// The routes in `template.yaml`.
    ///
    /// # Errors
    /// [`MalformedTemplate`].
    pub fn of_template() -> Result<Self, MalformedTemplate> {
        let routes = functions()?.iter().flat_map(routes_of).collect::<Option<Vec<_>>>();
        routes.map(Self).ok_or_else(|| MalformedTemplate("an event lacks its Path or Method".to_owned()))
    }

    /// Every route.
    pub fn iter(&self) -> impl Iterator<Item = &Route> {
        self.0.iter()
    }
}

/// The names of the functions in `template.yaml` that a schedule starts.
///
/// # Errors
/// [`MalformedTemplate`].
pub fn scheduled_functions() -> Result<Vec<String>, MalformedTemplate> {
    let functions = functions()?;
    let scheduled = functions.iter().filter(|it| events_of(it, "Schedule").next().is_some());
    let names = scheduled.map(|it| Some(name(it)?.to_owned())).collect::<Option<_>>();
    names.ok_or_else(|| MalformedTemplate("a function lacks its Binary".to_owned()))
}

/// The functions in `template.yaml`, in its order.
fn functions() -> Result<Vec<Value>, MalformedTemplate> {
    let template: Value =
        serde_yaml_ng::from_str(TEMPLATE).map_err(|error| MalformedTemplate(error.to_string()))?;
    let resources = template["Resources"]
        .as_mapping()
        .ok_or_else(|| MalformedTemplate("it has no Resources".to_owned()))?;
    Ok(resources.values().filter(|it| it["Type"] == "AWS::Serverless::Function").cloned().collect())
}

fn name(function: &Value) -> Option<&str> {
    function["Metadata"]["BuildProperties"]["Binary"].as_str()
}

/// The properties of the events of `kind` that start `function`.
fn events_of<'a>(function: &'a Value, kind: &'a str) -> impl Iterator<Item = &'a Value> {
    let events = function["Properties"]["Events"].as_mapping().into_iter().flat_map(|events| events.values());
    events.filter(move |event| event["Type"] == kind).map(|event| &event["Properties"])
}

fn routes_of(function: &Value) -> Vec<Option<Route>> {
    let routes = events_of(function, "HttpApi").map(|event| {
        Some(Route {
            function: name(function)?.to_owned(),
            method: event["Method"].as_str()?.to_owned(),
            path: event["Path"].as_str()?.to_owned(),
        })
    });
    routes.collect()
}
