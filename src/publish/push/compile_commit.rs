//! Compiles a commit: of a push, of an import from another registry, or in the store.

use super::dependencies::Dependencies;
use crate::compile::{CompileCache, CompileError, Compiled, Role, Source, compile_with};
use crate::model::{Limits, ModuleName, Snapshot};

/// Compiles `contents` with the files of `dependencies`. Reuses the results in `earlier` for unchanged files.
pub(in crate::publish) fn compile_commit(
    contents: &[(&ModuleName, &Snapshot)],
    dependencies: &Dependencies,
    earlier: &CompileCache,
    limits: &Limits,
) -> Result<Compiled, CompileError> {
    let content = |&(module, snapshot)| Source { module, snapshot, role: Role::Content };
    let mut sources: Vec<_> = contents.iter().map(content).collect();
    for (module, dependency) in &dependencies.0 {
        sources.push(Source { module, snapshot: &dependency.snapshot, role: Role::Dependency });
    }
    compile_with(&sources, limits, earlier)
}
