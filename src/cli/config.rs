//! `registry config`: the settings in force, and where each comes from.

use clap::Args;
use serde::Serialize;

use crate::config::{Effective, Environment};

use super::error::CliError;
use super::output::{Output, table};
use super::settings_args::SettingsArgs;

const EXAMPLES: &str = "\
Examples:
  registry config                              what `registry serve` would use
  registry config --config registry.toml       check a file before it is used

The file holds the same names as keys:
  listen = \"0.0.0.0:8780\"
  public-url = \"https://registry.example.com\"
  anonymous-reads = true
  max-body-bytes = \"64MiB\"
  eager-plugins = [\"community/neoeinstein-prost\"]";

/// Print every setting of `serve` with its value and origin
///
/// Takes the flags of `serve`. A flag wins over the environment, that over the file, that over the default.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Config {
    #[command(flatten)]
    settings: SettingsArgs,
}

#[derive(Serialize)]
struct Row {
    name: &'static str,
    /// Null if not set; an array for lists.
    value: serde_json::Value,
    origin: String,
    env: &'static str,
    description: &'static str,
}

impl Config {
    pub(super) fn run(&self, output: &mut Output) -> Result<(), CliError> {
        let settings = self.settings.load(&Environment::of_process())?;
        let rows: Vec<Row> = settings.effective().iter().map(row).collect();
        output.result(&rows, || {
            let cells = settings.effective().iter().map(|entry| {
                let value = if entry.texts.is_empty() { "-".into() } else { entry.texts.join(",") };
                [entry.setting.name.to_owned(), value, entry.origin.to_string()]
            });
            table(["SETTING", "VALUE", "ORIGIN"], cells.collect())
        })?;
        Ok(())
    }
}

fn row(entry: &Effective) -> Row {
    let list = entry.setting.kind == crate::config::table::Kind::List;
    Row {
        name: entry.setting.name,
        value: if list { entry.texts.clone().into() } else { entry.texts.first().cloned().into() },
        origin: entry.origin.to_string(),
        env: entry.setting.env,
        description: entry.setting.help,
    }
}
