//! Generators behind one trait: what `protoc` would start as a process is a function call here.

use prost_types::compiler::code_generator_response::File;

use super::PluginRequest;
use super::cost::{self, Rates};
use super::plugins::{buffa, neoeinstein, prost_0_4, prost_crate, prost_json};

/// Why a generator did not answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoAnswer {
    /// It said no, in these words.
    Refused(String),
    /// It broke down.
    Failed(String),
    /// It could not be started, which says nothing of it.
    NotStarted(String),
}

/// Code that answers a `CodeGeneratorRequest`.
pub trait Generator: Send + Sync {
    /// Answers a request.
    ///
    /// # Errors
    /// When there is no answer.
    fn generate(&self, request: &PluginRequest) -> Result<Vec<File>, NoAnswer>;

    /// How it wants to be told where other modules' types live.
    fn spelling(&self) -> Spelling;

    /// Whether the answers for parts of a module, each seeing comments of its own files only, are together the answer
    /// for the whole; and whether the option for descriptor sets does what `descriptor_sets` does.
    fn splits(&self) -> bool {
        false
    }

    /// Names that its code uses for type parameters where declarations of that name are meant.
    fn taken(&self) -> &[Taken] {
        &[]
    }
}

/// A declaration that a generator makes code of that does not compile: `message`, `enum` or `service`, and a name.
pub type Taken = (&'static str, &'static str);

/// The forms of the option `extern_path`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spelling {
    /// For prost: the module's own types are made here, all others are elsewhere. Paths of packages are written as
    /// in Protobuf, because prost turns each segment into a Rust name once more.
    Messages,
    /// Like [`Self::Messages`], but nothing is told of packages, only of types: two generators share the options,
    /// and they agree on types alone.
    Types,
    /// For tonic: all types are elsewhere, the module's own in its messages crate. Paths are written as in Rust.
    Stubs,
    /// For buffa: the module's own types are made here. Paths are names of Rust modules, keywords not escaped.
    BuffaMessages,
    /// For stubs of buffa's messages: all types are elsewhere, and the paths are buffa's.
    BuffaStubs,
}

impl Spelling {
    /// Whether all types are elsewhere.
    #[must_use]
    pub fn is_stubs(self) -> bool {
        matches!(self, Self::Stubs | Self::BuffaStubs)
    }

    /// Whether names are written as buffa does.
    #[must_use]
    pub fn is_buffa(self) -> bool {
        matches!(self, Self::BuffaMessages | Self::BuffaStubs)
    }
}

/// A generator that is a function of this program.
pub(super) struct Embedded {
    run: fn(&PluginRequest) -> Result<Vec<File>, String>,
    /// What it takes in memory.
    pub rates: Rates,
    spelling: Spelling,
    taken: &'static [Taken],
    splits: bool,
}

impl Embedded {
    const fn splitting(mut self) -> Self {
        self.splits = true;
        self
    }

    const fn taking(mut self, taken: &'static [Taken]) -> Self {
        self.taken = taken;
        self
    }
}

impl Generator for Embedded {
    fn generate(&self, request: &PluginRequest) -> Result<Vec<File>, NoAnswer> {
        (self.run)(request).map_err(NoAnswer::Refused)
    }

    fn spelling(&self) -> Spelling {
        self.spelling
    }

    fn taken(&self) -> &[Taken] {
        self.taken
    }

    fn splits(&self) -> bool {
        self.splits
    }
}

const fn embed(run: fn(&PluginRequest) -> Result<Vec<File>, String>, rates: Rates, spelling: Spelling) -> Embedded {
    Embedded { run, rates, spelling, taken: &[], splits: false }
}

/// `encode_raw<B>` and the like of prost-derive 0.12.
const PROST_0_3: &[Taken] = &[("message", "B"), ("enum", "B")];

/// `impl<T, B> Service<http::Request<B>> for …Server<T>`.
const TONIC: &[Taken] = &[("service", "B"), ("service", "T")];

/// `serialize<S>`, `deserialize<D>`, `visit_str<E>`, `visit_map<V>` of pbjson-build.
const PBJSON: &[Taken] = &[
    ("message", "D"),
    ("message", "E"),
    ("message", "S"),
    ("message", "V"),
    ("enum", "D"),
    ("enum", "E"),
    ("enum", "S"),
    ("enum", "V"),
];

/// `visit_map<A>` for messages and `visit_str<E>` for enums.
const BUFFA: &[Taken] = &[("message", "A"), ("enum", "E")];

/// `impl<S: …> ServiceRegister<…> for Arc<S>` of connectrpc-codegen.
const CONNECT: &[Taken] = &[("service", "S")];

/// The generators by the name that the catalogue gives them. The names are part of published crates.
const EMBEDDED: &[(&str, Embedded)] = &[
    ("prost", embed(neoeinstein::prost_0_5, cost::PROST, Spelling::Messages).splitting()),
    ("prost-0.4", embed(prost_0_4::execute, cost::PROST, Spelling::Messages)),
    ("prost-0.3", embed(neoeinstein::prost_0_3, cost::PROST, Spelling::Messages).taking(PROST_0_3)),
    ("tonic", embed(neoeinstein::tonic_0_5, cost::TONIC, Spelling::Stubs).taking(TONIC).splitting()),
    ("tonic-0.4", embed(neoeinstein::tonic_0_4, cost::TONIC, Spelling::Stubs).taking(TONIC)),
    ("prost-serde", embed(neoeinstein::serde_0_4, cost::PROST_JSON, Spelling::Messages)),
    ("prost-crate", embed(prost_crate::execute, cost::PROST, Spelling::Messages)),
    ("prost-json", embed(prost_json::execute, cost::PROST_JSON, Spelling::Types).taking(PBJSON)),
    ("buffa-0.9", embed(buffa::v0_9::execute, cost::BUFFA, Spelling::BuffaMessages).taking(BUFFA)),
    ("buffa-0.8", embed(buffa::v0_8::execute, cost::BUFFA, Spelling::BuffaMessages).taking(BUFFA)),
    ("connect-0.9", embed(buffa::connect_0_9, cost::CONNECT, Spelling::BuffaStubs).taking(CONNECT)),
];

/// The generator called `name`.
pub(super) fn embedded(name: &str) -> Option<&'static Embedded> {
    EMBEDDED.iter().find(|(known, _)| *known == name).map(|(_, generator)| generator)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generate::Catalogue;
    use crate::model::Family;

    #[test]
    fn every_plugin_of_the_catalogue_has_its_generator() {
        for plugin in Catalogue::embedded().unwrap().plugins() {
            let generator = embedded(&plugin.generator).unwrap_or_else(|| panic!("{}", plugin.reference()));
            let spelling = generator.spelling();
            assert_eq!(plugin.family == Family::Buffa, spelling.is_buffa(), "{}", plugin.reference());
            assert_eq!(!plugin.dependencies.is_empty(), spelling.is_stubs(), "{}", plugin.reference());
        }
    }
}
