//! Reads the files of planned modules into snapshots.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::config::registry_yaml::read_options;
use super::disk::{self, Boundary};
use super::error::{Provider, WorkspaceError};
use super::left_out::LeftOut;
use super::local_module::LocalModule;
use super::plan::{Member, Plan};
use super::walk::{self, Found};
use crate::model::{FilePath, Limits, ModuleFile, ModuleOptions, Snapshot};

/// All modules of `plan` with their files. Modules that are not pushed and hold no source are left out.
pub(super) fn load(
    plan: &Plan,
    left_out: &mut Option<LeftOut>,
    limits: &Limits,
) -> Result<Vec<LocalModule>, WorkspaceError> {
    let boundary = Boundary::new(&plan.root)?;
    let mut providers = BTreeMap::new();
    let mut found = Vec::new();
    for member in &plan.members {
        let files = find(plan, member, &boundary, left_out, limits)?;
        check_unique(&mut providers, member, &files)?;
        found.push((member, files));
    }
    let mut modules = Vec::new();
    for (member, files) in found {
        let directory = member.directory.on(&plan.root);
        if files.iter().any(|file| file.path.is_proto()) {
            modules.push(module(member, directory, &files, limits)?);
        } else if member.targeted {
            return Err(WorkspaceError::NoSources(directory));
        }
    }
    Ok(modules)
}

fn find(
    plan: &Plan,
    member: &Member,
    boundary: &Boundary,
    left_out: &mut Option<LeftOut>,
    limits: &Limits,
) -> Result<Vec<Found>, WorkspaceError> {
    let directory = member.directory.on(&plan.root);
    if !directory.is_dir() {
        return Err(WorkspaceError::MissingModule { config: plan.config.clone(), directory });
    }
    boundary.resolve(&directory)?;
    let mut files = Vec::new();
    for root in &member.config.roots {
        files.extend(walk::sources(&directory, root, boundary, left_out, limits)?);
    }
    files.extend(document(plan, &directory, boundary, walk::documentation)?);
    files.extend(document(plan, &directory, boundary, walk::license)?);
    // `registry.yaml` stands beside `buf.yaml`: in the directory of the module, else of the workspace.
    files.extend(match walk::options(&directory, boundary)? {
        None => walk::options(&plan.root, boundary)?,
        found => found,
    });
    Ok(files)
}

/// A document of the module's directory, or of the workspace where modules share them.
fn document(
    plan: &Plan,
    directory: &Path,
    boundary: &Boundary,
    find: fn(&Path, &Boundary) -> Result<Option<Found>, WorkspaceError>,
) -> Result<Option<Found>, WorkspaceError> {
    match find(directory, boundary)? {
        None if plan.shares_documents => find(&plan.root, boundary),
        found => Ok(found),
    }
}

/// An import must lead to one file: paths of sources are unique in all of the workspace.
fn check_unique(
    providers: &mut BTreeMap<FilePath, Provider>,
    member: &Member,
    files: &[Found],
) -> Result<(), WorkspaceError> {
    for file in files.iter().filter(|file| file.path.is_proto()) {
        let second = Provider { file: file.origin.clone(), module: member.name().cloned() };
        if let Some(first) = providers.insert(file.path.clone(), second.clone()) {
            let (first, second) = (Box::new(first), Box::new(second));
            return Err(WorkspaceError::Duplicate { path: file.path.clone(), first, second });
        }
    }
    Ok(())
}

fn module(
    member: &Member,
    directory: PathBuf,
    files: &[Found],
    limits: &Limits,
) -> Result<LocalModule, WorkspaceError> {
    let mut size = 0;
    let mut contents = Vec::with_capacity(files.len());
    for file in files {
        let content = disk::read(&file.origin, limits)?;
        size += content.len() as u64;
        limits.check_body(format!("the module in {}", directory.display()), size)?;
        if file.path.as_str() == ModuleOptions::FILE {
            read_options(file.origin.clone(), &content)?;
        }
        contents.push(ModuleFile { path: file.path.clone(), content: content.into() });
    }
    let snapshot = match Snapshot::new(contents, limits) {
        Ok(snapshot) => snapshot,
        Err(source) => return Err(WorkspaceError::Snapshot { directory, source }),
    };
    let (name, breaking) = (member.name().cloned(), member.config.breaking.clone());
    let origins = files.iter().map(|file| (file.path.clone(), file.origin.clone())).collect();
    Ok(LocalModule { name, directory, snapshot, origins, breaking, targeted: member.targeted })
}
