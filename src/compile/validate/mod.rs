//! Refuses what can be linked and `protoc` and `buf` refuse nevertheless.
//!
//! The rules are `protoc`'s (its descriptor builder), the words are ours. They run on linked files, where types are
//! known and options have values; of dependencies only the extension numbers are looked at, because their own push
//! has checked the rest. Each submodule holds the rules of one kind of element.

mod declarations;
mod editions;
mod enums;
mod extensions;
mod fields;
mod files;
mod homes;
mod messages;
mod naming_style;
mod numbers;
mod ranges;
mod rules;

use std::cell::OnceCell;

use prost_types::DescriptorProto;
use rayon::prelude::*;

use super::error::CompileError;
use super::findings::refuse_any;
use super::input::Role;
use super::link::LinkedFile;
use super::resources::deadline::Deadline;
use super::visit::elements::{Element, Node, elements};
use rules::{Rules, entry_types_of, enums_of, extendable_in, is_lite, ranges_of};

/// Checks all content files.
///
/// # Errors
/// When a file breaks a rule, or the deadline has passed.
pub(super) fn validate(linked: &[LinkedFile<'_>], deadline: &Deadline) -> Result<(), CompileError> {
    let enums = linked.par_iter().flat_map_iter(enums_of).collect();
    let homes = homes::homes(linked);
    let lite = linked.iter().filter(|file| is_lite(&file.proto)).map(|file| file.proto.name()).collect();
    let extendable: Vec<_> = linked.par_iter().flat_map_iter(|file| extendable_in(&file.proto)).collect();
    let is_set = |message: &DescriptorProto| message.options.as_ref().is_some_and(|it| it.message_set_wire_format());
    let message_sets = extendable.iter().filter(|(_, message)| is_set(message)).map(|(name, _)| name.clone()).collect();
    let extension_ranges = extendable.into_iter().map(|(name, message)| (name, ranges_of(message))).collect();
    let declared_extensions = declarations::declared(linked);
    let entry_types = linked.par_iter().flat_map_iter(|file| entry_types_of(&file.proto)).collect();
    let check_file = |file: &LinkedFile<'_>| {
        let mut rules = Rules {
            file,
            enums: &enums,
            homes: &homes,
            lite: &lite,
            message_sets: &message_sets,
            extension_ranges: &extension_ranges,
            declared_extensions: &declared_extensions,
            entry_types: &entry_types,
            written: OnceCell::new(),
            map_entries: OnceCell::new(),
            option_imports: OnceCell::new(),
            findings: Vec::new(),
        };
        if !deadline.is_over() {
            elements(&file.proto, |element| check(&mut rules, element));
        }
        rules.findings
    };
    let is_fresh = |file: &&LinkedFile<'_>| file.role == Role::Content && file.earlier.is_none();
    let content: Vec<_> = linked.iter().filter(is_fresh).collect();
    let mut findings: Vec<_> = content.into_par_iter().flat_map_iter(check_file).collect();
    deadline.check()?;
    findings.extend(extensions::numbers_used_twice(linked));
    refuse_any(findings)
}

fn check(rules: &mut Rules<'_, '_>, element: Element<'_, '_>) {
    match element.node {
        Node::File(file) => files::check(rules, &element, file),
        Node::Message(message) => messages::check(rules, &element, message),
        Node::Field(field) => fields::check(rules, &element, field),
        Node::Range(range) => declarations::check_range(rules, &element, range),
        Node::Enum(item) => enums::check(rules, &element, item),
        _ => {}
    }
    editions::check(rules, &element);
    naming_style::check(rules, &element);
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
