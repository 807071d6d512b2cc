//! Decides from the descriptors alone which declarations need a mark: most modules have none, and cost no more than this.

use std::cell::OnceCell;
use std::collections::{HashMap, HashSet};

use prost_types::field_descriptor_proto::Type;
use prost_types::{
    DescriptorProto, EnumDescriptorProto, FieldDescriptorProto, FileDescriptorProto, ServiceDescriptorProto,
};

use super::absolute::{is_everyones, is_primitive};
use super::descriptors::{Changes, scope_of};
use super::marks::{Mark, Marks, begins_with_digit, put};
use super::vocabulary::Vocabulary;
use crate::generate::generator::ExternPathStyle;
use crate::generate::rust_naming::identifiers::oneof_type;
use crate::model::{
    DeclaredKind, DescriptorFile, DescriptorSet, declared_types, is_well_known_package, rust_module, rust_modules,
    rust_type, rust_variant, rust_verbatim,
};

/// The type that no declaration can be.
const SELF: &str = "Self";

/// Collects the marks of one call.
pub(super) struct Suspects<'a> {
    pub style: ExternPathStyle,
    pub words: &'a Vocabulary,
    /// Names of crates that generated code refers to.
    pub crates: &'a HashSet<String>,
    pub hidden: &'a [&'a str],
    /// Names that macros of the runtime refer to, which nothing beside their use may have.
    pub expanded: &'a [&'a str],
    pub descriptors: &'a DescriptorSet,
    pub marks: Marks,
    pub changes: Changes,
    /// The values of enums that prost makes nothing of, with those that stand for them. Read when they are needed.
    pub aliases: OnceCell<HashMap<String, String>>,
    /// Whether the code without marks is not to be used, whatever the code with marks shows.
    pub is_certain: bool,
}

/// A declaration in a file.
struct Declaration<'a> {
    kind: &'static str,
    scope: &'a str,
    name: &'a str,
    file: &'a str,
}

impl Suspects<'_> {
    /// Marks the declaration `full` with a mark that was made elsewhere.
    pub(super) fn mark(&mut self, full: &str, mark: Mark) {
        let name = full.rsplit('.').next().unwrap_or_default().to_owned();
        let mut name = self.changes.names.get(full).cloned().unwrap_or(name);
        if begins_with_digit(&name) {
            let bare = Mark { type_suffix: String::new(), module_suffix: String::new(), ..mark.clone() };
            name = put(&name, &self.marks.add(self.descriptors, bare));
        }
        let word = self.marks.add(self.descriptors, mark);
        self.changes.names.insert(full.to_owned(), put(&name, &word));
    }

    /// The same for a declaration in the package of `file`. The values of an enum lose its name in front, so they get the
    /// mark behind that; not where it stands for a number, which they do not get.
    pub(super) fn mark_with_values(&mut self, file: &FileDescriptorProto, full: &str, mark: Mark) {
        self.mark(full, mark);
        let (scope, name) = full.rsplit_once('.').unwrap_or(("", full));
        let Some(words) = self.changes.names.get(full).and_then(|marked| marked.strip_prefix(name)) else { return };
        let words: Vec<String> = self.marks.words(words).map(str::to_owned).collect();
        if words
            .iter()
            .any(|word| self.marks.first(word).and_then(|index| self.marks.get(index)).is_some_and(Mark::is_numbered))
        {
            return;
        }
        for value in file.enum_type.iter().filter(|declared| declared.name() == name).flat_map(|of| &of.value) {
            if let Some(marked) = marked_prefix(name, value.name(), &words) {
                self.changes.names.insert(format!("{scope}.{}", value.name()), marked);
            }
        }
    }

    fn suspect(&mut self, of: &Declaration<'_>) -> String {
        let full = format!("{}.{}", of.scope, of.name);
        if let Some(word) = self.changes.names.get(&full).and_then(|marked| marked.strip_prefix(of.name)) {
            return word.to_owned();
        }
        let mark = Mark { kind: of.kind, name: full[1..].to_owned(), file: of.file.to_owned(), ..Mark::default() };
        let word = self.marks.add(self.descriptors, mark);
        self.changes.names.insert(full, put(of.name, &word));
        word
    }

    /// A name that would begin with a digit in Rust, before it gets an underscore that not every generator knows of.
    fn suspect_digit(&mut self, of: &Declaration<'_>) -> bool {
        let is_digit = begins_with_digit(of.name);
        if is_digit {
            self.is_certain = true;
            self.suspect(of);
        }
        is_digit
    }

    /// Marks the parts of the names of packages that are called as a crate or a primitive type is.
    pub(super) fn of_package(&mut self, package: &str, file: &str) {
        if self.changes.packages.contains_key(package) || is_well_known_package(package) {
            return;
        }
        let (mut old, mut new) = (String::new(), String::new());
        let mut is_marked = false;
        for part in package.split('.').filter(|part| !part.is_empty()) {
            if !old.is_empty() {
                old.push('.');
                new.push('.');
            }
            old.push_str(part);
            let module = rust_module(part);
            if !self.words.paths.contains(&module) && !self.crates.contains(&module) && !is_primitive(&module) {
                new.push_str(part);
                continue;
            }
            is_marked = true;
            let known = self.marks.iter().position(|mark| mark.kind == "package" && mark.name == old);
            let word = match known {
                Some(index) => self.marks.word(index),
                None => {
                    let mark = Mark { kind: "package", name: old.clone(), file: file.to_owned(), ..Mark::default() };
                    self.marks.add(self.descriptors, mark)
                }
            };
            new.push_str(&put(part, &word));
        }
        if is_marked {
            self.changes.packages.insert(package.to_owned(), new);
        }
    }

    /// Marks the types of a file whose names begin with a digit: whoever refers to them needs the right name.
    pub(super) fn of_digits(&mut self, file: &FileDescriptorProto) {
        if !has_digits(file) {
            return;
        }
        for declared in declared_types(file) {
            let full = declared.full_name(file.package());
            let scope = full.strip_suffix(declared.name).and_then(|scope| scope.strip_suffix('.')).unwrap_or_default();
            let of = Declaration { kind: declared.kind.word(), scope, name: declared.name, file: file.name() };
            self.suspect_digit(&of);
        }
    }

    /// Marks declarations of a file that code is made of.
    pub(super) fn of_file(&mut self, file: &FileDescriptorProto) {
        if self.style.is_stubs() {
            self.of_services(file);
        }
        // Stubs refer to the types of buffa's messages by names that are no names in Rust.
        if self.style.is_stubs() && !self.style.is_buffa() {
            return;
        }
        for declared in declared_types(file) {
            let full = declared.full_name(file.package());
            let scope = full.strip_suffix(declared.name).and_then(|scope| scope.strip_suffix('.')).unwrap_or_default();
            let of = Declaration { kind: declared.kind.word(), scope, name: declared.name, file: file.name() };
            match declared.kind {
                DeclaredKind::Message(message) => self.of_message(&of, &full, message, file),
                DeclaredKind::Enum(declaration) => self.of_enum(&of, declaration),
            }
        }
    }

    fn of_type(&mut self, of: &Declaration<'_>) -> Option<String> {
        if begins_with_digit(of.name) {
            return None;
        }
        let is_keyword = self.style.is_buffa() && rust_verbatim(of.name) != of.name;
        self.is_certain |= is_keyword;
        let rust = if self.style.is_buffa() { of.name.to_owned() } else { rust_type(of.name) };
        let has_type = !self.style.is_stubs() && (self.words.has_type(&rust) || self.hidden.contains(&rust.as_str()));
        let has_module = !self.style.is_stubs() && self.words.paths.contains(&rust_module(of.name));
        (is_keyword || has_type || has_module).then(|| self.suspect(of))
    }

    fn of_message(&mut self, of: &Declaration<'_>, full: &str, message: &DescriptorProto, file: &FileDescriptorProto) {
        self.of_type(of);
        if self.style.is_stubs() {
            return;
        }
        for oneof in &message.oneof_decl {
            let of = Declaration { kind: "oneof", scope: full, name: oneof.name(), file: file.name() };
            if self.suspect_digit(&of) {
                continue;
            }
            if let Some(inner) = self.inner_namesake(message, oneof.name()) {
                self.of_namesakes(full, file, &inner, oneof.name());
                continue;
            }
            // buffa writes `Self` as it is.
            let is_keyword = self.style.is_buffa() && oneof_type(oneof.name()) == SELF;
            self.is_certain |= is_keyword;
            if is_keyword || self.words.has_type(&rust_type(oneof.name())) {
                self.suspect(&of);
            }
        }
        for field in &message.field {
            let of = Declaration { kind: "field", scope: full, name: field.name(), file: file.name() };
            self.suspect_digit(&of);
            let full = format!("{full}.{}", field.name());
            if self.style == ExternPathStyle::Types && is_unsafe(field.json_name()) {
                let mark = Mark {
                    kind: "field",
                    name: full[1..].to_owned(),
                    file: file.name().to_owned(),
                    text: field.json_name().to_owned(),
                    ..Mark::default()
                };
                let word = self.marks.add(self.descriptors, mark);
                self.changes.json_names.insert(full.clone(), word);
                self.is_certain = true;
            }
            if let (Type::Float, false, Some(default)) =
                (field.r#type(), self.style.is_buffa(), infinite(field.default_value()))
            {
                self.changes.defaults.insert(full, default.to_owned());
                self.is_certain = true;
            } else if let Some(value) = self.aliased_default(field) {
                self.changes.defaults.insert(full, value);
                self.is_certain = true;
            }
        }
    }

    /// The value that prost makes of the field's default, where that is another name of it.
    fn aliased_default(&self, field: &FieldDescriptorProto) -> Option<String> {
        if self.style.is_buffa() || field.r#type() != Type::Enum {
            return None;
        }
        let default = field.default_value.as_ref()?;
        let aliases = self.aliases.get_or_init(|| self.descriptors.files.iter().flat_map(aliases).collect());
        aliases.get(&format!("{}.{default}", field.type_name())).cloned()
    }

    /// The type inside `message` that has the name of the type of a oneof: buffa keeps the two apart by itself.
    fn inner_namesake(&self, message: &DescriptorProto, oneof: &str) -> Option<(&'static str, String)> {
        if !self.style.is_buffa() {
            return None;
        }
        let name = oneof_type(oneof);
        let mut messages = message.nested_type.iter().map(|inner| ("message", inner.name()));
        let mut enums = message.enum_type.iter().map(|inner| ("enum", inner.name()));
        let found = messages.find(|(_, inner)| *inner == name).or_else(|| enums.find(|(_, inner)| *inner == name));
        found.map(|(kind, _)| (kind, name))
    }

    /// Marks both, if one of them is in doubt, by one mark: so buffa sees that they have one name.
    fn of_namesakes(&mut self, scope: &str, file: &FileDescriptorProto, inner: &(&'static str, String), oneof: &str) {
        let of = Declaration { kind: inner.0, scope, name: &inner.1, file: file.name() };
        let word = self.of_type(&of).or_else(|| self.words.has_type(&inner.1).then(|| self.suspect(&of)));
        if let Some(word) = word {
            self.changes.names.insert(format!("{scope}.{oneof}"), put(oneof, &word));
        }
    }

    fn of_enum(&mut self, of: &Declaration<'_>, declaration: &EnumDescriptorProto) {
        let marked = self.of_type(of);
        if self.style.is_stubs() {
            return;
        }
        // Some generators forget that a variant cannot be called `Self`.
        let forgets = self.style == ExternPathStyle::Types || !self.hidden.is_empty();
        let is_self = |value: &str| rust_variant(&rust_type(of.name), value) == "Self_";
        for value in &declaration.value {
            let value = Declaration { kind: "value", scope: of.scope, name: value.name(), file: of.file };
            if self.suspect_digit(&value) {
                continue;
            }
            if forgets && is_self(value.name) {
                self.is_certain = true;
                self.suspect(&value);
                continue;
            }
            // A value loses the name of its enum in front, so it needs the mark as well.
            let prefix =
                marked.as_ref().and_then(|word| marked_prefix(of.name, value.name, std::slice::from_ref(word)));
            if let Some(name) = prefix {
                self.changes.names.insert(format!("{}.{}", value.scope, value.name), name);
            }
        }
    }

    fn of_services(&mut self, file: &FileDescriptorProto) {
        let scope = scope_of(file.package());
        for service in &file.service {
            let of = Declaration { kind: "service", scope: &scope, name: service.name(), file: file.name() };
            let rust = rust_type(service.name());
            let modules = [rust_module(service.name()), service.name().to_owned()];
            let is_word = self.words.has_type(&rust) || modules.iter().any(|name| self.words.paths.contains(name));
            if self.expanded.contains(&rust.as_str()) {
                self.is_certain = true;
                let mark = Mark {
                    kind: "service",
                    name: [file.package(), service.name()].join("."),
                    file: file.name().to_owned(),
                    type_suffix: "2".to_owned(),
                    module_suffix: "_2".to_owned(),
                    ..Mark::default()
                };
                self.mark(&format!("{scope}.{}", service.name()), mark);
            } else if !self.suspect_digit(&of) && is_word {
                self.suspect(&of);
            }
            self.of_calls(&of, service);
        }
    }

    fn of_calls(&mut self, of: &Declaration<'_>, service: &ServiceDescriptorProto) {
        let scope = format!("{}.{}", of.scope, of.name);
        let mut functions = HashSet::new();
        for call in &service.method {
            let of = Declaration { kind: "call", scope: &scope, name: call.name(), file: of.file };
            let function = rust_module(call.name());
            let is_twin = !functions.insert(function.clone());
            let is_taken = self.words.functions.contains(&function) || is_everyones(&function);
            if !self.suspect_digit(&of) && (is_twin || is_taken) {
                self.suspect(&of);
            }
        }
    }

    /// Marks services of one Rust module that have one name in Rust, or one that is made of another one's.
    pub(super) fn of_similar_services(&mut self, files: &[&FileDescriptorProto]) {
        let place =
            |file: &FileDescriptorProto, name: &str| [&rust_modules(file.package()).join("::"), name].join("::");
        let named =
            |(file, service): (&FileDescriptorProto, &ServiceDescriptorProto)| place(file, &rust_type(service.name()));
        let services: Vec<_> =
            files.iter().flat_map(|file| file.service.iter().map(move |service| (*file, service))).collect();
        let mut names = HashSet::new();
        let twins: HashSet<String> =
            services.iter().map(|of| named(*of)).filter(|name| !names.insert(name.clone())).collect();
        for (file, service) in services {
            let (name, own) = (named((file, service)), rust_type(service.name()));
            let made = |(before, behind): &(String, String)| {
                let inner = own.strip_prefix(before.as_str()).and_then(|rest| rest.strip_suffix(behind.as_str()));
                inner.is_some_and(|inner| names.contains(&place(file, inner)))
            };
            let full = format!("{}.{}", scope_of(file.package()), service.name());
            let is_known = self.changes.names.contains_key(&full);
            if !is_known && (twins.contains(&name) || self.words.affixes.iter().any(made)) {
                let scope = scope_of(file.package());
                self.suspect(&Declaration { kind: "service", scope: &scope, name: service.name(), file: file.name() });
            }
        }
    }
}

/// The values of the enums of `file` that have the number of an earlier one, each with that one.
fn aliases(file: &DescriptorFile) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for declared in declared_types(&file.proto) {
        let DeclaredKind::Enum(declaration) = declared.kind else { continue };
        if !declaration.options.as_ref().is_some_and(|options| options.allow_alias()) {
            continue;
        }
        let (full, mut first) = (declared.full_name(file.proto.package()), HashMap::new());
        for value in &declaration.value {
            let known = *first.entry(value.number()).or_insert(value.name());
            if known != value.name() {
                found.push((format!("{full}.{}", value.name()), known.to_owned()));
            }
        }
    }
    found
}

/// Whether `file` declares a type whose name begins with a digit.
pub(super) fn has_digits(file: &FileDescriptorProto) -> bool {
    fn inside(messages: &[DescriptorProto], enums: &[EnumDescriptorProto]) -> bool {
        enums.iter().any(|declared| begins_with_digit(declared.name()))
            || messages
                .iter()
                .any(|message| begins_with_digit(message.name()) || inside(&message.nested_type, &message.enum_type))
    }
    inside(&file.message_type, &file.enum_type)
}

/// Whether a text cannot stand between quotes as it is.
fn is_unsafe(text: &str) -> bool {
    text.contains(|c: char| matches!(c, '"' | '\\') || c.is_control())
}

/// The name that a number beyond the range of `f32` has.
fn infinite(default: &str) -> Option<&'static str> {
    let value: f64 = default.parse().ok()?;
    #[allow(clippy::cast_possible_truncation, reason = "that is the question")]
    let narrow = value as f32;
    let is_beyond = narrow.is_infinite() && value.is_finite();
    is_beyond.then_some(if value > 0.0 { "inf" } else { "-inf" })
}

/// The value with the marks after the name of its enum, if it begins with that.
fn marked_prefix(of: &str, value: &str, words: &[String]) -> Option<String> {
    let rust = rust_type(of);
    let end = (1..value.len()).find(|end| value.is_char_boundary(*end) && rust_type(&value[..*end]) == rust)?;
    let (prefix, rest) = value.split_at(end);
    Some(match rest.starts_with('_') {
        true => [prefix, "_", &words.join("_").to_uppercase(), rest].concat(),
        false => [prefix, &words.concat(), rest].concat(),
    })
}
