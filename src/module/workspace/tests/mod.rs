//! The rules for directories, each on a small tree on disk.

mod files;
mod links;
mod locks;
mod v1;
mod v2;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use super::*;

/// A tree of files that is removed when the test ends.
struct Tree {
    directory: tempfile::TempDir,
}

/// Writes `files`, given as path and text.
fn tree(files: &[(&str, &str)]) -> Tree {
    let tree = Tree { directory: tempfile::tempdir().unwrap() };
    for (path, text) in files {
        let path = tree.path(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    tree
}

impl Tree {
    fn path(&self, relative: &str) -> PathBuf {
        self.directory.path().join(relative)
    }

    fn read(&self, relative: &str) -> Result<Workspace, WorkspaceError> {
        read(&self.path(relative), &Limits::default())
    }

    /// The result of reading a directory: a line per module, `*` before pushed ones, then dependencies and locks.
    fn seen(&self, relative: &str) -> String {
        let workspace = self.read(relative).unwrap();
        let mut text = String::new();
        for module in &workspace.modules {
            let name = module.name.as_ref().map_or("-".into(), QualifiedName::to_string);
            let files: Vec<_> = module.snapshot.files().iter().map(|file| file.path.as_str()).collect();
            let mark = if module.targeted { "*" } else { " " };
            let directory = module.directory.strip_prefix(self.directory.path()).unwrap();
            writeln!(text, "{mark} {name} in {:?}: {}", directory.to_str().unwrap(), files.join(" ")).unwrap();
        }
        for dependency in &workspace.dependencies {
            writeln!(text, "needs {dependency}").unwrap();
        }
        for locked in workspace.locked.iter().flatten() {
            writeln!(text, "locks {} {}", locked.name(), locked.commit.short()).unwrap();
        }
        text
    }

    /// The error of reading a directory, with the tree's own path left out.
    fn error(&self, relative: &str) -> String {
        self.plain(self.read(relative).unwrap_err())
    }

    fn plain(&self, error: WorkspaceError) -> String {
        let real = self.directory.path().canonicalize().unwrap();
        let text = error.to_string().replace(real.to_str().unwrap(), "ROOT");
        text.replace(self.directory.path().to_str().unwrap(), "ROOT")
    }

    fn link(&self, link: &str, target: impl AsRef<Path>) {
        std::os::unix::fs::symlink(target, self.path(link)).unwrap();
    }
}
