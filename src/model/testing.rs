//! Compiled sources for the tests of the layers that work on descriptors.

use std::collections::HashMap;
use std::sync::Arc;

use prost::Message as _;
use prost_types::FileDescriptorProto;
use protox::file::{ChainFileResolver, File, FileResolver, GoogleFileResolver};

use super::{DescriptorFile, DescriptorSet, FileOrigin, ModuleName};

/// A module's name from text.
pub(crate) fn module(name: &str) -> ModuleName {
    name.parse().unwrap()
}

struct Sources(HashMap<String, String>);

impl FileResolver for Sources {
    fn open_file(&self, name: &str) -> Result<File, protox::Error> {
        let source = self.0.get(name).ok_or_else(|| protox::Error::file_not_found(name))?;
        File::from_source(name, source)
    }
}

/// Compiles files given as module, path and source; a source without a syntax is proto3.
pub(crate) fn set(files: &[(&str, &str, &str)]) -> DescriptorSet {
    let syntax = |source: &str| match source.contains("syntax =") {
        true => source.to_owned(),
        false => format!("syntax = \"proto3\";\n{source}"),
    };
    let sources = files.iter().map(|(_, path, source)| ((*path).to_owned(), syntax(source))).collect();
    let mut resolver = ChainFileResolver::new();
    resolver.add(Sources(sources));
    resolver.add(GoogleFileResolver::new());
    let mut compiler = protox::Compiler::with_file_resolver(resolver);
    compiler.include_imports(true).include_source_info(true);
    for (_, path, _) in files {
        compiler.open_file(path).unwrap_or_else(|e| panic!("{e:?}"));
    }
    let owner = |path: &str| files.iter().find(|(_, name, _)| *name == path).map(|(owner, ..)| module(owner));
    let pool = compiler.descriptor_pool();
    let compiled = compiler.files().map(|file| {
        let encoded = pool.get_file_by_name(file.name()).unwrap().encode_to_vec();
        let decoded = FileDescriptorProto::decode(&encoded[..]).unwrap();
        DescriptorFile {
            origin: owner(file.name()).map_or(FileOrigin::WellKnown, FileOrigin::Module),
            proto: Arc::new(FileDescriptorProto { source_code_info: None, ..decoded }),
            encoded: encoded.into(),
        }
    });
    DescriptorSet { files: compiled.collect() }
}
