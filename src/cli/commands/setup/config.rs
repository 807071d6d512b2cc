//! `registry config`: the settings in force, each with its origin.

use clap::Args;
use serde::Serialize;

use crate::cli::arguments::settings::SettingsArgs;
use crate::cli::error::CliError;
use crate::cli::output::{Output, table};
use crate::config::{ConfiguredPlugin, Effective, Environment};

const EXAMPLES: &str = "\
Examples:
  registry config                              what `registry serve` would use
  registry config --config registry.toml       check a file before it is used

The file holds the same names as keys:
  listen = \"0.0.0.0:8780\"
  public-url = \"https://registry.example.com\"
  anonymous-reads = true
  max-body-bytes = \"64MiB\"
  eager-plugins = [\"community/neoeinstein-prost\"]

and external plugins, with the crates that their code needs:
  [[plugin]]
  name = \"acme/dto\"
  version = \"v1.0.0\"
  command = \"/opt/protoc-gen-dto\"    # or a list: the program and arguments
  options = [\"flat\"]                     # passed on every call
  opts = [\"flat\", \"prefix\"]            # all known options; others are refused
  deps = [{ name = \"serde\", requirement = \"1\", features = [\"derive\"] }]
Further keys: description, license, family (prost or buffa), submodule, sdk,
services-only (nothing of sources without a service), rust-version, plugin-deps
(plugins whose crates the code builds on), and revision, to be raised when the
command starts to generate different code.

and modules of other registries that the server takes in as `registry mirror`
does:
  [[mirror]]
  module = \"buf.build/googleapis/googleapis\"
  every = \"6h\"                          # the default
  from = \"https://buf.build\"            # where it is, if not at https://HOST
  labels = [\"main\"]                     # default: its default label
  with = [\"interests\"]                  # what else is taken over; default: none
A token for it is found as by `registry mirror`; the commits are made in the
name of the administrator who is longest in the registry. `registry status`
tells what came of it.";

/// Print every setting of `serve` with its value and origin
///
/// Takes the flags of `serve`. A flag wins over the environment, that over the file, that over the default.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct Config {
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
    pub(in crate::cli) fn run(&self, output: &mut Output) -> Result<(), CliError> {
        let settings = self.settings.load(&Environment::of_process())?;
        let rows: Vec<Row> = settings.effective().iter().map(row).chain(settings.plugins.iter().map(plugin)).collect();
        output.result(&rows, || {
            let cells = settings.effective().iter().map(|entry| {
                let value = if entry.texts.is_empty() { "-".into() } else { entry.texts.join(",") };
                [entry.setting.name.to_owned(), value, entry.origin.to_string()]
            });
            let plugins = settings.plugins.iter().map(|configured| {
                ["[[plugin]]".to_owned(), configured.plugin.plugin().reference().to_string(), configured.place.clone()]
            });
            table(["SETTING", "VALUE", "ORIGIN"], cells.chain(plugins).collect())
        })?;
        Ok(())
    }
}

fn plugin(configured: &ConfiguredPlugin) -> Row {
    Row {
        name: "plugin",
        value: configured.plugin.plugin().reference().to_string().into(),
        origin: configured.place.clone(),
        env: "",
        description: "A plugin that is a program of its own",
    }
}

fn row(entry: &Effective) -> Row {
    let list = entry.setting.kind == crate::config::settings_table::Kind::List;
    Row {
        name: entry.setting.name,
        value: if list { entry.texts.clone().into() } else { entry.texts.first().cloned().into() },
        origin: entry.origin.to_string(),
        env: entry.setting.env,
        description: entry.setting.help,
    }
}
