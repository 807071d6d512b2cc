//! Interprets the options of one file: what is written becomes values, and places of what is written become places
//! of what it sets.
//!
//! The parser leaves option number `i` of an element, and its place, under `uninterpreted_option[i]`. `buf` files the
//! place under the fields that the option's name leads through, for instance `options.deprecated`, and an entry of a
//! repeated field under its index.

use std::collections::HashMap;

use prost::Message;
use prost_reflect::{DescriptorPool, DynamicMessage, MessageDescriptor, ReflectMessage, Value};
use prost_types::uninterpreted_option::NamePart;
use prost_types::{SourceCodeInfo, UninterpretedOption};

use super::literal_locations::{self, LineStarts};
use super::value::OptionField;
use crate::compile::deadline::Deadline;
use crate::compile::findings::{self, MAX_FINDINGS};
use crate::compile::imports::loaded::LoadedFile;
use crate::compile::names::file_scope::FileScope;
use crate::compile::names::symbols::{ExpectedSymbol, Symbols};
use crate::compile::source::edition::features::{self, Written};
use crate::compile::source::parser::AGGREGATE_VALUE;
use crate::compile::source::well_known;
use crate::compile::visit::elements_mut::{Change, ElementPath, change};
use crate::compile::visit::option_messages::Options;
use crate::model::Diagnostic;
use crate::model::wire_format::{Splice, SpliceKind};

/// `uninterpreted_option` in every options message.
pub(in crate::compile) const UNINTERPRETED: i32 = 999;

/// What interpreting needs to know beyond the file.
#[derive(Debug, Clone, Copy)]
pub(in crate::compile) struct Known<'k> {
    pub(in crate::compile) symbols: &'k Symbols,
    /// Holds at least the extensions that the file uses.
    pub(in crate::compile) pool: &'k DescriptorPool,
    pub(in crate::compile) deadline: &'k Deadline,
}

/// What the options of a file come to, beyond what its descriptor holds.
#[derive(Default)]
pub(in crate::compile) struct Interpreted {
    /// The options messages that hold more than prost knows, in the order of their paths.
    pub(in crate::compile) splices: Vec<Splice>,
    /// What elements say of themselves in a file with an edition.
    pub(in crate::compile) features: Written,
}

/// Interprets the options of `file`, which has the given index.
///
/// # Errors
/// The options that do not fit.
pub(in crate::compile) fn interpret(
    known: Known<'_>,
    index: usize,
    file: &mut LoadedFile<'_>,
) -> Result<Interpreted, Vec<Diagnostic>> {
    let proto = file.proto.to_mut();
    let mut info = proto.source_code_info.take();
    let mut pass = Interpret {
        names: FileScope::new(known.symbols, index),
        known,
        source: file.source,
        info: info.as_ref(),
        findings: Vec::new(),
        interpreted: Interpreted { splices: Vec::new(), features: Written::new() },
        moves: HashMap::new(),
    };
    change(proto, &mut pass);
    let Interpret { findings, mut interpreted, moves, .. } = pass;
    if let Some(info) = &mut info {
        place(&moves, info, file.source);
    }
    proto.source_code_info = info;
    if !findings.is_empty() {
        return Err(findings);
    }
    interpreted.splices.sort_unstable_by(|one, other| one.path.cmp(&other.path));
    Ok(interpreted)
}

/// What the option that is written at a path sets.
struct OptionTarget {
    /// The path of that.
    path: Vec<i32>,
    /// The message that it sets with a literal.
    literal: Option<MessageDescriptor>,
}

/// From where an option is written to what it sets.
type Moves = HashMap<Vec<i32>, OptionTarget>;

/// Gives the options in `info`, the places of `source`, the paths that they have after linking.
fn place(moves: &Moves, info: &mut SourceCodeInfo, source: &str) {
    if moves.is_empty() {
        return;
    }
    let lines = LineStarts::of(source);
    let mut placed = Vec::with_capacity(info.location.len());
    for mut location in std::mem::take(&mut info.location) {
        let written = location.path.iter().position(|part| *part == UNINTERPRETED);
        let parts = written.and_then(|at| location.path.split_at_checked(at + 2));
        let Some((target, inside)) = parts.and_then(|(from, inside)| Some((moves.get(from)?, inside))) else {
            placed.push(location);
            continue;
        };
        // A literal has the place of name and value, anything else that of the statement with its comments.
        let is_literal = inside == [AGGREGATE_VALUE];
        if is_literal != target.literal.is_some() {
            continue;
        }
        location.path.clone_from(&target.path);
        let inner = target.literal.as_ref().map(|kind| literal_locations::inside(source, &lines, &location, kind));
        placed.push(location);
        placed.extend(inner.unwrap_or_default());
    }
    info.location = placed;
}

struct Interpret<'i> {
    known: Known<'i>,
    names: FileScope<'i>,
    source: &'i str,
    info: Option<&'i SourceCodeInfo>,
    findings: Vec<Diagnostic>,
    interpreted: Interpreted,
    moves: Moves,
}

impl Change for Interpret<'_> {
    fn options<O: Options>(&mut self, at: &ElementPath, options: &mut Option<O>) {
        let Some(written) = options.as_mut().map(|options| std::mem::take(options.written_mut())) else { return };
        if written.is_empty() || self.known.deadline.is_over() {
            return;
        }
        let known = options.take().unwrap_or_default();
        let path = [&at.path[..], &[O::TAG]].concat();
        let Some(mut message) = self.message::<O>(&known) else { return };
        for (number, option) in (0..).zip(&written) {
            let from = [&path[..], &[UNINTERPRETED, number]].concat();
            match self.set(&mut message, &at.name, option) {
                Ok((inside, literal)) => {
                    self.moves.insert(from, OptionTarget { path: [&path[..], &inside].concat(), literal });
                }
                Err(message) => self.refuse(&from, message),
            }
        }
        let bytes = message.encode_to_vec();
        let Ok(known) = O::decode(&bytes[..]) else { return self.refuse(&path, "cannot be read back".into()) };
        if known.encode_to_vec() != bytes {
            if let Ok(Some(features)) = features::of_options(&bytes, O::FEATURES) {
                self.interpreted.features.insert(at.path.clone(), features);
            }
            self.interpreted.splices.push(Splice { path, bytes, kind: SpliceKind::Replaced });
        }
        *options = Some(known);
    }
}

impl Interpret<'_> {
    /// The options that are set already, as a message that takes any option.
    fn message<O: Options>(&mut self, options: &O) -> Option<DynamicMessage> {
        let find = |pool: &DescriptorPool| pool.get_message_by_name(O::NAME);
        let descriptor = find(self.known.pool).or_else(|| find(well_known::options()))?;
        let mut message = DynamicMessage::new(descriptor);
        message.merge(&options.encode_to_vec()[..]).ok()?;
        Some(message)
    }

    /// Sets what `option` names; the answer is the path that it has inside the options message, and the message that it
    /// sets with a literal.
    fn set(
        &self,
        message: &mut DynamicMessage,
        scope: &str,
        option: &UninterpretedOption,
    ) -> Result<(Vec<i32>, Option<MessageDescriptor>), String> {
        let mut message = message;
        let mut path = Vec::new();
        let Some((last, way)) = option.name.split_last() else { return Err("the option has no name".into()) };
        for (index, part) in way.iter().enumerate() {
            let name = || words(&option.name[..=index]);
            let target = self.target(&message.descriptor(), scope, part, &name)?;
            path.push(target.number());
            let kind = target.words();
            let Value::Message(inner) = target.value_mut(message) else {
                return Err(format!("cannot set field for option '{}' value of type '{kind}'", name()));
            };
            message = inner;
        }
        let name = || words(&option.name);
        let target = self.target(&message.descriptor(), scope, last, &name)?;
        path.push(target.number());
        path.extend(target.set(message, option, &name)?);
        let literal = option.aggregate_value.as_ref().and_then(|_| target.single_message());
        Ok((path, literal))
    }

    fn target(
        &self,
        message: &MessageDescriptor,
        scope: &str,
        part: &NamePart,
        name: &dyn Fn() -> String,
    ) -> Result<OptionField, String> {
        if !part.is_extension {
            let field = message.get_field_by_name(&part.name_part).map(OptionField::Field);
            return field.ok_or_else(|| format!("option field '{}' is not defined", name()));
        }
        let (full, _) = self.names.resolve(scope, &part.name_part, ExpectedSymbol::Extension)?;
        let extension = self.known.pool.get_extension_by_name(&full);
        let extension = extension.ok_or_else(|| format!("option extension '{full}' is not at hand"))?;
        let extended = extension.containing_message();
        if extended == *message {
            return Ok(OptionField::Extension(extension));
        }
        let (expected, actual) = (message.full_name(), extended.full_name());
        Err(format!("expected an extension to type '{expected}', but '{full}' extends '{actual}'"))
    }

    fn refuse(&mut self, path: &[i32], message: String) {
        if self.findings.len() < MAX_FINDINGS {
            self.findings.push(findings::at_element_of(self.names.path(), self.info, self.source, path, message));
        }
    }
}

/// An option's name as sources write it.
fn words(name: &[NamePart]) -> String {
    let part = |part: &NamePart| {
        if part.is_extension { format!("({})", part.name_part) } else { part.name_part.clone() }
    };
    name.iter().map(part).collect::<Vec<_>>().join(".")
}

#[cfg(test)]
mod tests {
    use crate::compile::testing::{compile_files, refusal};

    const EXTEND: &str = "syntax = \"proto2\"; import \"google/protobuf/descriptor.proto\";
        message Note { optional string text = 1; repeated int32 list = 2; map<string, int32> map = 3; }
        extend google.protobuf.MessageOptions {
          optional Note note = 50000; repeated string tag = 50001; optional Kind kind = 50002;
          optional bytes raw = 50003; optional float ratio = 50004; optional sint32 number = 50005;
        }
        extend google.protobuf.FieldOptions { optional Note other = 50000; }
        enum Kind { NONE = 0; SOME = 1; }\n";

    #[test]
    fn options_are_placed_at_what_they_set() {
        let source = "syntax = \"proto2\"; package a.b; import \"google/protobuf/descriptor.proto\";
            message Note { optional string text = 1; repeated int32 list = 2; }
            extend google.protobuf.MessageOptions { optional Note note = 50000; repeated string tag = 50001; }
            message M {
              option deprecated = true;
              option (note).text = \"x\";
              option (b.note).list = 1;
              option (.a.b.note).list = 2;
              option (tag) = \"first\";
              option (tag) = \"second\";
            }";
        let compiled = compile_files(&[("a.proto", source)]).unwrap();
        let info = compiled.descriptors.file("a.proto").unwrap().source_info();
        let paths: Vec<&[i32]> = info.location.iter().map(|location| &location.path[..]).collect();
        for set in [&[3][..], &[50000, 1], &[50000, 2, 0], &[50000, 2, 1], &[50001, 0], &[50001, 1]] {
            assert!(paths.contains(&&[&[4, 1, 7], set].concat()[..]), "{set:?} is not in {paths:?}");
        }
        assert!(!paths.iter().any(|path| path.contains(&super::UNINTERPRETED)));
    }

    #[test]
    fn options_that_do_not_fit_are_pointed_at() {
        for (option, expected) in [
            ("nothing = 1", "1:35: option field 'nothing' is not defined"),
            ("deprecated = 1", "1:35: expected a value of type 'bool'"),
            ("deprecated = true, deprecated = true", "1:54: option field 'deprecated' has already been set"),
        ] {
            let text = refusal(&[("a.proto", &format!("message M {{ optional int32 a = 1 [{option}]; }}"))]);
            assert!(text.starts_with(&format!("a.proto:{expected}")), "{text}");
        }
    }

    #[test]
    fn custom_options_that_do_not_fit_are_pointed_at() {
        for (option, expected) in [
            ("(nowhere) = 1", "name 'nowhere' is not defined"),
            ("(Note) = 1", "'Note' is not an extension"),
            ("(other) = {}", "expected an extension to type 'google.protobuf.MessageOptions', but 'other' extends"),
            ("(tag).x = 1", "cannot set field for option '(tag)' value of type 'repeated string'"),
            ("(note).none = 1", "option field '(note).none' is not defined"),
            ("(note) = 1", "expected a value of type 'Note' for option '(note)', but found '1'"),
            ("(note) = { none: 1 }", "invalid value of type 'Note' for option '(note)': field 'none' not found"),
            ("(kind) = OTHER", "expected a value of type 'Kind' for option '(kind)', but found 'OTHER'"),
            ("(number) = 3000000000", "expected a value of type 'sint32' for option '(number)', but found"),
            ("(number) = \"x\"", "expected a value of type 'sint32' for option '(number)', but found '\"x\"'"),
        ] {
            let text = refusal(&[("a.proto", &format!("{EXTEND}message M {{ option {option}; }}"))]);
            let message = text.split_once(": ").unwrap().1;
            assert!(message.starts_with(expected), "{option} gave: {text}");
        }
    }

    #[test]
    fn values_of_every_kind_are_in_the_encoding() {
        let options =
            "option (note) = { text: \"t\" list: [1, 2] map { key: \"k\" value: 7 } }; option (tag) = \"one\";
            option (kind) = SOME; option (raw) = \"\\x01\"; option (ratio) = -1; option (number) = -2;";
        let compiled = compile_files(&[("a.proto", &format!("{EXTEND}message M {{ {options} }}"))]).unwrap();
        let encoded = &compiled.descriptors.file("a.proto").unwrap().encoded;
        let expected = b"\x82\xb5\x18\x0e\x0a\x01t\x10\x01\x10\x02\x1a\x05\x0a\x01k\x10\x07\
            \x8a\xb5\x18\x03one\x90\xb5\x18\x01\x9a\xb5\x18\x01\x01\xa5\xb5\x18\0\0\x80\xbf\xa8\xb5\x18\x03";
        assert!(encoded.windows(expected.len()).any(|bytes| bytes == expected), "{encoded:?}");
    }

    #[test]
    fn messages_that_are_named_only_inside_a_value_are_found() {
        let source = "syntax = \"proto2\"; import \"google/protobuf/descriptor.proto\"; import \"b.proto\";
            import \"google/protobuf/any.proto\"; message Open { extensions 100 to 200; }
            extend google.protobuf.MessageOptions {
              optional Open open = 50000; optional google.protobuf.Any any = 50001;
            }
            message M {
              option (open) = { [b.extra]: 5 };
              option (any) = { [type.googleapis.com/b.Inside] { x: 1 } };
            }";
        let other = "package b; import \"a2.proto\"; message Inside { optional int32 x = 1; }";
        let extra = "package b; import \"a.proto\"; extend Open { optional int32 extra = 100; }";
        let text = refusal(&[("a.proto", source), ("b.proto", other), ("a2.proto", ""), ("c.proto", extra)]);
        assert_eq!(text, "");
    }
}
