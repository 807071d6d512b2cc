//! Generators behind one trait: `protoc` starts plugins as processes, here they are function calls.

use prost_types::compiler::code_generator_response::File;

use super::request::plugin_request::PluginRequest;
use crate::model::Family;

/// Why a generator gave no files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GeneratorError {
    /// It refused, with this message.
    Refused(String),
    /// It broke down.
    Failed(String),
    /// It could not be started, which is no fault of its own.
    NotStarted(String),
}

/// Code that answers a `CodeGeneratorRequest`.
pub trait Generator: Send + Sync {
    /// Answers a request.
    ///
    /// # Errors
    /// When there is no answer.
    fn generate(&self, request: &PluginRequest) -> Result<Vec<File>, GeneratorError>;

    /// The form in which it expects the crates of other modules' types.
    fn extern_path_style(&self) -> ExternPathStyle;

    /// Whether it can be told the crates of single types, not only those of whole packages.
    fn takes_single_types(&self) -> bool {
        true
    }

    /// Whether the outputs for parts of a module, each with the comments of its own files only, equal the output for
    /// the whole together; and whether its option for descriptor sets is equivalent to `descriptor_sets`.
    fn splits(&self) -> bool {
        false
    }
}

/// The forms of the option `extern_path`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExternPathStyle {
    /// For prost: the module's own types are made here, all others are elsewhere. Paths of packages are written as
    /// in Protobuf, because prost turns each segment into a Rust name once more.
    Messages,
    /// Like [`Self::Messages`], but with entries for types only, not for packages: two generators share the options,
    /// and agree on types alone.
    Types,
    /// For tonic: all types are elsewhere, the module's own in its messages crate. Paths are written as in Rust.
    Stubs,
    /// For buffa: the module's own types are made here. Paths are names of Rust modules, keywords not escaped.
    BuffaMessages,
    /// For stubs of buffa's messages: all types are elsewhere, and the paths are buffa's.
    BuffaStubs,
}

/// How code of messages writes the types of fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FieldTypeStyle {
    /// prost.
    Prost,
    /// prost with the well-known types of `pbjson-types`.
    ProstJson,
    /// buffa, every message in a box.
    Buffa,
    /// buffa, messages inline unless they hold themselves.
    BuffaInline,
}

impl ExternPathStyle {
    /// The form that the usual generators of `family` expect.
    #[must_use]
    pub fn of_family(family: Family, is_stubs: bool) -> Self {
        match (family, is_stubs) {
            (Family::Prost, false) => Self::Messages,
            (Family::Prost, true) => Self::Stubs,
            (Family::Buffa, false) => Self::BuffaMessages,
            (Family::Buffa, true) => Self::BuffaStubs,
        }
    }

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
