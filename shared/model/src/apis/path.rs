//! The routes of an API, as API Gateway writes them (A7).

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

/// A method and a path, such as `GET /orders/{id}`. The method can be `ANY`. A segment in braces is a parameter and matches
/// any one segment. The last one can be `{proxy+}`, which matches one or more segments. At most 200 characters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RoutePattern {
    text: String,
    segments: Vec<Segment>,
}

/// A part of a path. The order is from the most to the least specific one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Segment {
    Literal(String),
    Parameter,
    Greedy,
}

/// How two routes relate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Relation {
    /// No request matches both.
    Apart,
    /// Some requests match both, and the first route is more specific.
    MoreSpecific,
    /// Some requests match both, and the second route is more specific.
    LessSpecific,
    /// Some requests match both, and none is more specific in every part.
    Ambiguous,
}

const METHODS: [&str; 8] = ["ANY", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"];

impl RoutePattern {
    /// The route as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    fn method(&self) -> &str {
        self.text.split(' ').next().unwrap_or_default()
    }

    /// Whether a request with this method and path, without query, matches the route in API Gateway.
    #[cfg(test)]
    pub fn matches(&self, method: &str, path: &str) -> bool {
        let Some(path) = path.strip_prefix('/') else { return false };
        let parts: Vec<_> = path.split('/').collect();
        [method, "ANY"].contains(&self.method()) && is_match(&self.segments, &parts)
    }

    /// Whether the two routes match the same requests: they differ at most in the names of parameters.
    #[must_use]
    pub fn is_same_as(&self, other: &Self) -> bool {
        self.method() == other.method() && self.segments == other.segments
    }

    /// How this route relates to `other`.
    pub(super) fn relation(&self, other: &Self) -> Relation {
        let (is_any, is_other_any) = (self.method() == "ANY", other.method() == "ANY");
        let have_same_method = self.method() == other.method() || is_any || is_other_any;
        if !have_same_method || !overlap(&self.segments, &other.segments) {
            return Relation::Apart;
        }
        let of_segments = self.segments.iter().zip(&other.segments).map(|(own, other)| own.cmp(other));
        let orders: Vec<_> = std::iter::once(is_any.cmp(&is_other_any)).chain(of_segments).collect();
        match (orders.contains(&Ordering::Less), orders.contains(&Ordering::Greater)) {
            (true, false) => Relation::MoreSpecific,
            (false, true) => Relation::LessSpecific,
            _ => Relation::Ambiguous,
        }
    }
}

#[cfg(test)]
fn is_match(pattern: &[Segment], path: &[&str]) -> bool {
    match (pattern.split_first(), path.split_first()) {
        (None, None) => true,
        (Some((Segment::Greedy, _)), Some((first, _))) => !first.is_empty() || path.len() > 1,
        (Some((segment, pattern)), Some((first, path))) => {
            let is_equal = match segment {
                Segment::Literal(text) => text == first,
                Segment::Parameter | Segment::Greedy => !first.is_empty(),
            };
            is_equal && is_match(pattern, path)
        }
        _ => false,
    }
}

/// Whether some path matches both.
fn overlap(one: &[Segment], other: &[Segment]) -> bool {
    match (one.split_first(), other.split_first()) {
        (None, None) => true,
        (Some((Segment::Greedy, _)), Some((first, _))) | (Some((first, _)), Some((Segment::Greedy, _))) => {
            *first != Segment::Literal(String::new())
        }
        (Some((first, one)), Some((second, other))) => {
            let are_equal = match (first, second) {
                (Segment::Literal(first), Segment::Literal(second)) => first == second,
                (Segment::Literal(text), _) | (_, Segment::Literal(text)) => !text.is_empty(),
                _ => true,
            };
            are_equal && overlap(one, other)
        }
        _ => false,
    }
}

impl TryFrom<String> for RoutePattern {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, &'static str> {
        const MESSAGE: &str = "must be a method or ANY, a space and a path such as /orders/{id} or /{proxy+}, without a \
                               slash at the end, at most 200 characters";
        let segments = parse(&text).ok_or(MESSAGE)?;
        Ok(Self { text, segments })
    }
}

impl From<RoutePattern> for String {
    fn from(route: RoutePattern) -> Self {
        route.text
    }
}

fn parse(text: &str) -> Option<Vec<Segment>> {
    let (method, path) = text.split_once(" /").filter(|_| text.len() <= 200)?;
    if !METHODS.contains(&method) {
        return None;
    }
    if path.is_empty() {
        return Some(vec![Segment::Literal(String::new())]);
    }
    let segments = path.split('/').map(parse_segment).collect::<Option<Vec<_>>>()?;
    let (_, before_last) = segments.split_last()?;
    (!before_last.contains(&Segment::Greedy)).then_some(segments)
}

fn parse_segment(text: &str) -> Option<Segment> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    if let Some(name) = text.strip_prefix('{').and_then(|text| text.strip_suffix('}')) {
        let (name, segment) = match name.strip_suffix('+') {
            Some(name) => (name, Segment::Greedy),
            None => (name, Segment::Parameter),
        };
        return (!name.is_empty() && name.bytes().all(is_plain)).then_some(segment);
    }
    let is_literal = |byte: u8| is_plain(byte) || b"!$&'()*+,;=:@".contains(&byte);
    let is_segment = !text.is_empty() && ![".", ".."].contains(&text) && text.bytes().all(is_literal);
    is_segment.then(|| Segment::Literal(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn route(text: &str) -> Result<RoutePattern, &'static str> {
        text.to_owned().try_into()
    }

    #[test]
    fn a7_a_route_is_a_method_and_a_path_as_api_gateway_writes_them() {
        let longest = format!("GET /{}", "a".repeat(195));
        for good in [
            "GET /",
            "ANY /orders",
            "GET /orders/{id}",
            "PUT /orders/{order-id}/items/{item_id}",
            "ANY /{proxy+}",
            "DELETE /v1/files/{path+}",
            "GET /a:b/c@d;e=1",
            &longest,
        ] {
            assert_eq!(route(good).map(String::from).as_deref(), Ok(good));
        }
        let long = format!("{longest}a");
        for bad in [
            "",
            "GET",
            "/orders",
            "get /orders",
            "FETCH /orders",
            "GET orders",
            "GET  /orders",
            "GET /orders ",
            "GET /orders/",
            "GET //orders",
            "GET /a//b",
            "GET /{}",
            "GET /{+}",
            "GET /{a",
            "GET /a}",
            "GET /x{a}",
            "GET /{a b}",
            "GET /{proxy+}/x",
            "GET /a?b",
            "GET /a#b",
            "GET /%61",
            "GET /..",
            "GET /\u{e9}",
            "GET /a\nb",
            "$default",
            "GET https://api.example/a",
            &long,
        ] {
            assert!(route(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a7_a_route_matches_requests() {
        for (pattern, method, path, expected) in [
            ("GET /", "GET", "/", true),
            ("GET /", "GET", "/a", false),
            ("GET /orders", "POST", "/orders", false),
            ("ANY /orders", "POST", "/orders", true),
            ("GET /orders", "GET", "/orders/", false),
            ("GET /orders", "GET", "/Orders", false),
            ("GET /orders/{id}", "GET", "/orders/7", true),
            ("GET /orders/{id}", "GET", "/orders/", false),
            ("GET /orders/{id}", "GET", "/orders/7/items", false),
            ("GET /{proxy+}", "GET", "/a/b/c", true),
            ("GET /{proxy+}", "GET", "/", false),
            ("GET /a/{rest+}", "GET", "/a", false),
            ("GET /a/{rest+}", "GET", "/a/b", true),
            ("GET /orders", "GET", "orders", false),
        ] {
            assert_eq!(route(pattern).unwrap().matches(method, path), expected, "{pattern} {method} {path}");
        }
    }

    #[test]
    fn a7_of_two_routes_for_one_request_one_is_more_specific_or_they_are_ambiguous() {
        for (one, other, expected) in [
            ("GET /orders", "POST /orders", Relation::Apart),
            ("GET /orders", "GET /items", Relation::Apart),
            ("GET /orders", "GET /orders/{id}", Relation::Apart),
            ("GET /", "GET /{proxy+}", Relation::Apart),
            ("GET /", "GET /{id}", Relation::Apart),
            ("GET /orders/{id}", "GET /orders/{order}", Relation::Ambiguous),
            ("GET /{a}/b", "GET /a/{b}", Relation::Ambiguous),
            ("ANY /a", "GET /{b}", Relation::Ambiguous),
            ("GET /orders/new", "GET /orders/{id}", Relation::MoreSpecific),
            ("GET /orders", "ANY /orders", Relation::MoreSpecific),
            ("GET /a/b", "ANY /{proxy+}", Relation::MoreSpecific),
            ("GET /a/{rest+}", "GET /{proxy+}", Relation::MoreSpecific),
            ("GET /{a}/{b}", "GET /{a}/{rest+}", Relation::MoreSpecific),
        ] {
            let (one, other) = (route(one).unwrap(), route(other).unwrap());
            assert_eq!(one.relation(&other), expected, "{one:?} {other:?}");
            let reverse = match expected {
                Relation::MoreSpecific => Relation::LessSpecific,
                same => same,
            };
            assert_eq!(other.relation(&one), reverse, "{other:?} {one:?}");
        }
    }
}
