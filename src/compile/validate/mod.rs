//! Refuses what can be linked and `protoc` and `buf` refuse nevertheless.
//!
//! The rules are `protoc`'s (its descriptor builder), the words are ours. They run on linked files, where types are
//! known and options have values; of dependencies only the extension numbers are looked at, because their own push
//! has checked the rest. Each submodule holds the rules of one kind of element.

mod editions;
mod enums;
mod extensions;
mod fields;
mod files;
mod messages;
mod names;
mod numbers;

use std::cell::OnceCell;
use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;

use prost_types::field_descriptor_proto::{Label, Type};
use prost_types::file_options::OptimizeMode;
use prost_types::{
    DescriptorProto, EnumDescriptorProto, EnumValueDescriptorProto, FieldDescriptorProto, FileDescriptorProto,
};
use rayon::prelude::*;

use editions::Home;
use numbers::Lookup;

use super::deadline::Deadline;
use super::edition::features::{FeatureSet, resolved};
use super::elements::{Element, Node, elements};
use super::link::LinkedFile;
use super::{CompileError, MAX_FINDINGS, Role, locate, refuse_any};
use crate::model::{Diagnostic, is_map_entry};

/// Checks all content files.
///
/// # Errors
/// When a file breaks a rule, with at most [`MAX_FINDINGS`] findings; or when it takes too long.
pub(super) fn validate(linked: &[LinkedFile<'_>], deadline: &Deadline) -> Result<(), CompileError> {
    let enums = linked.par_iter().flat_map_iter(enums_of).collect();
    let homes = editions::homes(linked);
    let lite = linked.iter().filter(|file| is_lite(&file.proto)).map(|file| file.proto.name()).collect();
    let extendable: Vec<_> = linked.par_iter().flat_map_iter(|file| extendable_in(&file.proto)).collect();
    let is_set = |message: &DescriptorProto| message.options.as_ref().is_some_and(|it| it.message_set_wire_format());
    let message_sets = extendable.iter().filter(|(_, message)| is_set(message)).map(|(name, _)| name.clone()).collect();
    let extension_ranges = extendable.into_iter().map(|(name, message)| (name, ranges_of(message))).collect();
    let check = |file: &LinkedFile<'_>| {
        let mut rules = Rules {
            file,
            enums: &enums,
            homes: &homes,
            lite: &lite,
            message_sets: &message_sets,
            extension_ranges: &extension_ranges,
            written: OnceCell::new(),
            map_entries: OnceCell::new(),
            option_imports: OnceCell::new(),
            findings: Vec::new(),
        };
        if !deadline.is_over() {
            elements(&file.proto, |element| rules.check(element));
        }
        rules.findings
    };
    let is_fresh = |file: &&LinkedFile<'_>| file.role == Role::Content && file.earlier.is_none();
    let content: Vec<_> = linked.iter().filter(is_fresh).collect();
    let mut findings: Vec<_> = content.into_par_iter().flat_map_iter(check).collect();
    deadline.check()?;
    findings.extend(extensions::numbers_used_twice(linked));
    refuse_any(findings)
}

/// What the rules about fields need to know of an enum.
struct EnumFacts<'v> {
    /// A value that it does not name is no value of it: so it is in proto2, and where a feature says so.
    closed: bool,
    item: &'v EnumDescriptorProto,
    /// Names of values, collected when they are first asked for.
    names: OnceLock<HashSet<String>>,
}

impl EnumFacts<'_> {
    fn first(&self) -> Option<i32> {
        self.item.value.first().map(EnumValueDescriptorProto::number)
    }

    fn has_value(&self, name: &str) -> bool {
        let names = || self.item.value.iter().map(|value| value.name().to_owned()).collect();
        self.names.get_or_init(names).contains(name)
    }
}

/// What the rules about fields need to know of a map.
#[derive(Clone, Copy)]
struct MapFacts {
    /// Its keys or its values are strings.
    has_text: bool,
}

/// All enums by full name with leading dot, as fields name their types.
type Enums<'v> = HashMap<String, EnumFacts<'v>>;

fn enums_of<'l>(file: &'l LinkedFile<'_>) -> Vec<(String, EnumFacts<'l>)> {
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
fn extendable_in(file: &FileDescriptorProto) -> Vec<(String, &DescriptorProto)> {
    let mut found = Vec::new();
    elements(file, |element| {
        let Node::Message(message) = element.node else { return };
        if !message.extension_range.is_empty() {
            found.push((format!(".{}", element.name), message));
        }
    });
    found
}

fn ranges_of(message: &DescriptorProto) -> Lookup {
    // In descriptors of messages the end is not part of the range.
    let ranges = message.extension_range.iter().map(|range| (range.start(), range.end().saturating_sub(1)));
    Lookup::new(&ranges.collect::<Vec<_>>())
}

fn is_lite(file: &FileDescriptorProto) -> bool {
    file.options.as_ref().is_some_and(|options| options.optimize_for() == OptimizeMode::LiteRuntime)
}

fn is_proto3(file: &FileDescriptorProto) -> bool {
    file.syntax() == "proto3"
}

/// The features of the element of `file` at `path`, when the file declares an edition.
fn features(file: &LinkedFile<'_>, path: &[i32]) -> Option<FeatureSet> {
    let edition = file.edition.as_ref()?.edition;
    Some(resolved(edition, &file.options.features, path))
}

/// The rules at work on one file.
struct Rules<'r, 'a> {
    file: &'r LinkedFile<'a>,
    enums: &'r Enums<'r>,
    /// Where types are declared, when that matters.
    homes: &'r HashMap<String, Home<'r>>,
    /// The paths of the files that are for the lite runtime.
    lite: &'r HashSet<&'r str>,
    /// Full names with leading dot, like those of enums.
    message_sets: &'r HashSet<String>,
    /// By full name with leading dot.
    extension_ranges: &'r HashMap<String, Lookup>,
    /// The paths that have a place, collected when they are first asked for.
    written: OnceCell<HashSet<&'r [i32]>>,
    /// The types of map entries, collected when they are first asked for.
    map_entries: OnceCell<HashMap<String, MapFacts>>,
    /// The paths that are imported for options only, collected when they are first asked for.
    option_imports: OnceCell<HashSet<&'r str>>,
    findings: Vec<Diagnostic>,
}

impl Rules<'_, '_> {
    fn check(&mut self, element: Element<'_, '_>) {
        match element.node {
            Node::File(file) => files::check(self, &element, file),
            Node::Message(message) => messages::check(self, &element, message),
            Node::Field(field) => fields::check(self, &element, field),
            Node::Enum(item) => enums::check(self, &element, item),
            _ => {}
        }
        editions::check(self, &element);
        names::check(self, &element);
    }

    /// Whether the enum at `path` takes numbers that it does not name.
    fn is_open(&self, path: &[i32]) -> bool {
        features(self.file, path).map_or_else(|| self.is_proto3(), |features| features.is_open())
    }

    /// Whether `field`, at `path`, cannot tell its default from nothing because a feature says so.
    fn is_implicit(&self, path: &[i32], field: &FieldDescriptorProto) -> bool {
        let has_choice = field.label() != Label::Repeated && field.oneof_index.is_none() && field.extendee.is_none();
        has_choice && features(self.file, path).is_some_and(|features| features.is_implicit())
    }

    /// Whether JSON names of what is at `path` may meet by accident.
    fn is_legacy_json(&self, path: &[i32]) -> bool {
        features(self.file, path).map_or_else(|| !self.is_proto3(), |features| features.is_legacy_json())
    }

    /// What a map holds, if a field whose type has the full name `name` is one.
    fn map(&self, name: &str) -> Option<MapFacts> {
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

    fn is_proto3(&self) -> bool {
        is_proto3(&self.file.proto)
    }

    /// Whether `path` is imported for options only.
    fn is_for_options(&self, path: &str) -> bool {
        let file = self.file;
        let paths = || {
            let count = file.edition.as_ref().map_or(0, |edition| edition.option_imports);
            file.proto.dependency.iter().rev().take(count).map(String::as_str).collect()
        };
        self.option_imports.get_or_init(paths).contains(path)
    }

    /// Notes a finding at what stands at `inside` of `element`.
    fn refuse(&mut self, element: &Element<'_, '_>, inside: &[i32], message: impl Into<String>) {
        if self.findings.len() < MAX_FINDINGS {
            let path = element.inside(inside);
            self.findings.push(locate::finding(&self.file.proto, self.file.source, &path, message));
        }
    }

    /// Whether someone wrote the element `path`, as opposed to the parser: only then it has a place.
    fn is_written(&self, path: &[i32]) -> bool {
        let locations = || self.file.proto.source_code_info.iter().flat_map(|info| &info.location);
        self.written.get_or_init(|| locations().map(|location| &location.path[..]).collect()).contains(path)
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::refusal;

    /// Checks that each source is refused with a message that starts as given; a source is proto3 unless it says so.
    #[track_caller]
    pub(super) fn refused(cases: &[(&str, &str)]) {
        for (source, expected) in cases {
            let text = refusal(&[("a.proto", &with_syntax(source))]);
            assert!(text.starts_with(&format!("a.proto:{expected}")), "{source}\ngave: {text}\ninstead of: {expected}");
        }
    }

    #[track_caller]
    pub(super) fn accepted(sources: &[&str]) {
        for source in sources {
            assert_eq!(refusal(&[("a.proto", &with_syntax(source))]), "", "{source}");
        }
    }

    fn with_syntax(source: &str) -> String {
        if source.starts_with("syntax") { source.to_owned() } else { format!("syntax = \"proto3\";\n{source}") }
    }
}
