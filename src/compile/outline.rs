//! What the files of a module declare, read without linking them: a fraction of the work of a compilation.

use std::collections::{BTreeMap, BTreeSet};

use crate::compile::cache::files::CompileCache;
use crate::compile::error::CompileError;
use crate::compile::imports::load;
use crate::compile::imports::loaded::LoadedFile;
use crate::compile::input::{Role, Source};
use crate::compile::resources::deadline::Deadline;
use crate::compile::resources::threads::{Size, within};
use crate::compile::resources::{compile_memory, memory_estimate};
use crate::model::{Limits, ModuleName, Outline, OutlinedFile, Snapshot};

/// The outline of a module that compiled when it was pushed; its imports of other modules need not be at hand. It is that
/// of the compiled files.
///
/// # Errors
/// When a source is not valid Protobuf any more, or a limit is exceeded.
pub fn outline(module: &ModuleName, snapshot: &Snapshot, limits: &Limits) -> Result<Outline, CompileError> {
    let sources = [Source { module, snapshot, role: Role::Content }];
    let none = CompileCache::default();
    let memory = within(Size::Small, || memory_estimate::memory(&sources, limits, &none))?;
    let _reserved = compile_memory::reserve(memory, limits)?;
    let size = if memory <= compile_memory::SMALL { Size::Small } else { Size::Large };
    within(size, || {
        let loaded = load::load(&sources, &Deadline::new(limits), &none)?;
        let own = loaded.files.iter().filter(|(_, file)| file.role == Role::Content);
        Ok(in_order(own.map(outlined).collect()))
    })
}

/// The outline of a file that is not linked: its descriptor has all imports in one list.
fn outlined((path, file): (&String, &LoadedFile<'_>)) -> (String, OutlinedFile) {
    (path.clone(), OutlinedFile::of(&file.proto, file.proto.dependency.clone()))
}

/// The files, each after those that it imports, as a compilation orders them.
fn in_order(files: BTreeMap<String, OutlinedFile>) -> Outline {
    let (mut seen, mut order) = (BTreeSet::new(), vec![]);
    for root in files.keys() {
        let mut way = vec![(root, 0)];
        while let Some((path, next)) = way.last_mut() {
            let Some(file) = files.get(*path).filter(|_| *next > 0 || !seen.contains(*path)) else {
                way.pop();
                continue;
            };
            seen.insert(*path);
            let import = file.imports.get(*next);
            *next += 1;
            match import {
                Some(import) => way.push((import, 0)),
                None => {
                    order.push(file.clone());
                    way.pop();
                }
            }
        }
    }
    Outline { files: order, numbered: None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compile::compile;
    use crate::compile::testing::snapshot;

    #[test]
    fn it_is_that_of_the_compiled_files() {
        let files = [
            ("z.proto", "syntax = \"proto3\"; package p.z; message Z { message In {} } enum E { A = 0; }"),
            ("a.proto", "syntax = \"proto3\"; import \"m.proto\"; import public \"z.proto\"; service S {}"),
            ("m.proto", "import \"z.proto\"; import \"google/protobuf/any.proto\"; message M {}"),
            ("e.proto", "edition = \"2024\"; import option \"o.proto\"; message M2 {}"),
            (
                "o.proto",
                "edition = \"2024\"; import \"google/protobuf/descriptor.proto\"; extend google.protobuf.FileOptions { string o = 50000; }",
            ),
        ];
        let module = "acme/content".parse().unwrap();
        let snapshot = snapshot(&files);
        let source = Source { module: &module, snapshot: &snapshot, role: Role::Content };
        let compiled = compile(&[source], &Limits::default()).unwrap();
        let read = outline(&module, &snapshot, &Limits::default()).unwrap();
        assert_eq!(read, Outline::of(&compiled.descriptors, &module));
    }

    #[test]
    fn what_other_modules_declare_need_not_be_there() {
        let files = [("a.proto", "syntax = \"proto3\"; import \"elsewhere.proto\"; message A { Other o = 1; }")];
        let module = "acme/content".parse().unwrap();
        let read = outline(&module, &snapshot(&files), &Limits::default()).unwrap();
        assert_eq!(read.files[0].imports, ["elsewhere.proto"]);
    }
}
