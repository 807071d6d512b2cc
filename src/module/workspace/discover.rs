//! Finds the configuration that governs a directory, from the directory itself upwards.

use std::path::{Path, PathBuf};

use super::config::buf_work_yaml;
use super::config::buf_yaml::{self, BufYaml, Version};
use super::config::directory::Directory;
use super::config::yaml::Document;
use super::disk;
use super::error::WorkspaceError;
use crate::model::Limits;

/// The configuration that governs a directory.
pub(super) enum Control {
    /// A v2 `buf.yaml`.
    V2 {
        /// Its directory.
        root: PathBuf,
        /// Its content.
        yaml: BufYaml,
    },
    /// A `buf.work.yaml`.
    Work {
        /// Its directory.
        root: PathBuf,
        /// The module directories that it lists.
        members: Vec<Directory>,
    },
    /// Nothing above: the directory is one module, with a v1 `buf.yaml` or with none.
    Single(Option<BufYaml>),
}

/// The nearest configuration that governs `directory`, an absolute path.
///
/// A v2 `buf.yaml` governs its own directory, the directories of its modules and their parents; a `buf.work.yaml`
/// governs its own directory and the directories that it lists.
pub(super) fn control(directory: &Path, limits: &Limits) -> Result<Control, WorkspaceError> {
    let mut own = None;
    for root in directory.ancestors() {
        let yaml = disk::config(root, "buf.yaml", limits)?;
        let work = disk::config(root, "buf.work.yaml", limits)?;
        let (yaml, work) = match (yaml, work) {
            (Some(_), Some(_)) => return Err(WorkspaceError::BothFiles(root.to_owned())),
            (yaml, work) => (yaml.map(|yaml| buf_yaml::parse(&yaml)).transpose()?, work),
        };
        if let Some(work) = work
            && let Some(members) = work_members(root, directory, &work)?
        {
            return Ok(Control::Work { root: root.to_owned(), members });
        }
        match yaml {
            Some(yaml) if yaml.version == Version::V2 && governs(root, directory, &yaml) => {
                return Ok(Control::V2 { root: root.to_owned(), yaml });
            }
            Some(yaml) if root == directory => own = Some(yaml),
            _ => {}
        }
    }
    Ok(Control::Single(own))
}

fn governs(root: &Path, directory: &Path, yaml: &BufYaml) -> bool {
    let Some(directory) = Directory::below(root, directory) else {
        return false;
    };
    let related = |module: &Directory| module.holds(&directory) || directory.holds(module);
    directory == Directory::default() || yaml.modules.iter().any(|module| related(&module.directory))
}

fn work_members(root: &Path, directory: &Path, work: &Document) -> Result<Option<Vec<Directory>>, WorkspaceError> {
    let members = buf_work_yaml::parse(work)?;
    let Some(directory) = Directory::below(root, directory) else {
        return Ok(None);
    };
    let governs = directory == Directory::default() || members.iter().any(|member| member.holds(&directory));
    Ok(governs.then_some(members))
}
