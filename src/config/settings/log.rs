//! The settings of the server's log.

use std::path::PathBuf;

use crate::config::resolve::Resolver;
use crate::config::{ConfigError, settings_table};

/// The format of log lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// Text, for people.
    Text,
    /// One JSON object per line.
    Json,
}

/// The level of the least important lines that are logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogLevel {
    /// Failures only.
    Error,
    /// Also warnings.
    Warn,
    /// Also events.
    Info,
    /// Also details.
    Debug,
    /// Everything.
    Trace,
}

impl LogLevel {
    /// The level's name as logging libraries spell it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warn => "warn",
            Self::Info => "info",
            Self::Debug => "debug",
            Self::Trace => "trace",
        }
    }
}

/// Level and format of the server's log. The log goes to standard error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogSettings {
    /// The format.
    pub format: LogFormat,
    /// The level.
    pub level: LogLevel,
}

/// Where records of the audit log are written, beside the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AuditLog {
    /// A file, to which they are appended.
    File(PathBuf),
    /// Standard output.
    Stdout,
}

pub(super) fn settings(from: &mut Resolver<'_>) -> Result<LogSettings, ConfigError> {
    Ok(LogSettings {
        format: from.plain(&settings_table::LOG_FORMAT, log_format)?,
        level: from.plain(&settings_table::LOG_LEVEL, log_level)?,
    })
}

fn log_format(text: &str) -> Result<LogFormat, String> {
    match text {
        "text" => Ok(LogFormat::Text),
        "json" => Ok(LogFormat::Json),
        _ => Err(format!("{text:?} is not a log format; use text or json")),
    }
}

fn log_level(text: &str) -> Result<LogLevel, String> {
    let levels = [LogLevel::Error, LogLevel::Warn, LogLevel::Info, LogLevel::Debug, LogLevel::Trace];
    let found = levels.into_iter().find(|level| level.as_str() == text);
    found.ok_or_else(|| format!("{text:?} is not a log level; use error, warn, info, debug or trace"))
}
