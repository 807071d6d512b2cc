//! Finds the files of a module on disk. Contents are read later, when it is known that there are not too many.

use std::fs::{self, DirEntry};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::config::selection::Root;
use super::disk::{self, Boundary};
use super::error::WorkspaceError;
use super::left_out::LeftOut;
use crate::model::{FilePath, Limits, ModuleOptions, Snapshot};

/// Most symbolic links to directories that are followed in one module. Links can multiply a tree without a loop.
const MAX_LINKS: usize = 10_000;

/// A file of a module that was found.
#[derive(Debug)]
pub(super) struct Found {
    /// Its path in the module, as imports write it.
    pub(super) path: FilePath,
    /// The file on disk.
    pub(super) origin: PathBuf,
}

/// One walk below one root of a module.
struct Walk<'a> {
    base: PathBuf,
    root: &'a Root,
    boundary: &'a Boundary,
    /// What does not belong to a plain directory; none where a configuration says what belongs.
    left_out: &'a mut Option<LeftOut>,
    limits: &'a Limits,
    found: Vec<Found>,
    links: usize,
    /// Directories still to look through, relative to the root, and the links that led there.
    pending: Vec<(PathBuf, Trail)>,
}

/// The links that a path goes through, the last one first.
type Trail = Option<Rc<Link>>;

struct Link {
    target: PathBuf,
    above: Trail,
}

/// Whether a trail already goes through a link to `target`.
fn passes(trail: &Trail, target: &Path) -> bool {
    std::iter::successors(trail.as_ref(), |link| link.above.as_ref()).any(|link| link.target == target)
}

/// The `.proto` files below `root` of the module in `module`, without those that `left_out` takes.
pub(super) fn sources(
    module: &Path,
    root: &Root,
    boundary: &Boundary,
    left_out: &mut Option<LeftOut>,
    limits: &Limits,
) -> Result<Vec<Found>, WorkspaceError> {
    let base = root.directory.on(module);
    if !base.is_dir() {
        return Ok(Vec::new());
    }
    boundary.resolve(&base)?;
    let pending = vec![(PathBuf::new(), None)];
    let mut walk = Walk { base, root, boundary, left_out, limits, found: Vec::new(), links: 0, pending };
    while let Some((directory, trail)) = walk.pending.pop() {
        walk.directory(&directory, &trail)?;
    }
    walk.found.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(walk.found)
}

impl Walk<'_> {
    /// Looks through one directory, given relative to the root.
    fn directory(&mut self, directory: &Path, trail: &Trail) -> Result<(), WorkspaceError> {
        let path = self.base.join(directory);
        let unreadable = || WorkspaceError::unreadable(&path);
        for entry in fs::read_dir(&path).map_err(unreadable())? {
            let entry = entry.map_err(unreadable())?;
            self.entry(directory, &entry, trail)?;
        }
        Ok(())
    }

    fn entry(&mut self, parent: &Path, entry: &DirEntry, trail: &Trail) -> Result<(), WorkspaceError> {
        let origin = entry.path();
        let relative = parent.join(entry.file_name());
        let kind = entry.file_type().map_err(WorkspaceError::unreadable(&origin))?;
        if kind.is_symlink() {
            self.link(parent, relative, origin, trail)
        } else if kind.is_dir() {
            if !self.leaves_out(&relative, true) {
                self.enter(relative, trail.clone());
            }
            Ok(())
        } else if kind.is_file() && self.wants(parent, &relative) && !self.leaves_out(&relative, false) {
            self.take(&relative, origin)
        } else {
            Ok(())
        }
    }

    fn link(&mut self, parent: &Path, relative: PathBuf, origin: PathBuf, trail: &Trail) -> Result<(), WorkspaceError> {
        let metadata = match fs::metadata(&origin) {
            Ok(metadata) => metadata,
            // A link to nowhere matters only if it stands for a source.
            Err(error) if disk::is_absent(&error) && !self.wants(parent, &relative) => return Ok(()),
            Err(error) => return Err(WorkspaceError::unreadable(origin)(error)),
        };
        if metadata.is_dir() && self.root.enters(&relative) && !self.leaves_out(&relative, true) {
            let target = self.check_link(&origin, trail)?;
            self.enter(relative, Some(Rc::new(Link { target, above: trail.clone() })));
        } else if metadata.is_file() && self.wants(parent, &relative) && !self.leaves_out(&relative, false) {
            self.boundary.resolve(&origin)?;
            self.take(&relative, origin)?;
        }
        Ok(())
    }

    /// Where a link to a directory leads; refused if the walk would leave the boundary or never end.
    fn check_link(&mut self, link: &Path, trail: &Trail) -> Result<PathBuf, WorkspaceError> {
        let target = self.boundary.resolve(link)?;
        let parent = link.parent().unwrap_or(link);
        let here = parent.canonicalize().map_err(WorkspaceError::unreadable(parent))?;
        if here.starts_with(&target) || passes(trail, &target) {
            return Err(WorkspaceError::LinkLoop { link: link.to_owned(), target });
        }
        self.links += 1;
        if self.links > MAX_LINKS {
            return Err(WorkspaceError::TooManyLinks { directory: self.base.clone(), limit: MAX_LINKS });
        }
        Ok(target)
    }

    /// Whether what stands at `relative` does not belong to a plain directory.
    fn leaves_out(&mut self, relative: &Path, is_directory: bool) -> bool {
        let path = self.base.join(relative);
        self.left_out.as_mut().is_some_and(|left_out| left_out.takes(&path, is_directory))
    }

    fn enter(&mut self, relative: PathBuf, trail: Trail) {
        if self.root.enters(&relative) {
            self.pending.push((relative, trail));
        }
    }

    fn wants(&self, parent: &Path, relative: &Path) -> bool {
        relative.as_os_str().as_encoded_bytes().ends_with(b".proto") && self.root.keeps(parent)
    }

    fn take(&mut self, relative: &Path, origin: PathBuf) -> Result<(), WorkspaceError> {
        let text = relative.to_str().ok_or_else(|| WorkspaceError::PathNotUtf8(origin.clone()))?;
        let path = text.parse().map_err(|source| WorkspaceError::Path { origin: origin.clone(), source })?;
        self.found.push(Found { path, origin });
        self.limits.check_files(format!("directory {}", self.base.display()), self.found.len() as u64)?;
        Ok(())
    }
}

/// The documentation file of a directory: the first that is there.
pub(super) fn documentation(directory: &Path, boundary: &Boundary) -> Result<Option<Found>, WorkspaceError> {
    for name in Snapshot::doc_names() {
        if let Some(found) = document(directory, name, boundary)? {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// The licence of a directory.
pub(super) fn license(directory: &Path, boundary: &Boundary) -> Result<Option<Found>, WorkspaceError> {
    document(directory, "LICENSE", boundary)
}

/// The module options of a directory.
pub(super) fn options(directory: &Path, boundary: &Boundary) -> Result<Option<Found>, WorkspaceError> {
    document(directory, ModuleOptions::FILE, boundary)
}

fn document(directory: &Path, name: &str, boundary: &Boundary) -> Result<Option<Found>, WorkspaceError> {
    let origin = directory.join(name);
    match fs::metadata(&origin) {
        Ok(metadata) if metadata.is_file() => boundary.resolve(&origin)?,
        Ok(_) => return Ok(None),
        Err(error) if disk::is_absent(&error) => return Ok(None),
        Err(error) => return Err(WorkspaceError::unreadable(origin)(error)),
    };
    let path = name.parse().map_err(|source| WorkspaceError::Path { origin: origin.clone(), source })?;
    Ok(Some(Found { path, origin }))
}
