//! `registry plugin install`: installs the published executable of a plugin version that is not built in.

use std::path::{Path, PathBuf};
use std::process::Command;

use clap::Args;
use serde::Serialize;

use crate::cli::error::CliError;
use crate::cli::output::Output;
use crate::config::{Environment, Flags, Settings, settings_table};
use crate::model::PluginRef;
use crate::publish::{Catalogue, CatalogueError, NotPublished, PublishedPlugin};

const EXAMPLES: &str = "\
Examples:
  registry plugin install anthropics/buffa:v0.9.1
  registry plugin install anthropics/connect-rust:v0.7.0 \\
      --data-dir /var/lib/registry

cargo builds the executable from the sources on crates.io. From its next start
on, the server that keeps its data there offers that version beside its others,
and runs it as it runs every [[plugin]]. Names that have a meaning in Rust are
mended for plugins that are built in, not for these: with `verify = \"check\"` a
crate that does not compile is not served.";

/// Install a plugin version that is not built in, from crates.io
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Install {
    /// The plugin with its version, as owner/name:v1.2.3
    #[arg(value_name = "NAME:VERSION")]
    plugin: PluginRef,
    /// The server's data directory [default: that of `registry serve`]
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// The cargo that builds it
    #[arg(long, value_name = "PROGRAM", default_value = "cargo")]
    cargo: PathBuf,
}

#[derive(Serialize)]
struct Installed {
    plugin: String,
    program: PathBuf,
}

impl Install {
    pub(super) fn run(&self, output: &mut Output) -> Result<(), CliError> {
        let broken = |error: CatalogueError| CliError::CannotRun(error.to_string());
        let published =
            Catalogue::embedded().map_err(broken)?.published(&self.plugin).map_err(|error| match error {
                NotPublished::Catalogue(error) => broken(error),
                error => CliError::Refused(error.to_string()),
            })?;
        let root = published.root(&self.data_dir()?);
        let program = published.executable(&root);
        if program.is_file() {
            output.say(format!("plugin {} is installed already", self.plugin));
        } else {
            output.say(format!("cargo builds {} {}", published.package, published.plugin.version.bare()));
            self.install(&published, &root)?;
            output.say("the server offers it from its next start on");
        }
        let row = Installed { plugin: self.plugin.to_string(), program };
        output.result(&row, || vec![row.program.display().to_string()])?;
        Ok(())
    }

    fn data_dir(&self) -> Result<PathBuf, CliError> {
        let given = self.data_dir.iter().map(|path| (settings_table::DATA_DIR.name, vec![path.display().to_string()]));
        let settings = Settings::load(&given.collect::<Flags>(), &Environment::of_process(), None)?;
        Ok(settings.data_dir)
    }

    /// Installs into a directory beside `root` first, so that `root` holds all of it or is not there.
    fn install(&self, published: &PublishedPlugin, root: &Path) -> Result<(), CliError> {
        let failed = |what: &str| {
            let (package, version) = (&published.package, published.plugin.version.bare());
            CliError::CannotRun(format!("could not install {package} {version}: {what}"))
        };
        let parent = root.parent().unwrap_or(root);
        let not_written = |error: std::io::Error| failed(&format!("{} cannot be written ({error})", parent.display()));
        std::fs::create_dir_all(parent).map_err(not_written)?;
        let beside = tempfile::tempdir_in(parent).map_err(not_written)?;
        let mut cargo = Command::new(&self.cargo);
        cargo.args(["install", "--locked", "--version", &published.plugin.version.bare(), "--root"]);
        // Results alone belong on standard output.
        let status = cargo.arg(beside.path()).arg(&published.package).stdout(std::io::stderr()).status();
        let status = status.map_err(|error| {
            let cargo = self.cargo.display();
            failed(&format!("{cargo} cannot be run ({error}); install Rust, or name cargo with --cargo"))
        })?;
        if !status.success() {
            return Err(failed(&format!("cargo ended with {status}; what it said stands above")));
        }
        if !published.executable(beside.path()).is_file() {
            return Err(failed("the crate has no executable of the expected name"));
        }
        std::fs::rename(beside.keep(), root).map_err(not_written)
    }
}
