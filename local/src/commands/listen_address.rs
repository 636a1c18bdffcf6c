//! Parses the address of `--listen` and `--dynamodb`.

use std::net::{Ipv4Addr, SocketAddr};

/// Parses `ADDR:PORT`, `localhost:PORT`, or a port of 127.0.0.1.
pub(crate) fn parse(text: &str) -> Result<SocketAddr, &'static str> {
    const EXPECTED: &str = "write a port, or address and port, for example 9200, 127.0.0.1:9200, \
        localhost:9200, [::1]:9200, or 0.0.0.0:9200 for every address of this machine";
    let port = match text.rsplit_once(':') {
        Some((host, port)) if host.eq_ignore_ascii_case("localhost") => port,
        Some(_) => return text.parse().map_err(|_| EXPECTED),
        None => text,
    };
    Ok(SocketAddr::from((Ipv4Addr::LOCALHOST, port.parse().map_err(|_| EXPECTED)?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_alone_and_localhost_are_on_127_0_0_1() {
        for (text, address) in [
            ("9200", "127.0.0.1:9200"),
            ("0", "127.0.0.1:0"),
            ("localhost:9200", "127.0.0.1:9200"),
            ("LOCALHOST:9200", "127.0.0.1:9200"),
            ("0.0.0.0:9200", "0.0.0.0:9200"),
            ("[::1]:9200", "[::1]:9200"),
        ] {
            assert_eq!(parse(text), Ok(address.parse().unwrap()), "{text}");
        }
    }

    #[test]
    fn the_error_for_any_other_text_has_an_example() {
        for text in [
            "",
            ":",
            ":9200",
            "localhost",
            "localhost:",
            "localhost:http",
            "65536",
            "-1",
            "127.0.0.1",
            "::1",
            "example.com:9200",
            "127.0.0.1:9200 ",
        ] {
            assert!(parse(text).is_err_and(|error| error.contains("127.0.0.1:9200")), "{text}");
        }
    }
}
