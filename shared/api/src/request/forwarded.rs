//! The address that a trusted forwarder names: the caller of the server that sends the request (V10).

use std::net::{IpAddr, SocketAddr};

use lambda_http::Request;
use lambda_http::http::HeaderMap;

use crate::request::edge::gateway_address;
use crate::request::origin::source_ip;

/// The header to which each proxy appends the address that it got the request from.
const FORWARDED_FOR: &str = "x-forwarded-for";

/// The address of the caller for whom the sender of the request forwards it: the last one in `X-Forwarded-For` after those
/// that the gateway and the edge appended. `None` if that is none or no address.
///
/// The gateway appends the address of its connection, and the edge the one of its viewer. Only the last address is read,
/// because the caller itself can send those before it. Trust it only if the sender is known and trusted.
#[must_use]
pub fn forwarded_address(request: &Request) -> Option<String> {
    let mut entries = entries(request.headers());
    let connection = gateway_address(request).and_then(|text| parse(&text));
    let viewer = source_ip(request).and_then(parse).filter(|viewer| Some(*viewer) != connection);
    for proxied in [connection, viewer].into_iter().flatten() {
        if entries.last().copied().and_then(parse) == Some(proxied) {
            entries.pop();
        }
    }
    entries.pop().and_then(parse).map(|address| address.to_string())
}

/// The entries of all headers, in the order in which proxies appended them.
fn entries(headers: &HeaderMap) -> Vec<&str> {
    let values = headers.get_all(FORWARDED_FOR).iter();
    values.flat_map(|value| value.to_str().unwrap_or_default().split(',')).map(str::trim).collect()
}

/// Reads an address, with a port or without one. An IPv6 address with a port is in brackets.
fn parse(entry: &str) -> Option<IpAddr> {
    let with_port = || entry.parse::<SocketAddr>().map(|address| address.ip());
    entry.parse::<IpAddr>().or_else(|_| with_port()).ok().map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::origin::SourceAddress;
    use lambda_http::http::HeaderValue;

    const BROWSER: &str = "198.51.100.7";
    const PARTNER: &str = "203.0.113.1";
    const EDGE: &str = "192.0.2.1";

    /// A request to the gateway over a connection from `connection`, with these headers.
    fn request(connection: &str, forwarded: &[&str]) -> Request {
        let event = serde_json::json!({
            "version": "2.0", "routeKey": "ANY /", "rawPath": "/", "rawQueryString": "", "headers": {},
            "isBase64Encoded": false,
            "requestContext": {
                "accountId": "0", "apiId": "a", "domainName": "d", "domainPrefix": "d", "requestId": "r",
                "routeKey": "ANY /", "stage": "$default", "timeEpoch": 0,
                "http": {
                    "method": "POST", "path": "/", "protocol": "HTTP/1.1", "sourceIp": connection, "userAgent": "t"
                },
            },
        });
        let mut request = lambda_http::request::from_str(&event.to_string()).unwrap();
        for value in forwarded {
            request.headers_mut().append(FORWARDED_FOR, HeaderValue::from_bytes(value.as_bytes()).unwrap());
        }
        request.extensions_mut().insert(SourceAddress(Some(connection.to_owned())));
        request
    }

    #[test]
    fn v10_the_last_address_before_the_gateway_s_is_the_caller_s() {
        for (case, headers, expected) in [
            ("appended by the gateway", &["198.51.100.7, 203.0.113.1"][..], Some(BROWSER)),
            ("a gateway that appends nothing", &["198.51.100.7"], Some(BROWSER)),
            ("forged before it", &["192.0.2.66, 198.51.100.7, 203.0.113.1"], Some(BROWSER)),
            ("forged as the gateway's", &["203.0.113.1, 198.51.100.7, 203.0.113.1"], Some(BROWSER)),
            ("the server's own address", &["203.0.113.1, 203.0.113.1"], Some(PARTNER)),
            ("several headers", &["192.0.2.66", "198.51.100.7", "203.0.113.1"], Some(BROWSER)),
            ("without spaces", &["192.0.2.66,198.51.100.7,203.0.113.1"], Some(BROWSER)),
            ("with a port", &["198.51.100.7:4711, 203.0.113.1"], Some(BROWSER)),
            ("IPv6", &["2001:DB8:0:0::7, 203.0.113.1"], Some("2001:db8::7")),
            ("IPv6 with a port", &["[2001:db8::7]:4711, 203.0.113.1"], Some("2001:db8::7")),
            ("IPv4 in IPv6", &["::ffff:198.51.100.7, 203.0.113.1"], Some(BROWSER)),
            ("none", &[], None),
            ("none left", &["203.0.113.1"], None),
            ("empty", &[""], None),
            ("an empty entry", &["192.0.2.66, , 203.0.113.1"], None),
            ("a name", &["192.0.2.66, unknown, 203.0.113.1"], None),
            ("a number too large", &["192.0.2.66, 198.51.100.256, 203.0.113.1"], None),
            ("a port alone", &["192.0.2.66, :4711, 203.0.113.1"], None),
            ("IPv6 in brackets without a port", &["192.0.2.66, [2001:db8::7], 203.0.113.1"], None),
            ("no text", &["192.0.2.66, \u{e4}, 203.0.113.1"], None),
        ] {
            let read = forwarded_address(&request(PARTNER, headers));
            assert_eq!(read.as_deref(), expected, "{case}");
        }
    }

    #[test]
    fn v10_behind_the_edge_its_viewer_is_not_the_caller() {
        for (case, header, expected) in [
            ("appended by both", "198.51.100.7, 203.0.113.1, 192.0.2.1", Some(BROWSER)),
            ("forged before it", "192.0.2.66, 198.51.100.7, 203.0.113.1, 192.0.2.1", Some(BROWSER)),
            ("none left", "203.0.113.1, 192.0.2.1", None),
            ("a gateway that appends nothing", "198.51.100.7, 203.0.113.1", Some(BROWSER)),
        ] {
            let mut request = request(EDGE, &[header]);
            request.extensions_mut().insert(SourceAddress(Some(PARTNER.to_owned())));
            assert_eq!(forwarded_address(&request).as_deref(), expected, "{case}");
        }
    }
}
