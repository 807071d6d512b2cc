//! Selects the crates of a command.

use std::fmt;
use std::str::FromStr;

use clap::{ArgGroup, Args};

use crate::cli::arguments::module_name::ModuleArg;
use crate::cli::error::CliError;
use crate::client::Client;
use crate::model::{CommitId, CrateName, LabelError, LabelName, ModuleName, PluginRef, SdkVersion, ShortCommit};
use crate::wire::registry::v1::Sdk;

/// A label or commit of the module.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("reference").args(["label", "commit"]))]
pub(super) struct Reference {
    /// The label whose commit is meant [default, except for list: the module's default label]
    #[arg(long, value_parser = label)]
    label: Option<LabelName>,
    /// The commit, by its 32 hex digits or the first 12
    #[arg(long)]
    commit: Option<CommitArg>,
}

/// A label; whoever gives a commit in its place is told how.
fn label(text: &str) -> Result<LabelName, String> {
    text.parse().map_err(|error| match error {
        LabelError::LooksLikeCommit(commit) => format!("{commit} is a commit, not a label; write --commit {commit}"),
        error => error.to_string(),
    })
}

impl Reference {
    /// The reference for a request; empty if none was given.
    pub(super) fn text(&self) -> String {
        let label = self.label.as_ref().map(ToString::to_string);
        label.or_else(|| self.commit.as_ref().map(ToString::to_string)).unwrap_or_default()
    }

    /// Whether it is a commit, not a label.
    pub(super) fn is_commit(&self) -> bool {
        self.commit.is_some()
    }
}

/// A commit on the command line.
#[derive(Debug, Clone, PartialEq, Eq)]
enum CommitArg {
    Whole(CommitId),
    Short(ShortCommit),
}

impl FromStr for CommitArg {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Ok(id) = text.parse() {
            return Ok(Self::Whole(id));
        }
        let problem = |_| format!("{text:?} is not a commit: write its 32 hex digits, or the first 12");
        text.parse().map(Self::Short).map_err(problem)
    }
}

impl fmt::Display for CommitArg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole(id) => id.fmt(f),
            Self::Short(short) => short.fmt(f),
        }
    }
}

/// A module, or one of its crates.
#[derive(Debug, Clone, PartialEq, Eq)]
enum ModuleOrCrate {
    Module(ModuleArg),
    Crate(CrateName),
}

impl FromStr for ModuleOrCrate {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.contains('/') {
            return text.parse().map(Self::Module).map_err(|error: crate::model::NameError| error.to_string());
        }
        let problem = |_| format!("{text:?} is neither a module (owner/name) nor a crate (owner_module_owner_plugin)");
        text.parse().map(Self::Crate).map_err(problem)
    }
}

/// Crates by module and plugin.
#[derive(Debug, Args)]
pub(super) struct SdkSelector {
    /// The module, as owner/name, or one of its crates
    #[arg(value_name = "MODULE|CRATE")]
    target: ModuleOrCrate,
    /// Only crates of this plugin, as owner/name or owner/name:v1.2.3
    #[arg(long)]
    plugin: Option<PluginRef>,
}

impl SdkSelector {
    fn module(&self, client: &Client) -> Result<ModuleName, CliError> {
        match &self.target {
            ModuleOrCrate::Module(module) => module.at(client),
            ModuleOrCrate::Crate(name) => Ok(name.module().clone()),
        }
    }

    fn plugin(&self) -> Result<Option<PluginRef>, CliError> {
        let ModuleOrCrate::Crate(name) = &self.target else { return Ok(self.plugin.clone()) };
        match &self.plugin {
            Some(other) if other.name != *name.plugin() => {
                Err(CliError::Refused(format!("crate {name} is made by plugin {}, not {}", name.plugin(), other.name)))
            }
            Some(plugin) => Ok(Some(plugin.clone())),
            None => Ok(Some(PluginRef { name: name.plugin().clone(), version: None })),
        }
    }

    /// The SDKs of one commit in any state.
    ///
    /// # Errors
    /// When there are none.
    pub(super) async fn of_commit(&self, client: &Client, reference: &Reference) -> Result<Vec<Sdk>, CliError> {
        let (module, plugin) = (&self.module(client)?, self.plugin()?);
        let reference = match reference.text() {
            text if text.is_empty() => client.known_module(module).await?.default_label_name,
            text => text,
        };
        let sdks = client.sdks(module, &reference, plugin.as_ref()).await?;
        if sdks.is_empty() {
            let by = plugin.map_or_else(String::new, |plugin| format!(" by {plugin}"));
            let message = format!(
                "nothing was generated{by} of {module}:{reference} yet; `registry sdk generate {module} --plugin …` does it"
            );
            return Err(CliError::Refused(message));
        }
        Ok(sdks)
    }

    /// The crates of this version.
    ///
    /// # Errors
    /// When there are none.
    pub(super) async fn of_version(&self, client: &Client, version: &SdkVersion) -> Result<Vec<Sdk>, CliError> {
        let (module, plugin) = (&self.module(client)?, self.plugin()?);
        let mut sdks = client.sdks(module, version.commit.as_str(), plugin.as_ref()).await?;
        let wanted = version.to_string();
        sdks.retain(|sdk| sdk.version == wanted);
        if sdks.is_empty() {
            let what = plugin.map_or_else(String::new, |plugin| format!(" by {plugin}"));
            let message = format!(
                "module {module} has no crate{what} of version {version}; `registry sdk list {module}` shows what it has"
            );
            return Err(CliError::Refused(message));
        }
        Ok(sdks)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slash_tells_a_module_from_a_crate() {
        let target = |text: &str| text.parse::<ModuleOrCrate>();
        assert!(matches!(target("acme/pets"), Ok(ModuleOrCrate::Module(_))));
        assert!(matches!(target("acme_pets_community_neoeinstein-prost"), Ok(ModuleOrCrate::Crate(_))));
        assert!(target("pets").unwrap_err().contains("neither a module (owner/name) nor a crate"));
        assert!(target("acme/").is_err());
    }

    #[test]
    fn a_commit_is_whole_or_short() {
        for good in ["ce529d32d80c4d0bb2f5c9d1d7a5f001", "ce529d32d80c"] {
            assert_eq!(good.parse::<CommitArg>().unwrap().to_string(), good);
        }
        assert!("ce529d".parse::<CommitArg>().unwrap_err().contains("32 hex digits"));
    }
}
