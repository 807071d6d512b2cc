//! The state that all rules share while one file is checked, and facts of other files that they need.

use std::cell::OnceCell;
use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;

use prost_types::field_descriptor_proto::{Label, Type};
use prost_types::file_options::OptimizeMode;
use prost_types::{DescriptorProto, EnumDescriptorProto, FieldDescriptorProto, FileDescriptorProto};

use super::homes::Home;
use super::ranges::Lookup;
use crate::compile::findings::{self, MAX_FINDINGS, OptionPart};
use crate::compile::link::LinkedFile;
use crate::compile::options::facts::ExtensionDeclaration;
use crate::compile::source::edition::features::{DELIMITED, FeatureSet, resolved};
use crate::compile::visit::elements::{Element, Node, elements};
use crate::model::{Diagnostic, is_map_entry};

/// What the rules about fields need to know of an enum.
pub(super) struct EnumFacts<'v> {
    /// A value that it does not name is no value of it: so it is in proto2, and where a feature says so.
    pub(super) closed: bool,
    pub(super) item: &'v EnumDescriptorProto,
    /// Names of values, collected when they are first asked for.
    pub(super) names: OnceLock<HashSet<String>>,
}

impl EnumFacts<'_> {
    pub(super) fn has_value(&self, name: &str) -> bool {
        let names = || self.item.value.iter().map(|value| value.name().to_owned()).collect();
        self.names.get_or_init(names).contains(name)
    }
}

/// What the rules about fields need to know of a map.
#[derive(Clone, Copy)]
pub(super) struct MapFacts {
    /// Its keys or its values are strings.
    pub(super) has_text: bool,
}

/// All enums by full name with leading dot, as fields name their types.
pub(super) type Enums<'v> = HashMap<String, EnumFacts<'v>>;

/// Declared extensions by number, by the full name of their message with leading dot.
pub(super) type DeclaredExtensions<'l> = HashMap<String, HashMap<i32, &'l ExtensionDeclaration>>;

pub(super) fn enums_of<'l>(file: &'l LinkedFile<'_>) -> Vec<(String, EnumFacts<'l>)> {
    let mut found = Vec::new();
    elements(&file.proto, |element| {
        if let Node::Enum(item) = element.node {
            let closed = features(file, element.path).map_or(!is_proto3(&file.proto), |features| !features.is_open());
            found.push((format!(".{}", element.name), EnumFacts { closed, item, names: OnceLock::new() }));
        }
    });
    found
}

/// The messages of `file` that have extension ranges, by full name with leading dot.
pub(super) fn extendable_in(file: &FileDescriptorProto) -> Vec<(String, &DescriptorProto)> {
    let mut found = Vec::new();
    elements(file, |element| {
        let Node::Message(message) = element.node else { return };
        if !message.extension_range.is_empty() {
            found.push((format!(".{}", element.name), message));
        }
    });
    found
}

/// The types of map entries that `file` has, by full name with leading dot.
pub(super) fn entry_types_of(file: &FileDescriptorProto) -> Vec<String> {
    let mut found = Vec::new();
    elements(file, |element| {
        if let Node::Message(message) = element.node
            && is_map_entry(message)
        {
            found.push(format!(".{}", element.name));
        }
    });
    found
}

pub(super) fn ranges_of(message: &DescriptorProto) -> Lookup {
    // In descriptors of messages the end is not part of the range.
    let ranges = message.extension_range.iter().map(|range| (range.start(), range.end().saturating_sub(1)));
    Lookup::new(&ranges.collect::<Vec<_>>())
}

pub(super) fn is_lite(file: &FileDescriptorProto) -> bool {
    file.options.as_ref().is_some_and(|options| options.optimize_for() == OptimizeMode::LiteRuntime)
}

pub(super) fn is_proto3(file: &FileDescriptorProto) -> bool {
    file.syntax() == "proto3"
}

/// The features of the element of `file` at `path`, when the file declares an edition.
pub(super) fn features(file: &LinkedFile<'_>, path: &[i32]) -> Option<FeatureSet> {
    let edition = file.edition.as_ref()?.edition;
    Some(resolved(edition, &file.facts.features, path))
}

/// The rules at work on one file.
pub(super) struct Rules<'r, 'a> {
    pub(super) file: &'r LinkedFile<'a>,
    pub(super) enums: &'r Enums<'r>,
    /// Where types are declared, when that matters.
    pub(super) homes: &'r HashMap<String, Home<'r>>,
    /// The paths of the files that are for the lite runtime.
    pub(super) lite: &'r HashSet<&'r str>,
    /// Full names with leading dot, like those of enums.
    pub(super) message_sets: &'r HashSet<String>,
    /// By full name with leading dot.
    pub(super) extension_ranges: &'r HashMap<String, Lookup>,
    /// By full name of the message with leading dot.
    pub(super) declared_extensions: &'r DeclaredExtensions<'r>,
    /// All types of map entries, by full name with leading dot.
    pub(super) entry_types: &'r HashSet<String>,
    /// The places of elements by path, collected when they are first asked for.
    pub(super) written: OnceCell<HashMap<&'r [i32], &'r [i32]>>,
    /// The types of map entries, collected when they are first asked for.
    pub(super) map_entries: OnceCell<HashMap<String, MapFacts>>,
    /// The paths that are imported for options only, collected when they are first asked for.
    pub(super) option_imports: OnceCell<HashSet<&'r str>>,
    pub(super) findings: Vec<Diagnostic>,
}

impl Rules<'_, '_> {
    /// Whether the enum at `path` takes numbers that it does not name.
    pub(super) fn is_open(&self, path: &[i32]) -> bool {
        features(self.file, path).map_or_else(|| self.is_proto3(), |features| features.is_open())
    }

    /// Whether `field`, at `path`, cannot tell its default from nothing because a feature says so.
    pub(super) fn is_implicit(&self, path: &[i32], field: &FieldDescriptorProto) -> bool {
        let has_choice = field.label() != Label::Repeated && field.oneof_index.is_none() && field.extendee.is_none();
        has_choice && self.inherits_implicit(path)
    }

    /// Whether the features at `path` say that a field there has no presence.
    pub(super) fn inherits_implicit(&self, path: &[i32]) -> bool {
        features(self.file, path).is_some_and(|features| features.is_implicit())
    }

    /// Whether the field at `path` holds messages without their length before them, because a feature says so.
    pub(super) fn is_delimited(&self, path: &[i32]) -> bool {
        features(self.file, path).is_some_and(|features| features.message_encoding == Some(DELIMITED))
    }

    /// Whether JSON names of what is at `path` may meet by accident.
    pub(super) fn is_legacy_json(&self, path: &[i32]) -> bool {
        features(self.file, path).map_or_else(|| !self.is_proto3(), |features| features.is_legacy_json())
    }

    /// What a map holds, if a field whose type has the full name `name` is one.
    pub(super) fn map(&self, name: &str) -> Option<MapFacts> {
        let entries = || {
            let mut entries = HashMap::new();
            elements(&self.file.proto, |element| {
                if let Node::Message(message) = element.node
                    && is_map_entry(message)
                {
                    let has_text = message.field.iter().any(|field| field.r#type() == Type::String);
                    entries.insert(format!(".{}", element.name), MapFacts { has_text });
                }
            });
            entries
        };
        self.map_entries.get_or_init(entries).get(name).copied()
    }

    pub(super) fn is_proto3(&self) -> bool {
        is_proto3(&self.file.proto)
    }

    /// Whether `path` is imported for options only.
    pub(super) fn is_for_options(&self, path: &str) -> bool {
        let file = self.file;
        let paths = || {
            let count = file.edition.as_ref().map_or(0, |edition| edition.option_imports);
            file.proto.dependency.iter().rev().take(count).map(String::as_str).collect()
        };
        self.option_imports.get_or_init(paths).contains(path)
    }

    /// Notes a finding at what stands at `inside` of `element`.
    pub(super) fn refuse(&mut self, element: &Element<'_, '_>, inside: &[i32], message: impl Into<String>) {
        if self.findings.len() < MAX_FINDINGS {
            let path = element.inside(inside);
            self.findings.push(findings::at_element(&self.file.proto, self.file.source, &path, message));
        }
    }

    /// Notes a finding at a part of the name of the option that stands at `inside` of `element`.
    pub(super) fn refuse_option(
        &mut self,
        element: &Element<'_, '_>,
        inside: &[i32],
        part: OptionPart,
        message: impl Into<String>,
    ) {
        if self.findings.len() < MAX_FINDINGS {
            let path = element.inside(inside);
            self.findings.push(findings::at_option(&self.file.proto, self.file.source, &path, part, message));
        }
    }

    /// Notes a finding at the field `name` of the literal that the option at `inside` of `element` is set to; without a
    /// name, at the literal.
    pub(super) fn refuse_in_literal(
        &mut self,
        element: &Element<'_, '_>,
        inside: &[i32],
        name: &str,
        message: impl Into<String>,
    ) {
        if self.findings.len() < MAX_FINDINGS {
            let path = element.inside(inside);
            self.findings.push(findings::in_literal(&self.file.proto, self.file.source, &path, name, message));
        }
    }

    /// Whether the elements at two paths were written in one place.
    pub(super) fn is_same_place(&self, one: &[i32], other: &[i32]) -> bool {
        let written = self.written();
        written.get(one).is_some_and(|span| written.get(other) == Some(span))
    }

    /// Notes a finding at the value of what stands at `inside` of `element`, an option.
    pub(super) fn refuse_value(&mut self, element: &Element<'_, '_>, inside: &[i32], message: impl Into<String>) {
        if self.findings.len() < MAX_FINDINGS {
            let path = element.inside(inside);
            self.findings.push(findings::at_value(&self.file.proto, self.file.source, &path, message));
        }
    }

    /// Whether someone wrote the element `path`, as opposed to the parser: only then it has a place.
    pub(super) fn is_written(&self, path: &[i32]) -> bool {
        self.written().contains_key(path)
    }

    fn written(&self) -> &HashMap<&[i32], &[i32]> {
        let locations = || self.file.proto.source_code_info.iter().flat_map(|info| &info.location);
        let spans = || locations().map(|location| (&location.path[..], &location.span[..])).collect();
        self.written.get_or_init(spans)
    }
}
