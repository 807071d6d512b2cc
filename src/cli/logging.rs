//! The log of `registry serve`, and what `--verbose` prints for other commands, on standard error.

use tracing::Subscriber;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::reload::{self, Error, Handle};
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer, Registry, fmt};

use crate::config::{LogFormat, LogLevel, LogSettings};
use crate::trace::{self, TraceLayer};

/// The log of this process.
pub(super) struct Log(Handle<EnvFilter, Registry>);

impl Log {
    /// Starts the log.
    ///
    /// Spans for traces go to `traces`, whatever the level of the log; without, nobody asks for them.
    pub(super) fn start(settings: LogSettings, traces: Option<TraceLayer>) -> Self {
        let (filter, handle) = reload::Layer::new(filter(settings.level));
        // An existing logger stays: a process has one log.
        let _ = match traces {
            None => tracing_subscriber::registry().with(filter).with(lines(settings.format)).try_init(),
            Some(traces) => {
                let traces = traces.with_filter(Targets::new().with_target(trace::TARGET, LevelFilter::INFO));
                tracing_subscriber::registry().with(lines(settings.format).with_filter(filter)).with(traces).try_init()
            }
        };
        Self(handle)
    }

    /// Changes the level.
    ///
    /// # Errors
    /// When the process had another logger already.
    pub(super) fn set_level(&self, level: LogLevel) -> Result<(), Error> {
        self.0.reload(filter(level))
    }
}

/// Writes the lines of the log.
fn lines<S: Subscriber + for<'a> LookupSpan<'a>>(format: LogFormat) -> Box<dyn Layer<S> + Send + Sync> {
    let is_terminal = std::io::IsTerminal::is_terminal(&std::io::stderr());
    let lines = fmt::layer().with_writer(std::io::stderr).with_ansi(is_terminal);
    match format {
        LogFormat::Text => lines.compact().boxed(),
        LogFormat::Json => lines.json().flatten_event(true).boxed(),
    }
}

/// Prints each request of this process to a server, for `--verbose`.
pub(super) fn print_requests() {
    let lines = fmt::layer().with_writer(std::io::stderr).with_ansi(false);
    let lines = lines.without_time().with_level(false).with_target(false);
    let _ = tracing_subscriber::registry().with(EnvFilter::new("off,registry::client=debug")).with(lines).try_init();
}

/// Logs this program's lines at the given level, and warnings of libraries; at the lowest level all lines of libraries.
fn filter(level: LogLevel) -> EnvFilter {
    let level = level.as_str();
    EnvFilter::new(if level == "trace" { "trace".to_owned() } else { format!("warn,registry={level}") })
}
