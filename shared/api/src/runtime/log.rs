//! Log lines on standard error.

use std::io::IsTerminal as _;

use tracing_subscriber::filter::{LevelFilter, ParseError, Targets};
use tracing_subscriber::prelude::*;

use crate::runtime::settings::LogFormat;

/// The target of our own log lines. A crate that uses it needs no entry in the filter.
pub const TARGET: &str = "tokenbooth";

/// Sends log lines to standard error. Lines below `info` are never written, whatever the filter: at those levels libraries
/// log what they send and receive.
pub fn log_to_stderr(format: LogFormat) {
    let setting = std::env::var("TOKENBOOTH_LOG_FILTER").ok();
    let (filter, filter_error) = match parse_filter(setting.as_deref()) {
        Ok(filter) => (filter, None),
        Err(error) => (default_filter(), Some(error)),
    };
    let no_color = std::env::var_os("NO_COLOR");
    let lines = tracing_subscriber::fmt::layer()
        .with_ansi(is_colored(std::io::stderr().is_terminal(), no_color.as_deref()))
        .with_writer(std::io::stderr)
        .with_target(false);
    let filtered = tracing_subscriber::registry().with(filter).with(LevelFilter::INFO);
    // When a test starts two booths in one process, the second call fails and keeps the format of the first one. That is
    // the only way in which it fails, so the result is ignored.
    let _ = match format {
        LogFormat::Json => {
            filtered.with(lines.json().flatten_event(true).with_current_span(false)).try_init()
        }
        LogFormat::Text => filtered.with(lines).try_init(),
    };
    if let Some(error) = filter_error {
        tracing::warn!(target: TARGET, %error, "TOKENBOOTH_LOG_FILTER is invalid, so the default filter is used");
    }
}

/// Parses `TOKENBOOTH_LOG_FILTER`: `target=level` entries with commas between them. Without it, the default filter.
fn parse_filter(setting: Option<&str>) -> Result<Targets, ParseError> {
    match setting {
        None | Some("") => Ok(default_filter()),
        Some(entries) => entries.parse(),
    }
}

/// Our own lines from `info` on, and the lines of libraries from `warn` on. The embedded DynamoDB writes warnings about
/// correct calls, so it is limited to errors. The Lambda runtime repeats each error that a function returns, which our own
/// line has already.
fn default_filter() -> Targets {
    Targets::new()
        .with_default(LevelFilter::WARN)
        .with_target("dynoxide", LevelFilter::ERROR)
        .with_target("lambda_runtime::layers::panic", LevelFilter::OFF)
        .with_target(TARGET, LevelFilter::INFO)
}

/// Whether log lines have colours: only on a terminal, and not if `NO_COLOR` is set and not empty (no-color.org).
fn is_colored(is_terminal: bool, no_color: Option<&std::ffi::OsStr>) -> bool {
    is_terminal && no_color.is_none_or(|value| value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_filter_is_a_list_of_targets_and_levels() {
        let default = default_filter();
        for (setting, expected) in [
            (None, Some(default.clone())),
            (Some(""), Some(default.clone())),
            (Some("warn,dynoxide=error,lambda_runtime::layers::panic=off,tokenbooth=info"), Some(default)),
            (Some("error"), Some(Targets::new().with_default(LevelFilter::ERROR))),
            (Some("hyper=off"), Some(Targets::new().with_target("hyper", LevelFilter::OFF))),
            (Some("hyper"), Some(Targets::new().with_target("hyper", LevelFilter::TRACE))),
            (Some("tokenbooth=loud"), None),
            (Some("tokenbooth=info=warn"), None),
        ] {
            assert_eq!(parse_filter(setting).ok(), expected, "{setting:?}");
        }
    }

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
