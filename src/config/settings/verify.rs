//! The settings of the compile check of crates.

use std::path::PathBuf;
use std::time::Duration;

use crate::config::resolve::Resolver;
use crate::config::{ConfigError, settings_table, value};

/// The settings of the compile check of crates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifyWith {
    /// The cargo program, by path or name.
    pub cargo: String,
    /// The cargo home; in the data directory if absent.
    pub cargo_home: Option<PathBuf>,
    /// The time limit for the check of one crate.
    pub timeout: Duration,
}

pub(super) fn settings(from: &mut Resolver<'_>) -> Result<Option<VerifyWith>, ConfigError> {
    let check = from.plain(&settings_table::VERIFY, check_or_off)?;
    let with = VerifyWith {
        cargo: from.plain(&settings_table::VERIFY_CARGO, |text| Ok(text.to_owned()))?,
        cargo_home: from.optional(&settings_table::VERIFY_CARGO_HOME, value::directory)?,
        timeout: from.plain(&settings_table::VERIFY_TIMEOUT, value::timeout)?,
    };
    Ok(check.then_some(with))
}

fn check_or_off(text: &str) -> Result<bool, String> {
    match text {
        "check" => Ok(true),
        "off" => Ok(false),
        _ => Err(format!("{text:?} is not a way to verify crates; use check or off")),
    }
}
