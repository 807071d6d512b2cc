//! The output of a crate.

use serde::Serialize;

use crate::cli::error::CliError;
use crate::cli::output::wire_text;
use crate::cli::output::{Output, table};
use crate::wire::registry::v1::Sdk;

/// One version of a crate. `--json` prints these fields.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(in crate::cli) struct SdkRow {
    #[serde(rename = "crate")]
    pub(in crate::cli) name: String,
    pub(in crate::cli) version: String,
    /// `queued`, `running`, `served` or `failed`.
    pub(in crate::cli) state: &'static str,
    /// Why it failed.
    pub(in crate::cli) message: Option<String>,
    pub(in crate::cli) commit: String,
    pub(in crate::cli) released: bool,
    pub(in crate::cli) yanked: bool,
    /// The `cargo add` line.
    pub(in crate::cli) cargo_add: String,
}

/// The row of an SDK.
pub(in crate::cli) fn row(sdk: Sdk) -> SdkRow {
    SdkRow {
        state: wire_text::sdk_state(sdk.state),
        name: sdk.crate_name,
        version: sdk.version,
        message: (!sdk.message.is_empty()).then_some(sdk.message),
        commit: sdk.commit_id,
        released: sdk.released,
        yanked: sdk.yanked,
        cargo_add: sdk.cargo_add,
    }
}

/// The lines for a crate, and how to add it.
pub(in crate::cli) fn lines(sdk: &SdkRow) -> Vec<String> {
    let mut lines = vec![format!("{} {} {}", sdk.name, sdk.version, sdk.state)];
    if sdk.state != "failed" {
        lines.push(format!("  {}", sdk.cargo_add));
    }
    lines
}

/// Crates as a table.
pub(super) fn rows(sdks: &[SdkRow]) -> Vec<String> {
    let cells = sdks.iter().map(|sdk| {
        let note = match &sdk.message {
            Some(message) => message.lines().next().unwrap_or_default().to_owned(),
            None if sdk.yanked => "yanked".to_owned(),
            None => String::new(),
        };
        [sdk.name.clone(), sdk.version.clone(), sdk.state.to_owned(), note]
    });
    table(["CRATE", "VERSION", "STATE", "NOTE"], cells.collect())
}

/// Prints crates, each with its own lines.
///
/// # Errors
/// When one of them failed, with the plugin's message.
pub(super) fn print_each(sdks: &[SdkRow], output: &mut Output) -> Result<(), CliError> {
    output.result(&sdks, || sdks.iter().flat_map(lines).collect::<Vec<_>>())?;
    verdict(sdks)
}

/// The outcome of `sdks` for the exit code.
///
/// # Errors
/// When one of them failed, with the plugin's message.
pub(in crate::cli) fn verdict<'s>(sdks: impl IntoIterator<Item = &'s SdkRow>) -> Result<(), CliError> {
    let failure = |sdk: &SdkRow| Some(format!("{} {} failed: {}", sdk.name, sdk.version, sdk.message.as_ref()?));
    let failures: Vec<_> = sdks.into_iter().filter_map(failure).collect();
    if failures.is_empty() { Ok(()) } else { Err(CliError::Refused(failures.join("\n"))) }
}
