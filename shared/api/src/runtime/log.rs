//! Log lines on standard error.

use std::io::IsTerminal as _;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::prelude::*;

use crate::runtime::settings::LogFormat;

/// The target of our own log lines. A crate that uses it needs no entry in the filter.
pub const TARGET: &str = "tokenbooth";

/// The filter without `TOKENBOOTH_LOG_FILTER`: our own lines from `info` on, and the lines of libraries from `warn` on. The
/// embedded DynamoDB writes warnings about correct calls, so it is limited to errors.
const FILTER: &str = "warn,dynoxide=error,tokenbooth=info";

/// Sends log lines to standard error. Lines below `info` are never written, whatever the filter: at those levels libraries
/// log what they send and receive.
pub fn log_to_stderr(format: LogFormat) {
    let filter = EnvFilter::try_from_env("TOKENBOOTH_LOG_FILTER").unwrap_or_else(|_| EnvFilter::new(FILTER));
    let no_color = std::env::var_os("NO_COLOR");
    let lines = tracing_subscriber::fmt()
        .with_ansi(is_colored(std::io::stderr().is_terminal(), no_color.as_deref()))
        .with_writer(std::io::stderr)
        .with_env_filter(filter)
        .with_target(false);
    // When a test starts two booths in one process, the second call keeps the format of the first one.
    let set = match format {
        LogFormat::Json => {
            let json_lines = lines.json().flatten_event(true).with_current_span(false);
            json_lines.finish().with(LevelFilter::INFO).try_init()
        }
        LogFormat::Text => lines.finish().with(LevelFilter::INFO).try_init(),
    };
    if let Err(error) = set {
        tracing::debug!(%error, "logging is already set up");
    }
}

/// Whether log lines have colours: only on a terminal, and not if `NO_COLOR` is set and not empty (no-color.org).
fn is_colored(is_terminal: bool, no_color: Option<&std::ffi::OsStr>) -> bool {
    is_terminal && no_color.is_none_or(|value| value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn log_lines_have_colors_on_a_terminal_unless_no_color_is_set() {
        for (is_terminal, no_color, expected) in [
            (true, None, true),
            (true, Some(""), true),
            (true, Some("1"), false),
            (true, Some("0"), false),
            (false, None, false),
            (false, Some(""), false),
            (false, Some("1"), false),
        ] {
            let found = is_colored(is_terminal, no_color.map(std::ffi::OsStr::new));
            assert_eq!(found, expected, "terminal {is_terminal}, NO_COLOR {no_color:?}");
        }
    }
}
