//! Modules of directories, for commands that ask no server.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::cli::error::CliError;
use crate::model::{Limits, ModuleName, Snapshot};
use crate::module;

/// The modules of some directories.
#[derive(Debug, Default)]
pub(in crate::cli) struct Sources {
    /// The modules, those that are only imported too.
    pub(in crate::cli) modules: BTreeMap<ModuleName, Snapshot>,
    /// Those of the first directory.
    pub(in crate::cli) first: Vec<ModuleName>,
    /// Directories of modules whose configuration takes in every source below them.
    pub(in crate::cli) closed: Vec<PathBuf>,
}

impl Sources {
    /// Reads the directories. `wanted` names the only module that has no name, or the only one.
    ///
    /// # Errors
    /// When a directory cannot be read, or it is not clear which module it is.
    pub(in crate::cli) fn read(
        directories: &[PathBuf],
        wanted: Option<&ModuleName>,
        limits: &Limits,
    ) -> Result<Self, CliError> {
        let (mut found, mut places) = (Self::default(), BTreeMap::new());
        let mut unnamed = vec![];
        for (at, directory) in directories.iter().enumerate() {
            let read = module::read(directory, limits).map_err(|error| CliError::CannotRun(error.to_string()))?;
            for module in read.modules {
                if !read.is_plain {
                    found.closed.push(module.directory.clone());
                }
                let Some(name) = module.name.map(|name| name.module) else {
                    unnamed.push((at, module.snapshot));
                    continue;
                };
                let place = places.entry(name.clone()).or_insert_with(|| module.directory.clone());
                if *place != module.directory {
                    let message =
                        format!("{} and {} are both module {name}", place.display(), module.directory.display());
                    return Err(CliError::CannotRun(message));
                }
                if at == 0 && module.targeted {
                    found.first.push(name.clone());
                }
                found.modules.insert(name, module.snapshot);
            }
        }
        if let Some(wanted) = wanted.filter(|wanted| !found.modules.contains_key(*wanted)) {
            found.name(wanted, unnamed)?;
        }
        Ok(found)
    }

    /// Gives `wanted` to the only module without a name, else to the only module.
    fn name(&mut self, wanted: &ModuleName, mut unnamed: Vec<(usize, Snapshot)>) -> Result<(), CliError> {
        match (unnamed.pop(), unnamed.is_empty(), self.modules.len()) {
            (Some((at, only)), true, _) => {
                if at == 0 {
                    self.first.push(wanted.clone());
                }
                self.modules.insert(wanted.clone(), only);
            }
            (None, _, 1) => {
                self.first.iter_mut().for_each(|name| *name = wanted.clone());
                self.modules =
                    std::mem::take(&mut self.modules).into_values().map(|only| (wanted.clone(), only)).collect();
            }
            _ => {
                let message =
                    format!("it is not clear which of the directories is module {wanted}; name it in its buf.yaml");
                return Err(CliError::CannotRun(message));
            }
        }
        Ok(())
    }
}
