//! Checks before a generator runs: declarations on which it would panic or never finish are refused with a message that
//! names them.

mod buffa;
mod runtime_types;
pub(in crate::generate) mod texts;

use std::collections::HashMap;

use prost_types::field_descriptor_proto::{Label, Type};
use prost_types::{DescriptorProto, FieldDescriptorProto};

use super::error::GenerateError;
use super::generator::ExternPathStyle;
use super::request::Request;
use crate::model::{DeclaredKind, DescriptorSet, Plugin, declared_types};

/// Deepest chain of messages that hold one another by value.
const DEPTH: usize = 500;

/// Most steps that prost may take to find out whether one message can be copied: it walks every path through the
/// messages that a message holds, so a few dozen levels with two fields each would take for ever.
const STEPS: u64 = 1_000_000;

/// Checks all that `request` asks for.
pub(super) fn check(plugin: &Plugin, style: ExternPathStyle, request: &Request<'_>) -> Result<(), GenerateError> {
    let descriptors = request.descriptors;
    runtime_types::check(plugin, style, request)?;
    if style.is_buffa() {
        return buffa::check(style, request);
    }
    if let Some(file) = descriptors.files.iter().find(|file| file.proto.syntax() == "editions") {
        return Err(GenerateError::Edition { file: file.proto.name().into() });
    }
    match style {
        ExternPathStyle::Types | ExternPathStyle::Messages => Walk::over(descriptors).check(descriptors),
        _ => Ok(()),
    }
}

/// The derives that prost decides for every message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Derive {
    Copy,
    Eq,
}

/// The cost of the answer, and the answer.
#[derive(Debug, Clone, Copy)]
struct Answer {
    steps: u64,
    yes: bool,
}

/// Counts the steps that prost takes to decide on `derive(Copy)` and `derive(Eq)`: like prost, it visits the fields of
/// a message up to the first that rules the derive out; unlike prost, it remembers the answer.
struct Walk<'a> {
    messages: HashMap<String, &'a DescriptorProto>,
    /// Answers so far; `None` for a message that is being visited.
    answers: HashMap<(&'a str, Derive), Option<Answer>>,
}

impl<'a> Walk<'a> {
    fn over(descriptors: &'a DescriptorSet) -> Self {
        let mut messages = HashMap::new();
        for file in &descriptors.files {
            for declared in declared_types(&file.proto) {
                if let DeclaredKind::Message(message) = declared.kind {
                    messages.insert(declared.full_name(file.proto.package()), message);
                }
            }
        }
        Self { messages, answers: HashMap::new() }
    }

    fn check(mut self, descriptors: &'a DescriptorSet) -> Result<(), GenerateError> {
        for file in &descriptors.files {
            for declared in declared_types(&file.proto) {
                let DeclaredKind::Message(message) = declared.kind else { continue };
                let mut bearable = |derive| self.ask(derive, message, 0).is_some_and(|answer| answer.steps <= STEPS);
                if !bearable(Derive::Copy) || !bearable(Derive::Eq) {
                    let name = declared.full_name(file.proto.package())[1..].to_owned();
                    return Err(GenerateError::Entangled { file: file.proto.name().into(), name });
                }
            }
        }
        Ok(())
    }

    /// The answer for `message`; nothing if it lies too deep.
    fn ask(&mut self, derive: Derive, message: &'a DescriptorProto, depth: usize) -> Option<Answer> {
        if depth > DEPTH {
            return None;
        }
        let mut steps: u64 = 1;
        for field in &message.field {
            let answer = match plain(derive, field) {
                Some(yes) => Answer { steps: 1, yes },
                None => self.ask_held(derive, field, depth)?,
            };
            steps = steps.saturating_add(answer.steps);
            if !answer.yes {
                return Some(Answer { steps, yes: false });
            }
        }
        Some(Answer { steps, yes: true })
    }

    /// The answer for the message that `field` holds. A message that holds itself is boxed, and that is a no.
    fn ask_held(&mut self, derive: Derive, field: &'a FieldDescriptorProto, depth: usize) -> Option<Answer> {
        let no = Answer { steps: 1, yes: false };
        let Some(held) = self.messages.get(field.type_name()).copied() else {
            return Some(no);
        };
        let key = (field.type_name(), derive);
        if let Some(known) = self.answers.get(&key) {
            return Some(known.unwrap_or(no));
        }
        self.answers.insert(key, None);
        let answer = self.ask(derive, held, depth + 1)?;
        self.answers.insert(key, Some(answer));
        Some(answer)
    }
}

/// The answer for a field that needs no look into another message.
fn plain(derive: Derive, field: &FieldDescriptorProto) -> Option<bool> {
    let repeated = field.label() == Label::Repeated;
    match (field.r#type(), derive) {
        (Type::Message, _) if repeated => Some(false),
        (Type::Message, _) => None,
        (Type::Group, _) => Some(false),
        (Type::String | Type::Bytes, Derive::Copy) | (Type::Float | Type::Double, Derive::Eq) => Some(false),
        (_, Derive::Copy) => Some(!repeated),
        (_, Derive::Eq) => Some(true),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generate::Catalogue;
    use crate::generate::embedded::style_of;
    use crate::model::testing::{module, set};
    use std::fmt::Write as _;

    fn checked(style: ExternPathStyle, descriptors: &DescriptorSet) -> Result<(), GenerateError> {
        let catalogue = Catalogue::embedded().unwrap();
        let plugin = catalogue.plugins().iter().find(|plugin| style_of(plugin) == style).unwrap();
        check(plugin, style, &Request { descriptors, module: &module("acme/app"), externs: &[], options: &[] })
    }

    fn refused(source: &str) -> String {
        let descriptors = set(&[("acme/app", "a.proto", source)]);
        let failed = |style| checked(style, &descriptors).err();
        failed(ExternPathStyle::Messages).or_else(|| failed(ExternPathStyle::Stubs)).unwrap().to_string()
    }

    fn accepted(source: &str) -> bool {
        let descriptors = set(&[("acme/app", "a.proto", source)]);
        [ExternPathStyle::Messages, ExternPathStyle::Stubs].iter().all(|s| checked(*s, &descriptors).is_ok())
    }

    #[test]
    fn editions_are_refused_before_the_generator_panics() {
        let mut descriptors = set(&[("acme/app", "a.proto", "message A {}")]);
        std::sync::Arc::make_mut(&mut descriptors.files[0].proto).syntax = Some("editions".into());
        assert!(matches!(checked(ExternPathStyle::Messages, &descriptors), Err(GenerateError::Edition { .. })));
    }

    #[test]
    fn messages_that_would_take_for_ever_are_refused() {
        let mut doubling = String::from("message M40 { int32 x = 1; }\n");
        let mut chain = String::from("message C600 { int32 x = 1; }\n");
        for level in 0..40 {
            let next = level + 1;
            writeln!(doubling, "message M{level} {{ M{next} a = 1; M{next} b = 2; }}").unwrap();
        }
        for level in 0..600 {
            writeln!(chain, "message C{level} {{ C{} a = 1; }}", level + 1).unwrap();
        }
        assert!(refused(&doubling).contains("too deeply or too often"));
        let strings = doubling.replace("{ M", "{ string s = 3; M");
        // A string rules out `Copy`, but not `Eq`.
        assert!(refused(&strings).contains("too deeply or too often"));
        let floats = strings.replace("string s", "repeated M40 s");
        assert!(accepted(&floats));
        assert!(refused(&chain).contains("message C0 holds"));
    }
}
