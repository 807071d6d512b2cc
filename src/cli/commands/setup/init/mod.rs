//! `registry init`: sets a cargo project up for a server, in a file that is committed.

mod cargo_config;
mod ci;

use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;

use crate::cli::arguments::registry_name::RegistryName;
use crate::cli::arguments::server::ServerArgs;
use crate::cli::error::CliError;
use crate::cli::output::Output;
use crate::config::client::is_this_machine;
use cargo_config::Merged;
use ci::Ci;

const EXAMPLES: &str = "\
Examples:
  registry init                       the project in this directory
  registry init --name acme --server https://registry.example.com service
  registry init ~                     every project of this user
  registry init --ci github >.github/workflows/registry.yml

It writes index and credential provider of the registry into .cargo/config.toml;
what stands there stays. Commit the file: it holds no token. Whoever builds the
project needs the program `registry` and one `registry login`. In CI no program
is needed: --ci prints what to write there.";

/// Set a cargo project up for a server, for good
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct Init {
    /// Directory of the project
    #[arg(default_value = ".")]
    dir: PathBuf,
    /// The registry's name in cargo
    #[arg(long, value_name = "NAME", default_value_t)]
    name: RegistryName,
    /// Print a file for CI instead of writing anything
    #[arg(long, value_enum, value_name = "KIND")]
    ci: Option<Ci>,
    #[command(flatten)]
    server: ServerArgs,
}

/// What was done.
#[derive(Serialize)]
struct Done<'a> {
    file: &'a Path,
    changed: bool,
    registry: &'a str,
    url: &'a str,
}

impl Init {
    pub(in crate::cli) fn run(self, output: &mut Output) -> Result<(), CliError> {
        let address = self.server.address()?;
        if let Some(ci) = self.ci {
            let text = ci.text(&self.name, &address.url);
            output.result(&serde_json::json!({ "file": ci.file(), "text": text }), || vec![text.trim_end()])?;
            output.say(ci.advice());
            if is_this_machine(&address.url) && ci != Ci::PreCommit {
                output.warn(format!(
                    "{} is for this machine alone; --server names an address that CI reaches",
                    address.url
                ));
            }
            return Ok(());
        }
        if !self.dir.is_dir() {
            return Err(CliError::CannotRun(format!("{} is not a directory", self.dir.display())));
        }
        let file = cargo_config::file_of(&self.dir);
        let changed = merge_into(&file, &self.name, &address.url, output)?;
        let done = Done { file: &file, changed, registry: self.name.as_str(), url: &address.url };
        output.result(&done, || {
            let verb = if changed { "wrote" } else { "nothing to do in" };
            vec![format!("{verb} {}: registry {} is {}", file.display(), self.name, address.url)]
        })?;
        if is_this_machine(&address.url) {
            output.say("this address is for this machine alone; --server names one that others reach");
        } else {
            output.say(format!("commit that file; others run `registry login {}` once", address.url));
        }
        if address.token.is_none() {
            output.warn(format!("there is no token for {0}; `registry login {0}` gets one", address.url));
        }
        output.say(format!("next: cargo add --registry {} CRATE", self.name));
        Ok(())
    }
}

/// Merges the registry into the file; false if it was there.
fn merge_into(file: &Path, name: &RegistryName, url: &str, output: &mut Output) -> Result<bool, CliError> {
    let problem =
        |verb: &str, error: std::io::Error| CliError::CannotRun(format!("cannot {verb} {}: {error}", file.display()));
    let before = match std::fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(problem("read", error)),
    };
    let Merged { text, kept_provider } = cargo_config::merged(&before, name, url)
        .map_err(|error| CliError::Refused(format!("{}: {error}", file.display())))?;
    if let Some(provider) = kept_provider {
        output.warn(format!(
            "{} names the credential provider {provider} for {name}; it stays, and does not know `registry login`",
            file.display()
        ));
    }
    if text == before {
        return Ok(false);
    }
    let dir = file.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(dir).and_then(|()| std::fs::write(file, text)).map_err(|error| problem("write", error))?;
    Ok(true)
}
