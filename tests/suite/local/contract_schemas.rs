//! The schemas of `openapi.yaml` are well formed, and a body or response that is used once is written where it is used.

use std::collections::{BTreeMap, BTreeSet};

use serde_yaml_ng::Value;

use super::contract::yaml;

/// What a keyword's value holds.
#[derive(Clone, Copy)]
enum Holds {
    /// No schema.
    Value,
    /// A schema, or a boolean in its place.
    Schema,
    /// A list of schemas.
    List,
    /// Schemas by name.
    Map,
}

/// Every keyword of JSON Schema and OpenAPI that the document uses.
const KEYWORDS: [(&str, Holds); 32] = [
    ("$ref", Holds::Value),
    ("additionalProperties", Holds::Schema),
    ("allOf", Holds::List),
    ("anyOf", Holds::List),
    ("const", Holds::Value),
    ("contentMediaType", Holds::Value),
    ("contentSchema", Holds::Schema),
    ("default", Holds::Value),
    ("description", Holds::Value),
    ("enum", Holds::Value),
    ("example", Holds::Value),
    ("examples", Holds::Value),
    ("format", Holds::Value),
    ("items", Holds::Schema),
    ("maxItems", Holds::Value),
    ("maxLength", Holds::Value),
    ("maxProperties", Holds::Value),
    ("maximum", Holds::Value),
    ("minItems", Holds::Value),
    ("minLength", Holds::Value),
    ("minProperties", Holds::Value),
    ("minimum", Holds::Value),
    ("multipleOf", Holds::Value),
    ("not", Holds::Schema),
    ("oneOf", Holds::List),
    ("pattern", Holds::Value),
    ("properties", Holds::Map),
    ("propertyNames", Holds::Schema),
    ("required", Holds::Value),
    ("type", Holds::Value),
    ("unevaluatedProperties", Holds::Schema),
    ("uniqueItems", Holds::Value),
];

/// The members of a mapping or a sequence, by name or index.
fn members(value: &Value) -> Vec<(String, &Value)> {
    match value {
        Value::Mapping(members) => {
            let name = |key: &Value| key.as_str().map_or_else(|| format!("{key:?}"), str::to_owned);
            members.iter().map(|(key, member)| (name(key), member)).collect()
        }
        Value::Sequence(items) => {
            items.iter().enumerate().map(|(index, item)| (index.to_string(), item)).collect()
        }
        _ => Vec::new(),
    }
}

/// Every schema of the document, by its JSON Pointer.
fn schemas(document: &Value) -> BTreeMap<String, &Value> {
    let mut found = BTreeMap::new();
    find_schemas(document, "#", &mut found);
    found
}

/// Adds the schemas below `value`, which is not one itself.
fn find_schemas<'a>(value: &'a Value, pointer: &str, found: &mut BTreeMap<String, &'a Value>) {
    for (name, member) in members(value) {
        let pointer = format!("{pointer}/{name}");
        match name.as_str() {
            "schema" => add_schema(member, pointer, found),
            "schemas" => add_schemas(member, &pointer, found),
            "example" | "examples" => {}
            _ => find_schemas(member, &pointer, found),
        }
    }
}

fn add_schemas<'a>(schemas: &'a Value, pointer: &str, found: &mut BTreeMap<String, &'a Value>) {
    for (name, schema) in members(schemas) {
        add_schema(schema, format!("{pointer}/{name}"), found);
    }
}

/// Adds `schema` and the schemas inside it.
fn add_schema<'a>(schema: &'a Value, pointer: String, found: &mut BTreeMap<String, &'a Value>) {
    for (keyword, holds) in KEYWORDS {
        let pointer = format!("{pointer}/{keyword}");
        match (schema.get(keyword), holds) {
            (Some(inner), Holds::Schema) => add_schema(inner, pointer, found),
            (Some(inner), Holds::List | Holds::Map) => add_schemas(inner, &pointer, found),
            (_, Holds::Value) | (None, _) => {}
        }
    }
    found.insert(pointer, schema);
}

#[test]
fn every_keyword_of_a_schema_is_known() {
    let document = yaml("openapi.yaml");
    let schemas = schemas(&document);
    assert!(schemas.len() > 500, "only {} schemas were found", schemas.len());
    let known = KEYWORDS.map(|(keyword, _)| keyword);
    for (pointer, schema) in schemas {
        assert!(schema.is_mapping() || schema.is_bool(), "{pointer} is no schema: {schema:?}");
        for (keyword, value) in members(schema) {
            assert!(known.contains(&keyword.as_str()), "{pointer} has the keyword `{keyword}`");
            assert!(!value.is_null(), "{pointer}: `{keyword}` has no value");
        }
    }
}

#[test]
fn every_array_names_its_items() {
    let document = yaml("openapi.yaml");
    for (pointer, schema) in schemas(&document) {
        let types = schema.get("type");
        let is_array = types.is_some_and(|types| {
            types == "array" || members(types).iter().any(|(_, member)| *member == "array")
        });
        assert!(!is_array || schema.get("items").is_some(), "{pointer} has no `items`");
    }
}

/// How often each component is referred to.
fn references(document: &Value) -> BTreeMap<String, usize> {
    let mut count = BTreeMap::new();
    count_references(document, &mut count);
    count
}

fn count_references(value: &Value, count: &mut BTreeMap<String, usize>) {
    if let Some(reference) = value.get("$ref").and_then(Value::as_str) {
        *count.entry(reference.to_owned()).or_default() += 1;
    }
    for (_, member) in members(value) {
        count_references(member, count);
    }
}

#[test]
fn every_reference_leads_to_a_component_and_every_component_is_referred_to() {
    let document = yaml("openapi.yaml");
    let references: BTreeSet<String> = references(&document).into_keys().collect();
    let mut components = BTreeSet::new();
    for (kind, named) in members(&document["components"]) {
        if kind != "securitySchemes" {
            components.extend(members(named).iter().map(|(name, _)| format!("#/components/{kind}/{name}")));
        }
    }
    assert_eq!(references, components);
}

#[test]
fn bodies_and_responses_that_are_used_once_stand_where_they_are_used() {
    let document = yaml("openapi.yaml");
    for (component, count) in references(&document) {
        let shared = ["requestBodies", "responses"];
        if shared.iter().any(|kind| component.starts_with(&format!("#/components/{kind}/"))) {
            assert!(count > 1, "{component} is used once");
        }
    }
}

#[test]
fn the_default_security_is_that_of_the_admin_api_alone() {
    let document = yaml("openapi.yaml");
    let default = serde_yaml_ng::to_string(&document["security"]).expect("YAML");
    assert_eq!(default.trim(), "- accessToken: []");
    for (path, item) in members(&document["paths"]) {
        for (method, operation) in members(item) {
            if operation.get("operationId").is_some() {
                let own = operation.get("security").is_some();
                assert_eq!(own, !path.starts_with("/admin/v1/"), "{method} {path}");
            }
        }
    }
}
