//! Checks before a generator runs: declarations on which it would panic or never finish are refused with a message that
//! names them.

mod buffa;
mod json;

use std::collections::{HashMap, HashSet};

use prost_types::field_descriptor_proto::{Label, Type};
use prost_types::{DescriptorProto, EnumDescriptorProto, FieldDescriptorProto};

use super::error::GenerateError;
use super::generator::{ExternPathStyle, Generator, ReservedName};
use super::request::Request;
use crate::model::{DeclaredKind, DescriptorFile, DescriptorSet, declared_types, rust_module, rust_type, rust_variant};

/// Deepest chain of messages that hold one another by value.
const DEPTH: usize = 500;

/// Most steps that prost may take to find out whether one message can be copied: it walks every path through the
/// messages that a message holds, so a few dozen levels with two fields each would take for ever.
const STEPS: u64 = 1_000_000;

/// Functions that every client has already (tonic-build's `client.rs`). `connect` is another one; for a call of
/// that name `package` makes room.
const CLIENT_FUNCTIONS: [&str; 7] = [
    "accept_compressed",
    "max_decoding_message_size",
    "max_encoding_message_size",
    "new",
    "send_compressed",
    "with_interceptor",
    "with_origin",
];

/// Refuses declarations on which the generator would panic, or of which its code would not compile.
pub(super) fn check_all(generator: &dyn Generator, request: &Request<'_>) -> Result<(), GenerateError> {
    check_names(generator.reserved_names(), request)?;
    check(generator.extern_path_style(), request)
}

/// Checks all that `request` asks for.
pub(super) fn check(style: ExternPathStyle, request: &Request<'_>) -> Result<(), GenerateError> {
    let (descriptors, module) = (request.descriptors, request.module);
    if style.is_buffa() {
        return buffa::check(style, request);
    }
    if let Some(file) = descriptors.files.iter().find(|file| file.proto.syntax() == "editions") {
        return Err(GenerateError::Edition { file: file.proto.name().into() });
    }
    for file in descriptors.of_module(module) {
        for declared in declared_types(&file.proto) {
            if let DeclaredKind::Enum(declaration) = declared.kind {
                check_enum(file, &declared.full_name(file.proto.package())[1..], declaration)?;
            }
        }
    }
    match style {
        ExternPathStyle::Types => json::check(request).and_then(|()| Walk::over(descriptors).check(descriptors)),
        ExternPathStyle::Messages => Walk::over(descriptors).check(descriptors),
        _ => descriptors.of_module(module).try_for_each(check_calls),
    }
}

/// Refuses declarations with one of the `taken` names, as they are written in Rust.
pub(super) fn check_names(taken: &[ReservedName], request: &Request<'_>) -> Result<(), GenerateError> {
    for file in request.descriptors.of_module(request.module) {
        let types = declared_types(&file.proto);
        let types = types.iter().map(|declared| (declared.kind.word(), declared.name));
        let services = file.proto.service.iter().map(|service| ("service", service.name()));
        for (kind, name) in types.chain(services) {
            if taken.contains(&(kind, rust_type(name).as_str())) {
                let name = [file.proto.package(), name].join(".");
                return Err(GenerateError::ReservedName { file: file.proto.name().into(), kind, name });
            }
        }
    }
    Ok(())
}

/// Refuses calls that have the name of another one, or of a function that every client has.
fn check_calls(file: &DescriptorFile) -> Result<(), GenerateError> {
    for service in &file.proto.service {
        let mut taken: HashSet<String> = CLIENT_FUNCTIONS.map(str::to_owned).into();
        for method in &service.method {
            let function = rust_module(method.name());
            if !taken.insert(function.clone()) {
                return Err(GenerateError::Call {
                    file: file.proto.name().into(),
                    service: service.name().into(),
                    call: method.name().into(),
                    function,
                });
            }
        }
    }
    Ok(())
}

/// Refuses values that have one name in Rust. prost makes nothing of a second value with the same number.
fn check_enum(file: &DescriptorFile, name: &str, declaration: &EnumDescriptorProto) -> Result<(), GenerateError> {
    let rust_enum = rust_type(declaration.name());
    let (mut numbers, mut variants) = (HashMap::new(), HashMap::new());
    for value in &declaration.value {
        if numbers.insert(value.number(), ()).is_some() {
            continue;
        }
        let variant = rust_variant(&rust_enum, value.name());
        if let Some(first) = variants.insert(variant.clone(), value.name()) {
            return Err(GenerateError::EnumValues {
                file: file.proto.name().into(),
                name: name.into(),
                first: first.into(),
                second: value.name().into(),
                variant,
            });
        }
    }
    Ok(())
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
    use crate::model::testing::{module, set};
    use std::fmt::Write as _;

    fn checked(style: ExternPathStyle, descriptors: &DescriptorSet) -> Result<(), GenerateError> {
        check(style, &Request { descriptors, module: &module("acme/app"), externs: &[], options: &[] })
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
    fn calls_that_no_client_can_have_are_named() {
        let service = |calls: &str| format!("package p; message M {{}} service S {{ {calls} }}");
        assert_eq!(
            refused(&service("rpc WithOrigin(M) returns (M);")),
            "file a.proto: call WithOrigin of service S would be the function with_origin in Rust, which the client has already; \
             rename it"
        );
        assert!(refused(&service("rpc GetIt(M) returns (M); rpc Get_It(M) returns (M);")).contains("call Get_It"));
        assert!(accepted(&service("rpc Connect(M) returns (M); rpc Type(M) returns (M);")));
    }

    #[test]
    fn names_that_the_generated_code_uses_itself_are_refused() {
        let descriptors = set(&[("acme/app", "a.proto", "package p; message M {} service s {}")]);
        let (module, options) = (module("acme/app"), []);
        let request = Request { descriptors: &descriptors, module: &module, externs: &[], options: &options };
        let error = check_names(&[("message", "S"), ("service", "S")], &request).unwrap_err();
        assert_eq!(
            error.to_string(),
            "file a.proto: service p.s has a name that the generated code uses itself; choose a longer one, or use \
             another plugin"
        );
        assert!(check_names(&[("enum", "M")], &request).is_ok());
    }

    #[test]
    fn enum_values_with_one_rust_name_are_named() {
        assert_eq!(
            refused("package p; message M { enum Mode { MODE_FAST = 0; FAST = 1; } }"),
            "file a.proto: values MODE_FAST and FAST of enum p.M.Mode are both called Fast in Rust; rename one of them"
        );
        let alias = "enum E { option allow_alias = true; A_B = 0; AB = 1; A_b = 0; }";
        assert!(accepted(alias));
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
