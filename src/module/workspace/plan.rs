//! From the governing configuration to the modules to read: their directories, the pushed ones, and their locks.

use std::path::{Path, PathBuf};

use super::config::buf_lock::{self, LockedCommit};
use super::config::buf_yaml::{self, BufYaml, Located, ModuleConfig, Version};
use super::config::directory::Directory;
use super::config::error::ConfigProblem;
use super::config::reference::{DependencyRef, QualifiedName};
use super::declared::DeclaredDependencies;
use super::discover::Control;
use super::disk;
use super::error::WorkspaceError;
use super::merge_locks;
use crate::model::Limits;

/// The modules to read.
pub(super) struct Plan {
    /// Directory of the governing configuration, which links may not leave.
    pub(super) root: PathBuf,
    /// The file that lists the modules, for errors.
    pub(super) config: PathBuf,
    /// The local modules in the order of their directories.
    pub(super) members: Vec<Member>,
    /// DeclaredDependencies dependencies that are no local modules, sorted by name.
    pub(super) dependencies: Vec<DependencyRef>,
    /// Pinned commits of modules that are not local, sorted by name; none if there is no lock at all.
    pub(super) locked: Option<Vec<LockedCommit>>,
    /// Whether modules without a licence or a documentation file take those of the root.
    pub(super) shares_documents: bool,
    /// Whether nothing says which files belong: there is no configuration.
    pub(super) is_plain: bool,
}

/// One module to read.
pub(super) struct Member {
    /// Relative to the root of the plan.
    pub(super) directory: Directory,
    /// Name and selection of files.
    pub(super) config: ModuleConfig,
    /// Whether it is pushed.
    pub(super) targeted: bool,
}

impl Member {
    /// Its name, if it has one.
    pub(super) fn name(&self) -> Option<&QualifiedName> {
        self.config.name.as_ref().map(|(name, _)| name)
    }
}

/// The plan for pushing `directory`, which `control` governs.
pub(super) fn plan(directory: &Path, control: Control, limits: &Limits) -> Result<Plan, WorkspaceError> {
    match control {
        Control::V2 { root, yaml } => plan_v2(directory, root, yaml, limits),
        Control::Work { root, members } => plan_work(directory, root, members, limits),
        Control::Single(yaml) => plan_single(directory, yaml, limits),
    }
}

fn plan_v2(directory: &Path, root: PathBuf, yaml: BufYaml, limits: &Limits) -> Result<Plan, WorkspaceError> {
    let target = Directory::below(&root, directory).unwrap_or_default();
    let lock = read_lock(&root, Version::V2, limits)?;
    let member = |config: ModuleConfig| Member {
        directory: config.directory.clone(),
        targeted: target.holds(&config.directory),
        config,
    };
    let members = yaml.modules.into_iter().map(member).collect();
    let declared = DeclaredDependencies { targeted: true, dependencies: yaml.dependencies, lock };
    let config = root.join("buf.yaml");
    finish(directory, Plan { shares_documents: true, ..empty(root, config) }, members, vec![declared])
}

fn plan_work(directory: &Path, root: PathBuf, listed: Vec<Directory>, limits: &Limits) -> Result<Plan, WorkspaceError> {
    let target = Directory::below(&root, directory).unwrap_or_default();
    let mut found = Vec::new();
    for member in listed {
        let targeted = target.holds(&member);
        let path = member.on(&root);
        let yaml = disk::config(&path, "buf.yaml", limits)?.map(|yaml| buf_yaml::parse(&yaml)).transpose()?;
        if let Some(yaml) = &yaml
            && yaml.version == Version::V2
        {
            return Err(ConfigProblem::WorkspaceMember.at(&yaml.place).into());
        }
        let (config, own) = one_module(&path, yaml, targeted, limits)?;
        found.push((Member { directory: member, config, targeted }, own));
    }
    // `buf push` of one directory knows no workspace: a sibling that the lock pins is the pinned commit.
    let pinned = merge_locks::pinned_by_targets(found.iter().map(|(_, declared)| declared));
    found.retain(|(member, _)| member.targeted || member.name().is_none_or(|name| !pinned.contains(name)));
    let (members, declared) = found.into_iter().unzip();
    let config = root.join("buf.work.yaml");
    finish(directory, empty(root, config), members, declared)
}

fn plan_single(directory: &Path, yaml: Option<BufYaml>, limits: &Limits) -> Result<Plan, WorkspaceError> {
    let is_plain = yaml.is_none();
    let (config, declared) = one_module(directory, yaml, true, limits)?;
    let member = Member { directory: Directory::default(), config, targeted: true };
    let plan = Plan { is_plain, ..empty(directory.to_owned(), directory.join("buf.yaml")) };
    finish(directory, plan, vec![member], vec![declared])
}

fn one_module(
    directory: &Path,
    yaml: Option<BufYaml>,
    targeted: bool,
    limits: &Limits,
) -> Result<(ModuleConfig, DeclaredDependencies), WorkspaceError> {
    let version = yaml.as_ref().map_or(Version::V1, |yaml| yaml.version);
    let lock = read_lock(directory, version, limits)?;
    let (config, dependencies) = match yaml {
        Some(yaml) => (yaml.modules.into_iter().next(), yaml.dependencies),
        None => (None, Vec::new()),
    };
    Ok((config.unwrap_or_else(ModuleConfig::unnamed), DeclaredDependencies { targeted, dependencies, lock }))
}

type Lock = (PathBuf, Vec<Located<LockedCommit>>);

fn read_lock(directory: &Path, yaml: Version, limits: &Limits) -> Result<Option<Lock>, WorkspaceError> {
    let Some(document) = disk::config(directory, "buf.lock", limits)? else {
        return Ok(None);
    };
    let entries = buf_lock::parse(&document, yaml)?;
    Ok(Some((document.path().to_owned(), entries)))
}

fn empty(root: PathBuf, config: PathBuf) -> Plan {
    Plan {
        root,
        config,
        members: Vec::new(),
        dependencies: Vec::new(),
        locked: None,
        shares_documents: false,
        is_plain: false,
    }
}

/// Checks the rules for every kind of workspace, and sorts everything.
fn finish(
    directory: &Path,
    plan: Plan,
    mut members: Vec<Member>,
    declared: Vec<DeclaredDependencies>,
) -> Result<Plan, WorkspaceError> {
    if !members.iter().any(|member| member.targeted) {
        let target = Directory::below(&plan.root, directory).unwrap_or_default();
        let around = members.iter().find(|member| member.directory.holds(&target));
        let module = around.map_or(plan.root.clone(), |member| member.directory.on(&plan.root));
        return Err(WorkspaceError::InsideModule { directory: directory.to_owned(), module });
    }
    members.sort_by(|a, b| a.directory.cmp(&b.directory));
    let names = unique_names(&members)?;
    let dependencies = merge_locks::dependencies(&declared, &names)?;
    let locked = merge_locks::merge(&declared, &names)?;
    Ok(Plan { members, dependencies, locked, ..plan })
}

fn unique_names(members: &[Member]) -> Result<Vec<QualifiedName>, WorkspaceError> {
    let mut seen: Vec<&Located<QualifiedName>> = Vec::new();
    for named in members.iter().filter_map(|member| member.config.name.as_ref()) {
        let (name, place) = named;
        if let Some((_, other)) = seen.iter().find(|(other, _)| other == name) {
            let problem = ConfigProblem::DuplicateName { name: name.to_string(), other: other.clone() };
            return Err(problem.at(place).into());
        }
        seen.push(named);
    }
    Ok(seen.into_iter().map(|(name, _)| name.clone()).collect())
}
