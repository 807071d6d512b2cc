//! Chooses the modules of a workspace to push, and their names.

use std::path::PathBuf;

use crate::model::{BreakingConfig, FilePath, ModuleName, Snapshot};
use crate::module::{LocalModule, Workspace};

use super::PushError;

/// A module to push.
#[derive(Debug)]
pub(super) struct Content {
    pub(super) module: ModuleName,
    pub(super) snapshot: Snapshot,
    /// Where its files are.
    pub(super) origins: Vec<(FilePath, PathBuf)>,
    /// The `breaking` section of its configuration.
    pub(super) breaking: BreakingConfig,
}

/// Takes the modules to push from the workspace. `--module` names the only module; without it, all modules with a name
/// in their configuration are pushed, as with `buf`.
pub(super) fn choose(workspace: &mut Workspace, module: Option<ModuleName>) -> Result<Vec<Content>, PushError> {
    let (targeted, others) = workspace.modules.drain(..).partition(|module| module.targeted);
    workspace.modules = others;
    let mut targeted: Vec<LocalModule> = targeted;
    if let Some(name) = module {
        let only = if targeted.len() == 1 { targeted.pop() } else { None };
        let only = only.ok_or(PushError::SeveralModules(targeted.len()))?;
        return Ok(vec![content(name, only)]);
    }
    let named = targeted.into_iter().filter_map(|local| {
        let module = local.name.as_ref()?.module.clone();
        Some(content(module, local))
    });
    let contents: Vec<_> = named.collect();
    if contents.is_empty() {
        return Err(PushError::NoName);
    }
    Ok(contents)
}

fn content(module: ModuleName, local: LocalModule) -> Content {
    let LocalModule { snapshot, origins, breaking, .. } = local;
    Content { module, snapshot, origins, breaking }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Limits;

    fn workspace(files: &[(&str, &str)]) -> (tempfile::TempDir, Workspace) {
        let directory = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = directory.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let workspace = crate::module::read(directory.path(), &Limits::default()).unwrap();
        (directory, workspace)
    }

    const PROTO: &str = "syntax = \"proto3\";";
    const TWO: &str = "version: v2\nmodules:\n  - path: a\n    name: host/acme/aa\n  - path: b\n";

    fn names(workspace: &mut Workspace, module: Option<&str>) -> Result<Vec<String>, String> {
        let chosen = choose(workspace, module.map(|name| name.parse().unwrap()));
        let chosen = chosen.map_err(|error| error.to_string())?;
        Ok(chosen.iter().map(|content| content.module.to_string()).collect())
    }

    #[test]
    fn a_plain_directory_needs_a_name() {
        let (_directory, mut plain) = workspace(&[("a.proto", PROTO)]);
        assert_eq!(names(&mut plain, Some("acme/pets")).unwrap(), ["acme/pets"]);
        let (_directory, mut plain) = workspace(&[("a.proto", PROTO)]);
        assert!(names(&mut plain, None).unwrap_err().contains("--module"));
    }

    #[test]
    fn a_workspace_pushes_the_modules_that_have_names() {
        let (_directory, mut two) = workspace(&[("buf.yaml", TWO), ("a/a.proto", PROTO), ("b/b.proto", PROTO)]);
        assert_eq!(names(&mut two, None).unwrap(), ["acme/aa"]);
        let (_directory, mut two) = workspace(&[("buf.yaml", TWO), ("a/a.proto", PROTO), ("b/b.proto", PROTO)]);
        assert!(names(&mut two, Some("acme/pets")).unwrap_err().contains("holds 2 modules"));
    }
}
