//! The flags of `serve` and `config`, generated from the table of settings.

use clap::{Arg, ArgAction, ArgMatches, Command};

use crate::cli::error::CliError;
use crate::config::settings_table::{ALL, Kind, Setting};
use crate::config::{Environment, Flags, Settings};

/// The settings given on the command line; [`crate::config::settings_table`] lists all settings.
#[derive(Debug, Default)]
pub(in crate::cli) struct SettingsArgs {
    pub(in crate::cli) flags: Flags,
    file: Option<std::path::PathBuf>,
}

impl SettingsArgs {
    /// The settings from all sources.
    pub(in crate::cli) fn load(&self, env: &Environment) -> Result<Settings, CliError> {
        Ok(Settings::load(&self.flags, env, self.file.as_deref())?)
    }
}

impl clap::Args for SettingsArgs {
    fn augment_args(command: Command) -> Command {
        let file = Arg::new("config")
            .long("config")
            .value_name("FILE")
            .value_parser(clap::value_parser!(std::path::PathBuf))
            .help("TOML file with settings, keys named as the flags [env: REGISTRY_CONFIG]");
        command.arg(file).args(with_flags().map(flag))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl clap::FromArgMatches for SettingsArgs {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let given = |setting: &Setting| {
            let texts = matches.get_many::<String>(setting.name)?.cloned().collect();
            Some((setting.name, texts))
        };
        Ok(Self { flags: with_flags().filter_map(given).collect(), file: matches.get_one("config").cloned() })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

/// The settings that have flags.
fn with_flags() -> impl Iterator<Item = &'static Setting> {
    ALL.iter().filter(|setting| setting.kind != Kind::Secret)
}

/// The flag of a setting. [`Settings::load`] checks its value, by the same rules as values from other origins.
fn flag(setting: &'static Setting) -> Arg {
    let flag = Arg::new(setting.name).long(setting.name).value_name(setting.value).help(help(setting));
    match setting.kind {
        Kind::Text | Kind::Number | Kind::Secret => flag.action(ArgAction::Set),
        Kind::Switch => flag.action(ArgAction::Set).num_args(0..=1).require_equals(true).default_missing_value("true"),
        Kind::List => flag.action(ArgAction::Append),
    }
}

fn help(setting: &Setting) -> String {
    let default = if setting.default.is_empty() { setting.default_note } else { setting.default };
    format!("{} [env: {}] [default: {default}]", setting.help, setting.env)
}
