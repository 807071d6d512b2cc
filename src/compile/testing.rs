//! Builds modules from text for the tests of this layer.

use bytes::Bytes;

use super::error::CompileError;
use super::input::{Role, Source};
use super::{Compiled, compile};
use crate::model::{Limits, ModuleFile, ModuleName, Snapshot};

/// A snapshot of `(path, text)` pairs.
pub(super) fn snapshot(files: &[(&str, &str)]) -> Snapshot {
    let file = |(path, text): &(&str, &str)| ModuleFile {
        path: path.parse().unwrap(),
        content: Bytes::copy_from_slice(text.as_bytes()),
    };
    Snapshot::new(files.iter().map(file).collect(), &Limits::default()).unwrap()
}

/// Compiles `content` as the module `acme/content`.
pub(super) fn compile_files(content: &[(&str, &str)]) -> Result<Compiled, CompileError> {
    compile_modules(&[("acme/content", Role::Content, content)])
}

/// A module as tests write it: name, role, and files as paths and texts.
pub(super) type Module<'a> = (&'a str, Role, &'a [(&'a str, &'a str)]);

/// Compiles `modules` together.
pub(super) fn compile_modules(modules: &[Module<'_>]) -> Result<Compiled, CompileError> {
    let built: Vec<(ModuleName, Role, Snapshot)> =
        modules.iter().map(|(name, role, files)| (name.parse().unwrap(), *role, snapshot(files))).collect();
    let sources: Vec<Source<'_>> =
        built.iter().map(|(module, role, snapshot)| Source { module, snapshot, role: *role }).collect();
    compile(&sources, &Limits::default())
}

/// What compiling `content` is refused with; empty when it is accepted.
pub(super) fn refusal(content: &[(&str, &str)]) -> String {
    compile_files(content).map_or_else(|e| e.to_string(), |_| String::new())
}

/// Compiles one source within `limits`.
pub(super) fn compile_limited(source: &str, limits: &Limits) -> Result<Compiled, CompileError> {
    let (module, snapshot) = ("acme/content".parse().unwrap(), snapshot(&[("a.proto", source)]));
    compile(&[Source { module: &module, snapshot: &snapshot, role: Role::Content }], limits)
}
