//! The log of `registry serve`, on standard error.

use tracing_subscriber::EnvFilter;

use crate::config::{LogFormat, LogSettings};

/// Our own lines at the level asked for; those of libraries only when something is wrong, unless everything is asked.
pub(super) fn start(settings: LogSettings) {
    let level = settings.level.as_str();
    let directives = if level == "trace" { "trace".to_owned() } else { format!("warn,registry={level}") };
    let builder = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(directives))
        .with_writer(std::io::stderr)
        .with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr()));
    // A logger that is there already stays: there is one process and one log.
    let _ = match settings.format {
        LogFormat::Text => builder.compact().try_init(),
        LogFormat::Json => builder.json().flatten_event(true).try_init(),
    };
}
