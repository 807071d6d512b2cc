//! Modules that a temporary registry has from its start.

use std::path::PathBuf;
use std::str::FromStr;

use crate::cli::commands::crates::sdk::wait;
use crate::cli::error::CliError;
use crate::cli::output::Output;
use crate::cli::output::progress::Progress;
use crate::client::{Client, PushDirectory, PushOptions};
use crate::model::{ModuleName, NameError};
use crate::serve::Ready;
use crate::wire::buf::registry::module::v1::ModuleVisibility;
use crate::wire::registry::v1::{Sdk, SdkState};

/// A directory, and the module that it becomes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::cli) struct Seed {
    directory: PathBuf,
    module: ModuleName,
}

/// Why a text is no seed.
#[derive(Debug, thiserror::Error)]
pub(in crate::cli) enum SeedError {
    /// There is no `=` or nothing before it.
    #[error("write DIR=owner/name, for example ./proto=acme/pets")]
    Form,
    /// What follows is no name of a module.
    #[error(transparent)]
    Name(#[from] NameError),
}

impl FromStr for Seed {
    type Err = SeedError;

    fn from_str(text: &str) -> Result<Self, SeedError> {
        // A path may hold `=`, a module's name may not.
        let (directory, module) = text.rsplit_once('=').ok_or(SeedError::Form)?;
        if directory.is_empty() {
            return Err(SeedError::Form);
        }
        Ok(Self { directory: directory.into(), module: module.parse()? })
    }
}

/// The modules to push, read from their directories.
pub(in crate::cli) struct Seeds(Vec<(ModuleName, PushDirectory)>);

impl Seeds {
    /// Reads the directories, so that one that is not there ends the start at once.
    ///
    /// # Errors
    /// When a directory is no module.
    pub(in crate::cli) fn read(seeds: &[Seed]) -> Result<Self, CliError> {
        let read = |seed: &Seed| {
            let directory = PushDirectory::read(&seed.directory, Some(seed.module.clone()))?;
            Ok((seed.module.clone(), directory))
        };
        seeds.iter().map(read).collect::<Result<_, _>>().map(Self)
    }

    /// Pushes them in their order, and waits until the crates of all are served.
    ///
    /// # Errors
    /// When the registry refuses one, or cannot make a crate of it.
    pub(in crate::cli) async fn push(self, ready: &Ready, output: &Output) -> Result<(), CliError> {
        let client = Client::new(&ready.url, ready.first.as_ref().map(|first| first.write_token.clone()))?;
        let mut progress = Progress::new(output.can_draw());
        for (module, directory) in self.0 {
            progress.step(format!("pushing {module}"));
            let create = Some(ModuleVisibility::MODULE_VISIBILITY_PUBLIC);
            let options = PushOptions { module: Some(module), create, ..PushOptions::default() };
            let pushed = client.push(directory, &options, &mut |_| {}).await?;
            let sdks = pushed.modules.into_iter().flat_map(|module| module.sdks).collect();
            wait::settled(&client, sdks, &mut progress).await?.iter().try_for_each(require_served)?;
        }
        Ok(())
    }
}

fn require_served(sdk: &Sdk) -> Result<(), CliError> {
    match sdk.state.as_known() {
        Some(SdkState::SDK_STATE_FAILED) => {
            Err(CliError::Refused(format!("{} {} could not be made: {}", sdk.crate_name, sdk.version, sdk.message)))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_equals_sign_divides() {
        let seed: Seed = "a=b/proto=acme/pets".parse().unwrap();
        assert_eq!((seed.directory, seed.module.to_string()), ("a=b/proto".into(), "acme/pets".to_owned()));
        for bad in ["proto", "=acme/pets", "proto=", "proto=pets"] {
            assert!(bad.parse::<Seed>().is_err(), "{bad}");
        }
    }
}
