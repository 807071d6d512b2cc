//! Bounds on what the pool of options would have to look through.
//!
//! It finds extensions, extension ranges and members of a oneof by looking at one after the other, and the imports of
//! imports again for each file: small sources can make that work enormous. The bounds are far above what real sources
//! ask for (some 7,000 files of googleapis were compiled within them).

use std::collections::HashMap;

use prost_types::{DescriptorProto, FieldDescriptorProto, FileDescriptorProto, UninterpretedOption};
use rayon::prelude::*;

use crate::compile::error::CompileError;
use crate::compile::findings::refuse_any;
use crate::compile::imports::loaded::LoadedFile;
use crate::compile::visit::elements::{Node, elements};
use crate::model::Diagnostic;

/// Most steps from a file of the pool to those that it names types of, and on to those of these.
const MAX_STEPS: usize = 10_000_000;
/// Most comparisons of the number of a field or an extension with an extension range of its message.
const MAX_RANGE_CHECKS: usize = 20_000_000;
/// Most comparisons of what an option sets with the extensions of a message, or the members of a oneof.
const MAX_LOOKUPS: usize = 150_000_000;

/// Checks the work that the pool of `protos` would have with the options of `files`.
///
/// # Errors
/// When it is too much; the finding is about the file that adds most.
pub(in crate::compile) fn check(protos: &[FileDescriptorProto], files: &[LoadedFile<'_>]) -> Result<(), CompileError> {
    let imports: HashMap<&str, usize> = protos.iter().map(|file| (file.name(), file.dependency.len())).collect();
    let steps = |file: &FileDescriptorProto| -> usize {
        file.dependency.iter().filter_map(|path| imports.get(path.as_str())).map(|imports| imports + 1).sum()
    };
    refuse(protos.iter().map(|file| (file.name(), steps(file))), MAX_STEPS, "types of too many files")?;

    let ranges = ranges_by_message(protos);
    let checks = |file| (FileDescriptorProto::name(file), range_checks(file, &ranges));
    refuse(protos.iter().map(checks), MAX_RANGE_CHECKS, "messages with too many extension ranges and fields")?;

    let widest = widest(protos);
    let fresh: Vec<_> = files.par_iter().filter(|file| file.earlier.is_none()).collect();
    let lookups: Vec<_> =
        fresh.par_iter().map(|file| (file.proto.name(), settings(&file.proto).saturating_mul(widest))).collect();
    let what = format!("too many fields of messages with {widest} extensions or members of a oneof");
    refuse(lookups.into_iter(), MAX_LOOKUPS, &what)
}

/// Refuses `costs`, by file, when they come to more than `most`.
fn refuse<'f>(costs: impl Iterator<Item = (&'f str, usize)>, most: usize, what: &str) -> Result<(), CompileError> {
    let (mut sum, mut highest) = (0usize, ("", 0));
    for (file, cost) in costs {
        sum = sum.saturating_add(cost);
        if cost > highest.1 {
            highest = (file, cost);
        }
    }
    if sum <= most {
        return Ok(());
    }
    let message = format!("options need {what}: {sum} comparisons, where at most {most} are supported");
    refuse_any(vec![Diagnostic::in_file(highest.0, message)])
}

/// How many extension ranges messages have, by full name with leading dot.
fn ranges_by_message(protos: &[FileDescriptorProto]) -> HashMap<String, usize> {
    let mut ranges = HashMap::new();
    for file in protos {
        elements(file, |element| {
            if let Node::Message(message) = element.node {
                ranges.insert(format!(".{}", element.name), message.extension_range.len());
            }
        });
    }
    ranges
}

fn range_checks(file: &FileDescriptorProto, ranges: &HashMap<String, usize>) -> usize {
    let mut checks: usize = 0;
    elements(file, |element| {
        checks = checks.saturating_add(match element.node {
            Node::Message(message) => message.field.len().saturating_mul(message.extension_range.len()),
            Node::Field(field) if field.extendee.is_some() => ranges.get(field.extendee()).copied().unwrap_or(0),
            _ => 0,
        });
    });
    checks
}

/// The largest number of extensions of one message, or of members of one oneof.
fn widest(protos: &[FileDescriptorProto]) -> usize {
    let (mut extensions, mut widest) = (HashMap::<&str, usize>::new(), 1);
    for file in protos {
        elements(file, |element| match element.node {
            Node::Field(field) if field.extendee.is_some() => *extensions.entry(field.extendee()).or_default() += 1,
            Node::Message(message) => widest = widest.max(largest_oneof(message)),
            _ => {}
        });
    }
    extensions.into_values().fold(widest, usize::max)
}

fn largest_oneof(message: &DescriptorProto) -> usize {
    let mut members: HashMap<i32, usize> = HashMap::new();
    let indices = message.field.iter().filter_map(|field: &FieldDescriptorProto| field.oneof_index);
    indices.for_each(|index| *members.entry(index).or_default() += 1);
    members.into_values().max().unwrap_or(0)
}

/// How many fields the options of `file` set, about.
fn settings(file: &FileDescriptorProto) -> usize {
    let mut settings = 0;
    elements(file, |element| settings += element.node.options().1.iter().map(settings_of).sum::<usize>());
    settings
}

fn settings_of(option: &UninterpretedOption) -> usize {
    let text = option.aggregate_value.as_deref().unwrap_or_default();
    let marks = text.bytes().filter(|byte| matches!(byte, b':' | b'{' | b'<' | b'[')).count();
    // A name of one plain word is that of a field, which is found at once.
    let is_plain = option.name.len() == 1 && !option.name[0].is_extension;
    marks + if is_plain { 0 } else { option.name.len() }
}

#[cfg(test)]
mod tests {
    use crate::compile::testing::{compile_files, refusal};

    const OPTIONS: &str = "syntax = \"proto2\"; import \"google/protobuf/descriptor.proto\";
        extend google.protobuf.MessageOptions { optional O o = 50000; repeated O all = 50001; }";

    fn each(count: usize, text: impl Fn(usize) -> String) -> String {
        (0..count).map(text).collect()
    }

    #[test]
    fn options_of_wide_oneofs_are_counted() {
        let source = |members: usize, uses: usize| {
            let members = each(members, |at| format!("int32 f{at} = {};", 20_000 + at));
            let uses = each(uses, |_| "option (all) = { f0: 1 };".into());
            format!("{OPTIONS} message O {{ oneof one {{ {members} }} }} message M {{ {uses} }}")
        };
        assert_eq!(refusal(&[("a.proto", &source(100, 1_000))]), "");
        let text = refusal(&[("a.proto", &source(10_000, 10_000))]);
        assert!(text.starts_with("a.proto: options need too many fields of messages with 10000 extensions"), "{text}");
    }

    #[test]
    fn ranges_of_messages_with_many_fields_are_counted() {
        let source = |ranges: usize, fields: usize| {
            let ranges = each(ranges, |at| format!("extensions {};", 2 * at + 1));
            let fields = each(fields, |at| format!("optional int32 f{at} = {};", 20_000 + at));
            format!("{OPTIONS} message O {{ {ranges} {fields} }} message M {{ option (o) = {{}}; }}")
        };
        assert_eq!(refusal(&[("a.proto", &source(100, 1_000))]), "");
        let text = refusal(&[("a.proto", &source(5_000, 5_000))]);
        assert!(text.contains("options need messages with too many extension ranges and fields"), "{text}");
    }

    #[test]
    fn the_pool_holds_what_options_name_and_no_more() {
        let source = format!(
            "{OPTIONS} import \"b.proto\"; import \"unused.proto\"; message O {{ optional B b = 1 [default = ONE]; }}
             message M {{ option (o) = {{ b: TWO }}; reserved 5; }}"
        );
        let enums = "enum B { ONE = 1; THREE = 3; TWO = 2; reserved 9; }";
        let compiled = compile_files(&[("a.proto", &source), ("b.proto", enums), ("unused.proto", "message U {}")]);
        let descriptors = compiled.unwrap().descriptors;
        let encoded = &descriptors.file("a.proto").unwrap().encoded;
        assert!(encoded.windows(6).any(|bytes| bytes == b"\x82\xb5\x18\x02\x08\x02"), "{encoded:?}");
    }
}
