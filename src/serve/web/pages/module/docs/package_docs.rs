//! Converts descriptors to the view of a package page.

use prost_types::{
    DescriptorProto, EnumDescriptorProto, FieldDescriptorProto, FileDescriptorProto, ServiceDescriptorProto,
    SourceCodeInfo,
};

use crate::model::{DescriptorSet, is_map_entry};
use crate::publish::rust_naming::RustPath;
use crate::serve::http::error::Answer;
use crate::serve::web::page::link::{at_line, file_path};

use super::builder::{Builder, DeclarationPlace, named};
use super::comments::{self, Comments};
use super::fields::{self, fields};
use super::native_options;
use super::view::{
    EnumDocs, ExtensionDocs, Heading, MessageDocs, MethodDocs, PARTS, PackageDocs, PartSince, ServiceDocs, ValueDocs,
};

/// The messages that hold options: an extension of one of them is an option that other sources set.
const OPTIONS: [&str; 9] = [
    ".google.protobuf.FileOptions",
    ".google.protobuf.MessageOptions",
    ".google.protobuf.FieldOptions",
    ".google.protobuf.OneofOptions",
    ".google.protobuf.ExtensionRangeOptions",
    ".google.protobuf.EnumOptions",
    ".google.protobuf.EnumValueOptions",
    ".google.protobuf.ServiceOptions",
    ".google.protobuf.MethodOptions",
];

/// Protobuf's own options of a declaration.
struct NativeOptions {
    deprecated: bool,
    options: Vec<String>,
}

impl Builder<'_> {
    pub(super) fn build(&self, descriptors: &DescriptorSet) -> Answer<PackageDocs> {
        let mut docs = PackageDocs::default();
        for file in descriptors.of_module(self.module).filter(|file| file.proto.package() == self.package) {
            self.add_file(&file.proto, &file.source_info(), &mut docs)?;
        }
        Ok(docs)
    }

    fn add_file(&self, file: &FileDescriptorProto, info: &SourceCodeInfo, docs: &mut PackageDocs) -> Answer<()> {
        let comments = Comments::new(info, &self.room, self.types);
        if docs.comment.is_empty() {
            docs.comment = comments.package();
        }
        let place =
            DeclarationPlace { comments: &comments, file: file.name(), syntax: file.syntax(), parents: &[], path: &[] };
        for (at, service) in file.service.iter().enumerate().filter(|(_, service)| self.shows(service.name())) {
            let path = place.below(comments::SERVICE, at);
            docs.services.push(self.service(&place.inside(&[], &path), service)?);
        }
        for (at, message) in file.message_type.iter().enumerate().filter(|(_, message)| self.enters(message.name())) {
            let path = place.below(comments::MESSAGE, at);
            self.message(&place.inside(&[], &path), message, docs)?;
        }
        for (at, declared) in file.enum_type.iter().enumerate().filter(|(_, declared)| self.shows(declared.name())) {
            let path = place.below(comments::ENUM, at);
            docs.enums.push(self.enumeration(&place.inside(&[], &path), declared)?);
        }
        self.extensions(&place, &file.extension, comments::EXTENSION, docs)
    }

    /// The extensions that are declared at `place`, in field `kind` of its descriptor.
    fn extensions(
        &self,
        place: &DeclarationPlace<'_>,
        extensions: &[FieldDescriptorProto],
        kind: i32,
        docs: &mut PackageDocs,
    ) -> Answer<()> {
        let shown = |extension: &FieldDescriptorProto| self.shows(&named(place.parents, extension.name()));
        for (at, extension) in extensions.iter().enumerate().filter(|(_, extension)| shown(extension)) {
            self.deadline.check()?;
            let path = place.below(kind, at);
            let place = place.inside(place.parents, &path);
            let mut options = native_options::of_field(extension);
            options.extend(self.options.of_extension(&self.full(&named(place.parents, extension.name()))));
            let deprecated = extension.options.as_ref().is_some_and(|options| options.deprecated());
            let mut notes = fields::notes(extension);
            notes.retain(|note| note != "deprecated");
            let mut heading = self.heading(&place, extension.name(), NativeOptions { deprecated, options }, vec![]);
            docs.extensions.push(ExtensionDocs {
                // It stands after the signature.
                comment: std::mem::take(&mut heading.comment),
                heading,
                extendee: self.types.link(extension.extendee()),
                is_option: OPTIONS.contains(&extension.extendee()),
                number: extension.number(),
                label: fields::label(extension).into(),
                kind: fields::kind(self, extension),
                notes,
            });
        }
        Ok(())
    }

    fn heading(&self, place: &DeclarationPlace<'_>, name: &str, said: NativeOptions, rust: Vec<RustPath>) -> Heading {
        let anchor = [place.parents, &[name]].concat().join(".");
        let mut options = said.options;
        options.extend(self.options.of_declaration(&self.full(&anchor)));
        Heading {
            comment: place.comments.at(place.path),
            deprecated: said.deprecated,
            since: PartSince::default(),
            source: format!("{}/{}{}", self.files, file_path(place.file), at_line(place.comments.line(place.path))),
            options,
            rust,
            anchor,
        }
    }

    fn service(&self, place: &DeclarationPlace<'_>, service: &ServiceDescriptorProto) -> Answer<ServiceDocs> {
        self.deadline.check()?;
        let around = self.around(&[]);
        let client = self.rust.of_client(around, service.name());
        let server = self.rust.of_server(around, service.name());
        let methods = service.method.iter().enumerate().take(PARTS);
        let methods = methods.map(|(at, method)| self.method(place, service, client.as_ref(), at, method)).collect();
        let deprecated = service.options.as_ref().is_some_and(|options| options.deprecated());
        let rust = client.into_iter().chain(server).collect();
        let said = NativeOptions { deprecated, options: vec![] };
        let more = service.method.len().saturating_sub(PARTS);
        Ok(ServiceDocs { heading: self.heading(place, service.name(), said, rust), methods, more })
    }

    fn method(
        &self,
        place: &DeclarationPlace<'_>,
        service: &ServiceDescriptorProto,
        client: Option<&RustPath>,
        at: usize,
        method: &prost_types::MethodDescriptorProto,
    ) -> MethodDocs {
        use prost_types::method_options::IdempotencyLevel as I;
        let options = method.options.as_ref();
        MethodDocs {
            name: method.name().into(),
            anchor: format!("{}.{}", service.name(), method.name()),
            comment: place.comments.at(&place.below(comments::METHOD, at)),
            deprecated: options.is_some_and(|options| options.deprecated()),
            input: self.types.link(method.input_type()),
            output: self.types.link(method.output_type()),
            client_streams: method.client_streaming(),
            server_streams: method.server_streaming(),
            note: match options.map(|options| options.idempotency_level()) {
                Some(I::NoSideEffects) => "no side effects",
                Some(I::Idempotent) => "idempotent",
                _ => "",
            },
            since: PartSince::default(),
            options: self.options.of_method(&self.full(service.name()), at),
            rust: client.map(|client| self.rust.of_call(client, method.name())),
        }
    }

    /// Recursive, because the compiler limits the nesting of messages.
    fn message(&self, place: &DeclarationPlace<'_>, message: &DescriptorProto, docs: &mut PackageDocs) -> Answer<()> {
        let inside = [place.parents, &[message.name()]].concat();
        if self.shows(&inside.join(".")) {
            let rust = self.rust.of_type(self.around(place.parents), message.name());
            let fields = fields(self, place, message, &rust)?;
            let deprecated = message.options.as_ref().is_some_and(|options| options.deprecated());
            let said = NativeOptions { deprecated, options: native_options::of_message(message) };
            let more = message.field.len().saturating_sub(PARTS);
            let heading = self.heading(place, message.name(), said, vec![rust]);
            docs.messages.push(MessageDocs { heading, fields, more });
        }
        let nested = message.nested_type.iter().enumerate().filter(|(_, nested)| !is_map_entry(nested));
        for (at, nested) in nested.filter(|(_, nested)| self.enters(&named(&inside, nested.name()))) {
            let path = place.below(comments::NESTED_MESSAGE, at);
            self.message(&place.inside(&inside, &path), nested, docs)?;
        }
        let enums = message.enum_type.iter().enumerate();
        for (at, nested) in enums.filter(|(_, nested)| self.shows(&named(&inside, nested.name()))) {
            let path = place.below(comments::NESTED_ENUM, at);
            docs.enums.push(self.enumeration(&place.inside(&inside, &path), nested)?);
        }
        self.extensions(&place.inside(&inside, place.path), &message.extension, comments::NESTED_EXTENSION, docs)
    }

    fn enumeration(&self, place: &DeclarationPlace<'_>, declared: &EnumDescriptorProto) -> Answer<EnumDocs> {
        self.deadline.check()?;
        let rust = self.rust.of_type(self.around(place.parents), declared.name());
        let name = named(place.parents, declared.name());
        let value = |(at, value): (usize, &prost_types::EnumValueDescriptorProto)| ValueDocs {
            name: value.name().into(),
            anchor: format!("{name}.{}", value.name()),
            number: value.number(),
            comment: place.comments.at(&place.below(comments::VALUE, at)),
            deprecated: value.options.as_ref().is_some_and(|options| options.deprecated()),
            since: PartSince::default(),
            options: self.options.of_value(&self.full(&name), at),
            rust: self.rust.of_value(&rust, declared, at),
        };
        let values = declared.value.iter().enumerate().take(PARTS).map(value).collect();
        let deprecated = declared.options.as_ref().is_some_and(|options| options.deprecated());
        let said = NativeOptions { deprecated, options: native_options::of_enum(declared) };
        let more = declared.value.len().saturating_sub(PARTS);
        Ok(EnumDocs { heading: self.heading(place, declared.name(), said, vec![rust]), values, more })
    }
}
