//! The scopes that each route of an API needs (A7).

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use crate::ScopeNames;
use crate::apis::path::{Relation, RoutePattern};

/// At most 100 routes, each with the scopes that a token needs there. If a request matches two routes, one of them is more
/// specific in every part, and it counts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Routes(BTreeMap<RoutePattern, ScopeNames>);

impl Routes {
    /// The routes with their scopes.
    pub fn iter(&self) -> impl Iterator<Item = (&RoutePattern, &ScopeNames)> {
        self.0.iter()
    }

    /// The most specific route for a request with this method and path, without query, and the scopes that it needs.
    #[cfg(test)]
    pub fn of_request(&self, method: &str, path: &str) -> Option<(&RoutePattern, &ScopeNames)> {
        let matching = self.iter().filter(|(route, _)| route.matches(method, path));
        matching.reduce(|best, other| match other.0.relation(best.0) {
            Relation::MoreSpecific => other,
            _ => best,
        })
    }

    /// The scopes that the route `wanted` needs, such as the `routeKey` of a request in API Gateway. The names of parameters
    /// may differ.
    #[must_use]
    pub fn scopes_of(&self, wanted: &RoutePattern) -> Option<&ScopeNames> {
        self.iter().find(|(route, _)| route.is_same_as(wanted)).map(|(_, scopes)| scopes)
    }

    fn is_ambiguous(&self) -> bool {
        let routes: Vec<_> = self.0.keys().collect();
        routes.iter().enumerate().any(|(at, route)| {
            routes.iter().skip(at + 1).any(|other| route.relation(other) == Relation::Ambiguous)
        })
    }
}

impl TryFrom<Vec<(RoutePattern, ScopeNames)>> for Routes {
    type Error = &'static str;

    fn try_from(list: Vec<(RoutePattern, ScopeNames)>) -> Result<Self, &'static str> {
        let count = list.len();
        let routes = Self(list.into_iter().collect());
        if routes.0.len() < count || routes.is_ambiguous() {
            return Err("must have for each request one route that is more specific than its others");
        }
        if count > MAX_ROUTES { Err(TOO_MANY) } else { Ok(routes) }
    }
}

impl<'de> Deserialize<'de> for Routes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::try_from(deserializer.deserialize_map(RoutesVisitor)?).map_err(D::Error::custom)
    }
}

struct RoutesVisitor;

impl<'de> Visitor<'de> for RoutesVisitor {
    type Value = Vec<(RoutePattern, ScopeNames)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of routes and lists of scopes")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut routes = Vec::new();
        while let Some(route) = map.next_entry()? {
            if routes.len() == MAX_ROUTES {
                return Err(A::Error::custom(TOO_MANY));
            }
            routes.push(route);
        }
        Ok(routes)
    }
}

const MAX_ROUTES: usize = 100;
const TOO_MANY: &str = "must be at most 100 routes";

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn read(text: &str) -> Result<Routes, String> {
        serde_json::from_str(text).map_err(|error| error.to_string())
    }

    #[test]
    fn a7_routes_that_match_the_same_requests_are_refused() {
        for bad in [
            r#"{"GET /a":[],"GET /a":["x"]}"#,
            r#"{"GET /a/{id}":[],"GET /a/{name}":["x"]}"#,
            r#"{"GET /{a}/b":[],"GET /a/{b}":["x"]}"#,
            r#"{"GET /a":["x","x"]}"#,
            r#"{"GET /a":["x y"]}"#,
            r#"{"GET /a":"x"}"#,
            r#"{"/a":[]}"#,
            r#"["GET /a"]"#,
            "null",
        ] {
            assert!(read(bad).is_err(), "{bad}");
        }
        let many = |count: usize| {
            let routes = (0..count).map(|n| (format!("GET /{n}"), json!([])));
            serde_json::Value::Object(routes.collect()).to_string()
        };
        assert!(read(&many(100)).is_ok());
        assert!(read(&many(101)).is_err());
    }

    #[test]
    fn a7_the_most_specific_route_of_a_request_counts() {
        let text = r#"{"ANY /{proxy+}":["all"],"GET /orders/new":["new"],"GET /orders/{id}":["read"]}"#;
        let routes = read(text).unwrap();
        for (method, path, scope) in [
            ("GET", "/orders/new", Some("new")),
            ("GET", "/orders/7", Some("read")),
            ("DELETE", "/orders/7", Some("all")),
            ("GET", "/", None),
        ] {
            let found = routes.of_request(method, path).map(|(_, scopes)| scopes.to_string());
            assert_eq!(found.as_deref(), scope, "{method} {path}");
        }
        for (route, scope) in
            [("GET /orders/{order}", Some("read")), ("ANY /{x+}", Some("all")), ("GET /orders/7", None)]
        {
            let wanted = RoutePattern::try_from(route.to_owned()).unwrap();
            assert_eq!(routes.scopes_of(&wanted).map(ToString::to_string).as_deref(), scope, "{route}");
        }
        assert_eq!(serde_json::to_string(&routes).unwrap(), text, "routes are written as they were read");
    }

    /// A pattern of few segments, so that patterns often match the same requests.
    fn pattern() -> impl Strategy<Value = RoutePattern> {
        let segment = prop_oneof!["[ab]", Just("{id}".to_owned())];
        let path = (prop::collection::vec(segment, 1..4), any::<bool>());
        (prop_oneof![Just("GET"), Just("ANY")], path).prop_map(|(method, (mut segments, is_greedy))| {
            if is_greedy {
                segments.push("{rest+}".to_owned());
            }
            RoutePattern::try_from(format!("{method} /{}", segments.join("/"))).unwrap()
        })
    }

    proptest! {
        #[test]
        fn a7_of_the_routes_that_match_a_request_one_is_more_specific_than_all_others(
            patterns in prop::collection::vec(pattern(), 1..6),
            path in "(/[ab]){1,4}",
            method in prop_oneof![Just("GET"), Just("PUT")],
        ) {
            let list = |patterns: &[RoutePattern]| {
                Routes::try_from(patterns.iter().map(|it| (it.clone(), ScopeNames::default())).collect::<Vec<_>>())
            };
            let reversed: Vec<_> = patterns.iter().rev().cloned().collect();
            prop_assert_eq!(list(&patterns), list(&reversed), "the order decides nothing");
            if let Ok(routes) = list(&patterns) {
                let matching: Vec<_> = patterns.iter().filter(|route| route.matches(method, &path)).collect();
                let found = routes.of_request(method, &path).map(|(route, _)| route);
                prop_assert_eq!(found.is_some(), !matching.is_empty());
                for other in matching.into_iter().filter(|route| Some(*route) != found) {
                    prop_assert_eq!(found.unwrap().relation(other), Relation::MoreSpecific);
                }
            }
        }

        /// Two routes are apart exactly if no request matches both.
        #[test]
        fn a7_routes_that_are_apart_match_no_request_together(
            one in pattern(),
            other in pattern(),
            path in "(/[ab]){1,4}",
        ) {
            let match_both = one.matches("GET", &path) && other.matches("GET", &path);
            prop_assert!(!match_both || one.relation(&other) != Relation::Apart);
        }
    }
}
