//! The embedded generators behind one trait: what `protoc` would start as a process is a function call here.

use prost_types::compiler::code_generator_response::File;

/// Code that answers a `CodeGeneratorRequest`.
pub(super) trait Generator: Send + Sync {
    /// Answers an encoded request. The error is the generator's own message.
    fn generate(&self, request: &[u8]) -> Result<Vec<File>, String>;

    /// How it wants to be told where other modules' types live.
    fn spelling(&self) -> Spelling;
}

/// The forms of the option `extern_path`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spelling {
    /// For messages: the module's own types are made here, all others are elsewhere. Paths of packages are
    /// written as in Protobuf, because prost turns each segment into a Rust name once more.
    Messages,
    /// For stubs: all types are elsewhere, the module's own in its messages crate. Paths are written as in Rust.
    Stubs,
}

/// `protoc-gen-prost`.
struct Prost;

impl Generator for Prost {
    fn generate(&self, request: &[u8]) -> Result<Vec<File>, String> {
        protoc_gen_prost::execute(request).map_err(|e| e.to_string())
    }

    fn spelling(&self) -> Spelling {
        Spelling::Messages
    }
}

/// `protoc-gen-tonic`.
struct Tonic;

impl Generator for Tonic {
    fn generate(&self, request: &[u8]) -> Result<Vec<File>, String> {
        protoc_gen_tonic::execute(request).map_err(|e| e.to_string())
    }

    fn spelling(&self) -> Spelling {
        Spelling::Stubs
    }
}

/// The generators by the name that the catalogue gives them.
const EMBEDDED: &[(&str, &dyn Generator)] = &[("prost", &Prost), ("tonic", &Tonic)];

/// The generator called `name`.
pub(super) fn embedded(name: &str) -> Option<&'static dyn Generator> {
    EMBEDDED.iter().find(|(known, _)| *known == name).map(|(_, generator)| *generator)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generate::Catalogue;

    #[test]
    fn every_plugin_of_the_catalogue_has_its_generator() {
        for plugin in Catalogue::embedded().unwrap().plugins() {
            assert!(embedded(&plugin.generator).is_some(), "{}", plugin.reference());
        }
    }
}
