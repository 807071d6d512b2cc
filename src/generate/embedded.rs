//! The generators that are functions of this program, by the name that the catalogue gives them.

use prost_types::compiler::code_generator_response::File;

use super::error::GenerateError;
use super::generator::{ExternPathStyle, FieldTypeStyle, Generator, GeneratorError};
use super::memory::cost::{self, Rates};
use super::plugins::{buffa, neoeinstein, prost_0_4, prost_crate, prost_json, protovalidate, tonic_0_4_0};
use super::request::plugin_request::PluginRequest;
use crate::model::Plugin;

/// Encoded bytes of a part's own files that are worth a call: below it, showing the shared files once more costs more
/// than it saves; much above it, all calls at work together take too much memory.
const ENOUGH: usize = 1 << 20;

/// The same for generators whose code takes much more memory than that of others.
const LITTLE: usize = 64 << 10;

/// A generator that is a function of this program.
pub(super) struct Embedded {
    run: fn(&PluginRequest) -> Result<Vec<File>, String>,
    /// The memory that it takes.
    pub rates: Rates,
    style: ExternPathStyle,
    /// How it writes the types of fields, if it makes messages and that is known.
    pub field_types: Option<FieldTypeStyle>,
    /// Names of type parameters that the derive macros of its runtime introduce.
    pub hidden: &'static [&'static str],
    /// Names that macros of its runtime refer to without a path.
    pub expanded: &'static [&'static str],
    /// The encoded bytes of the smallest part that gets a call of its own; `None` if the work cannot be divided.
    pub enough: Option<usize>,
    /// Whether it writes text that can be made in pieces.
    pub joins: bool,
    /// Whether it can be told where single types are, not only whole packages. Then a crate may have some well-known
    /// types itself, and share a package with another module.
    single_types: bool,
}

impl Embedded {
    const fn splitting(mut self, enough: usize) -> Self {
        self.enough = Some(enough);
        self
    }

    const fn joining(mut self) -> Self {
        self.joins = true;
        self
    }

    const fn of_packages_only(mut self) -> Self {
        self.single_types = false;
        self
    }

    const fn typed(mut self, style: FieldTypeStyle) -> Self {
        self.field_types = Some(style);
        self
    }

    const fn expanding(mut self, expanded: &'static [&'static str]) -> Self {
        self.expanded = expanded;
        self
    }

    const fn hiding(mut self, hidden: &'static [&'static str]) -> Self {
        self.hidden = hidden;
        self
    }
}

impl Generator for Embedded {
    fn generate(&self, request: &PluginRequest) -> Result<Vec<File>, GeneratorError> {
        (self.run)(request).map_err(GeneratorError::Refused)
    }

    fn extern_path_style(&self) -> ExternPathStyle {
        self.style
    }

    fn takes_single_types(&self) -> bool {
        self.single_types
    }

    fn splits(&self) -> bool {
        self.enough.is_some()
    }
}

const fn embed(run: fn(&PluginRequest) -> Result<Vec<File>, String>, rates: Rates, style: ExternPathStyle) -> Embedded {
    Embedded {
        run,
        rates,
        style,
        field_types: None,
        hidden: &[],
        expanded: &[],
        enough: None,
        joins: false,
        single_types: true,
    }
}

/// `#[async_trait]` writes `Box::pin`.
const ASYNC_TRAIT: &[&str] = &["Box"];

/// The generators by the name that the catalogue gives them. The names are part of published crates.
const EMBEDDED: &[(&str, Embedded)] = &[
    (
        "prost",
        embed(neoeinstein::prost_0_5, cost::PROST, ExternPathStyle::Messages)
            .splitting(ENOUGH)
            .typed(FieldTypeStyle::Prost),
    ),
    ("prost-0.4", embed(prost_0_4::execute, cost::PROST, ExternPathStyle::Messages).typed(FieldTypeStyle::Prost)),
    (
        "prost-0.3",
        embed(neoeinstein::prost_0_3, cost::PROST, ExternPathStyle::Messages)
            // `encode_raw<B>` and the like of prost-derive 0.12.
            .hiding(&["B"])
            .typed(FieldTypeStyle::Prost),
    ),
    (
        "tonic",
        embed(neoeinstein::tonic_0_5, cost::TONIC, ExternPathStyle::Stubs).expanding(ASYNC_TRAIT).splitting(ENOUGH),
    ),
    ("tonic-0.4", embed(neoeinstein::tonic_0_4, cost::TONIC, ExternPathStyle::Stubs).expanding(ASYNC_TRAIT)),
    ("tonic-0.4.0", embed(tonic_0_4_0::execute, cost::TONIC, ExternPathStyle::Stubs).expanding(ASYNC_TRAIT)),
    ("prost-serde", embed(neoeinstein::serde_0_4, cost::PROST_JSON, ExternPathStyle::Messages)),
    ("prost-crate", embed(prost_crate::execute, cost::PROST, ExternPathStyle::Messages)),
    (
        "prost-json",
        embed(prost_json::pbjson_0_8, cost::PROST_JSON, ExternPathStyle::Types).typed(FieldTypeStyle::ProstJson),
    ),
    (
        "prost-json-0.9",
        embed(prost_json::pbjson_0_9, cost::PROST_JSON, ExternPathStyle::Types).typed(FieldTypeStyle::ProstJson),
    ),
    (
        "buffa-0.9",
        embed(buffa::v0_9::execute, cost::BUFFA, ExternPathStyle::BuffaMessages)
            .splitting(LITTLE)
            .joining()
            .typed(FieldTypeStyle::BuffaInline),
    ),
    (
        "buffa-0.8",
        embed(buffa::v0_8::execute, cost::BUFFA, ExternPathStyle::BuffaMessages)
            .splitting(LITTLE)
            .joining()
            .typed(FieldTypeStyle::Buffa),
    ),
    (
        "buffa-0.7",
        embed(buffa::v0_7::execute, cost::BUFFA, ExternPathStyle::BuffaMessages)
            .splitting(LITTLE)
            .joining()
            .typed(FieldTypeStyle::Buffa),
    ),
    (
        "buffa-0.6",
        embed(buffa::v0_6::execute, cost::BUFFA, ExternPathStyle::BuffaMessages)
            .splitting(LITTLE)
            .joining()
            .of_packages_only()
            .typed(FieldTypeStyle::Buffa),
    ),
    (
        "buffa-0.5",
        embed(buffa::v0_5::execute, cost::BUFFA, ExternPathStyle::BuffaMessages)
            .splitting(LITTLE)
            .joining()
            .of_packages_only()
            .typed(FieldTypeStyle::Buffa),
    ),
    (
        "protovalidate",
        embed(protovalidate::execute, cost::PROTOVALIDATE, ExternPathStyle::BuffaMessages)
            .typed(FieldTypeStyle::BuffaInline),
    ),
    ("connect-0.9", embed(buffa::connect_0_9, cost::CONNECT, ExternPathStyle::BuffaStubs)),
    ("connect-0.8", embed(buffa::connect_0_8, cost::CONNECT, ExternPathStyle::BuffaStubs)),
];

/// The generator called `name`.
pub(super) fn embedded(name: &str) -> Option<&'static Embedded> {
    EMBEDDED.iter().find(|(known, _)| *known == name).map(|(_, generator)| generator)
}

/// The generator that the catalogue names for `plugin`.
pub(super) fn find(plugin: &Plugin) -> Result<&'static Embedded, GenerateError> {
    embedded(&plugin.generator)
        .ok_or_else(|| GenerateError::NoGenerator { plugin: plugin.reference(), generator: plugin.generator.clone() })
}

/// The form in which the generator of `plugin` expects the crates of other modules' types; a program that is not
/// embedded takes its family's.
pub(super) fn style_of(plugin: &Plugin) -> ExternPathStyle {
    let embedded = embedded(&plugin.generator).map(Generator::extern_path_style);
    embedded.unwrap_or_else(|| ExternPathStyle::of_family(plugin.family, !plugin.dependencies.is_empty()))
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
            let style = generator.extern_path_style();
            assert_eq!(plugin.family == Family::Buffa, style.is_buffa(), "{}", plugin.reference());
            assert_eq!(!plugin.dependencies.is_empty(), style.is_stubs(), "{}", plugin.reference());
        }
    }
}
