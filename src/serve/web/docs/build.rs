//! What a package declares, as plain data for its page.

use prost_types::field_descriptor_proto::{Label as FieldLabel, Type};
use prost_types::{
    DescriptorProto, EnumDescriptorProto, FieldDescriptorProto, FileDescriptorProto, ServiceDescriptorProto,
    SourceCodeInfo,
};

use crate::model::{DeclaredKind, DescriptorSet, ModuleName, declared_types, is_map_entry};
use crate::serve::web::link::file_path;
use crate::serve::web::rust_path::{RustPath, RustPaths};

use super::comments::{self, Comments};
use super::types::{TypeLink, Types, symbol_query};

/// A package with all that it declares, in the order of the files.
#[derive(Default)]
pub(super) struct PackageDocs {
    pub comment: String,
    pub index: Index,
    pub services: Vec<ServiceDocs>,
    pub messages: Vec<MessageDocs>,
    pub enums: Vec<EnumDocs>,
}

/// What stands in the index of the page: more than is shown, if the package is large.
#[derive(Default)]
pub(super) struct Index {
    pub services: Vec<Entry>,
    pub messages: Vec<Entry>,
    pub enums: Vec<Entry>,
}

/// A link of the index.
pub(super) struct Entry {
    pub name: String,
    pub href: String,
}

pub(super) struct ServiceDocs {
    pub anchor: String,
    pub comment: String,
    pub deprecated: bool,
    pub source: String,
    pub rust: Option<RustPath>,
    pub methods: Vec<MethodDocs>,
}

pub(super) struct MethodDocs {
    pub name: String,
    pub anchor: String,
    pub comment: String,
    pub deprecated: bool,
    pub input: TypeLink,
    pub output: TypeLink,
    pub client_streams: bool,
    pub server_streams: bool,
    pub note: &'static str,
}

pub(super) struct MessageDocs {
    pub anchor: String,
    pub comment: String,
    pub deprecated: bool,
    pub source: String,
    pub rust: RustPath,
    pub fields: Vec<FieldDocs>,
}

pub(super) struct FieldDocs {
    pub name: String,
    pub anchor: String,
    pub number: i32,
    /// `repeated`, `optional`, `map<string,` or nothing.
    pub label: String,
    pub kind: TypeLink,
    /// What closes the label: `>` behind a map.
    pub end: &'static str,
    pub comment: String,
    pub notes: Vec<String>,
}

pub(super) struct EnumDocs {
    pub anchor: String,
    pub comment: String,
    pub deprecated: bool,
    pub source: String,
    pub rust: RustPath,
    pub values: Vec<ValueDocs>,
}

pub(super) struct ValueDocs {
    pub name: String,
    pub number: i32,
    pub comment: String,
    pub deprecated: bool,
}

/// What a package page is built from.
pub(super) struct Builder<'a> {
    pub module: &'a ModuleName,
    pub package: &'a str,
    pub types: &'a Types<'a>,
    pub rust: &'a RustPaths,
    /// Path of the files tab, to link to lines.
    pub files: String,
    /// Only this top-level symbol, if the package is too large to show all.
    pub only: Option<&'a str>,
}

impl Builder<'_> {
    pub(super) fn build(&self, descriptors: &DescriptorSet) -> PackageDocs {
        let mut docs = PackageDocs::default();
        for file in descriptors.of_module(self.module).filter(|file| file.proto.package() == self.package) {
            self.add_file(&file.proto, &file.source_info(), &mut docs);
        }
        docs
    }

    fn add_file(&self, file: &FileDescriptorProto, info: &SourceCodeInfo, docs: &mut PackageDocs) {
        let comments = Comments::new(info);
        if docs.comment.is_empty() {
            docs.comment = comments.package();
        }
        let place = Place { file: file.name(), comments: &comments };
        self.add_index(file, &mut docs.index);
        for (at, service) in file.service.iter().enumerate().filter(|(_, service)| self.shows(service.name())) {
            docs.services.push(self.service(&place, service, &[comments::SERVICE, index(at)]));
        }
        for (at, message) in file.message_type.iter().enumerate().filter(|(_, message)| self.shows(message.name())) {
            self.message(&place, message, &[], vec![comments::MESSAGE, index(at)], docs);
        }
        for (at, declared) in file.enum_type.iter().enumerate().filter(|(_, declared)| self.shows(declared.name())) {
            docs.enums.push(self.enumeration(&place, declared, &[], &[comments::ENUM, index(at)]));
        }
    }

    fn shows(&self, name: &str) -> bool {
        self.only.is_none_or(|only| only == name)
    }

    fn add_index(&self, file: &FileDescriptorProto, index: &mut Index) {
        let entry = |name: String| {
            let query = if self.only.is_some() { symbol_query(&name) } else { String::new() };
            Entry { href: format!("{query}#{name}"), name }
        };
        index.services.extend(file.service.iter().map(|service| entry(service.name().to_owned())));
        for declared in
            declared_types(file).iter().filter(|declared| self.only.is_none() || declared.parents.is_empty())
        {
            let list = match declared.kind {
                DeclaredKind::Message(_) => &mut index.messages,
                DeclaredKind::Enum(_) => &mut index.enums,
            };
            list.push(entry([&declared.parents[..], &[declared.name]].concat().join(".")));
        }
    }

    fn source(&self, place: &Place<'_>, path: &[i32]) -> String {
        format!("{}/{}#L{}", self.files, file_path(place.file), place.comments.line(path))
    }

    fn service(&self, place: &Place<'_>, service: &ServiceDescriptorProto, path: &[i32]) -> ServiceDocs {
        let method = |(at, method): (usize, &prost_types::MethodDescriptorProto)| {
            use prost_types::method_options::IdempotencyLevel as I;
            let options = method.options.as_ref();
            MethodDocs {
                name: method.name().into(),
                anchor: format!("{}.{}", service.name(), method.name()),
                comment: place.comments.at(&[path, &[comments::METHOD, index(at)]].concat()),
                deprecated: options.is_some_and(|options| options.deprecated()),
                input: self.types.link(method.input_type(), self.package),
                output: self.types.link(method.output_type(), self.package),
                client_streams: method.client_streaming(),
                server_streams: method.server_streaming(),
                note: match options.map(|options| options.idempotency_level()) {
                    Some(I::NoSideEffects) => "no side effects",
                    Some(I::Idempotent) => "idempotent",
                    _ => "",
                },
            }
        };
        ServiceDocs {
            anchor: service.name().into(),
            comment: place.comments.at(path),
            deprecated: service.options.as_ref().is_some_and(|options| options.deprecated()),
            source: self.source(place, path),
            rust: self.rust.of_service(self.module, self.package, service.name()),
            methods: service.method.iter().enumerate().map(method).collect(),
        }
    }

    /// Depth is bounded: the compiler refuses sources that nest deeper than its limit.
    fn message(
        &self,
        place: &Place<'_>,
        message: &DescriptorProto,
        parents: &[&str],
        path: Vec<i32>,
        docs: &mut PackageDocs,
    ) {
        let inside = [parents, &[message.name()]].concat();
        let anchor = inside.join(".");
        let fields = message.field.iter().enumerate();
        docs.messages.push(MessageDocs {
            comment: place.comments.at(&path),
            deprecated: message.options.as_ref().is_some_and(|options| options.deprecated()),
            source: self.source(place, &path),
            rust: self.rust.of_type(self.module, self.package, parents, message.name()),
            fields: fields
                .map(|(at, field)| {
                    let comment = place.comments.at(&[&path[..], &[comments::FIELD, index(at)]].concat());
                    self.field(message, field, &anchor, comment)
                })
                .collect(),
            anchor,
        });
        for (at, nested) in message.nested_type.iter().enumerate().filter(|(_, nested)| !is_map_entry(nested)) {
            let path = [&path[..], &[comments::NESTED_MESSAGE, index(at)]].concat();
            self.message(place, nested, &inside, path, docs);
        }
        for (at, nested) in message.enum_type.iter().enumerate() {
            let path = [&path[..], &[comments::NESTED_ENUM, index(at)]].concat();
            docs.enums.push(self.enumeration(place, nested, &inside, &path));
        }
    }

    fn field(
        &self,
        message: &DescriptorProto,
        field: &FieldDescriptorProto,
        anchor: &str,
        comment: String,
    ) -> FieldDocs {
        let entry = map_entry(message, field);
        let (label, kind, end) = match entry {
            Some(entry) => {
                let part = |at: usize| entry.field.get(at).map_or_else(TypeLink::default, |part| self.kind(part));
                (format!("map<{}, ", part(0).name), part(1), ">")
            }
            None => (label(field).into(), self.kind(field), ""),
        };
        FieldDocs {
            name: field.name().into(),
            anchor: format!("{anchor}.{}", field.name()),
            number: field.number(),
            label,
            kind,
            end,
            comment,
            notes: notes(message, field),
        }
    }

    fn kind(&self, field: &FieldDescriptorProto) -> TypeLink {
        if !field.type_name().is_empty() {
            return self.types.link(field.type_name(), self.package);
        }
        TypeLink { name: scalar(field.r#type()).into(), href: None }
    }

    fn enumeration(
        &self,
        place: &Place<'_>,
        declared: &EnumDescriptorProto,
        parents: &[&str],
        path: &[i32],
    ) -> EnumDocs {
        let value = |(at, value): (usize, &prost_types::EnumValueDescriptorProto)| ValueDocs {
            name: value.name().into(),
            number: value.number(),
            comment: place.comments.at(&[path, &[comments::VALUE, index(at)]].concat()),
            deprecated: value.options.as_ref().is_some_and(|options| options.deprecated()),
        };
        EnumDocs {
            anchor: [parents, &[declared.name()]].concat().join("."),
            comment: place.comments.at(path),
            deprecated: declared.options.as_ref().is_some_and(|options| options.deprecated()),
            source: self.source(place, path),
            rust: self.rust.of_type(self.module, self.package, parents, declared.name()),
            values: declared.value.iter().enumerate().map(value).collect(),
        }
    }
}

struct Place<'a> {
    file: &'a str,
    comments: &'a Comments<'a>,
}

fn index(at: usize) -> i32 {
    i32::try_from(at).unwrap_or(i32::MAX)
}

fn label(field: &FieldDescriptorProto) -> &'static str {
    match field.label() {
        FieldLabel::Repeated => "repeated ",
        FieldLabel::Required => "required ",
        FieldLabel::Optional if field.proto3_optional() => "optional ",
        FieldLabel::Optional => "",
    }
}

/// The entry message of a map field.
pub(in crate::serve::web) fn map_entry<'a>(
    message: &'a DescriptorProto,
    field: &FieldDescriptorProto,
) -> Option<&'a DescriptorProto> {
    let name = field.type_name().rsplit('.').next()?;
    message.nested_type.iter().find(|nested| is_map_entry(nested) && nested.name() == name)
}

fn notes(message: &DescriptorProto, field: &FieldDescriptorProto) -> Vec<String> {
    let mut notes = vec![];
    if field.options.as_ref().is_some_and(|options| options.deprecated()) {
        notes.push("deprecated".into());
    }
    let oneof = field.oneof_index.filter(|_| !field.proto3_optional());
    let oneof = oneof.and_then(|at| message.oneof_decl.get(usize::try_from(at).ok()?));
    if let Some(oneof) = oneof {
        notes.push(format!("oneof {}", oneof.name()));
    }
    if let Some(default) = &field.default_value {
        notes.push(format!("default {default}"));
    }
    notes
}

/// The name of a scalar type in sources.
pub(in crate::serve::web) fn scalar(kind: Type) -> &'static str {
    match kind {
        Type::Double => "double",
        Type::Float => "float",
        Type::Int64 => "int64",
        Type::Uint64 => "uint64",
        Type::Int32 => "int32",
        Type::Fixed64 => "fixed64",
        Type::Fixed32 => "fixed32",
        Type::Bool => "bool",
        Type::String => "string",
        Type::Group => "group",
        Type::Message => "message",
        Type::Bytes => "bytes",
        Type::Uint32 => "uint32",
        Type::Enum => "enum",
        Type::Sfixed32 => "sfixed32",
        Type::Sfixed64 => "sfixed64",
        Type::Sint32 => "sint32",
        Type::Sint64 => "sint64",
    }
}
