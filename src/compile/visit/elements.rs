//! Visits every named element of a file, with its path and full name.
//!
//! Paths are those of `SourceCodeInfo.Location.path`. The recursion is over nested messages, of which the parser takes
//! a bounded number.

use prost_types::descriptor_proto::ExtensionRange;
use prost_types::{
    DescriptorProto, EnumDescriptorProto, EnumOptions, EnumValueDescriptorProto, EnumValueOptions,
    ExtensionRangeOptions, FieldDescriptorProto, FieldOptions, FileDescriptorProto, FileOptions, MessageOptions,
    MethodDescriptorProto, MethodOptions, OneofDescriptorProto, OneofOptions, ServiceDescriptorProto, ServiceOptions,
    UninterpretedOption,
};

use super::option_messages::Options;
use super::tag;

/// An element, borrowed for the time of its visit.
#[derive(Clone, Copy)]
pub(in crate::compile) struct Element<'v, 'f> {
    pub(in crate::compile) path: &'v [i32],
    /// Full name without leading dot; of a file, its package; of an extension range, its message.
    pub(in crate::compile) name: &'v str,
    pub(in crate::compile) node: Node<'f>,
}

#[derive(Clone, Copy)]
pub(in crate::compile) enum Node<'f> {
    File(&'f FileDescriptorProto),
    Message(&'f DescriptorProto),
    /// A field or an extension; the latter has an extendee.
    Field(&'f FieldDescriptorProto),
    Oneof(&'f OneofDescriptorProto),
    Range(&'f ExtensionRange),
    Enum(&'f EnumDescriptorProto),
    Value(&'f EnumValueDescriptorProto),
    Service(&'f ServiceDescriptorProto),
    Method(&'f MethodDescriptorProto),
}

impl<'f> Node<'f> {
    /// The field of the element that holds its options, and those of them that are not interpreted yet.
    pub(in crate::compile) fn options(&self) -> (i32, &'f [UninterpretedOption]) {
        fn written<O: Options>(options: &Option<O>) -> (i32, &[UninterpretedOption]) {
            (O::TAG, options.as_ref().map_or(&[], Options::written))
        }
        match self {
            Self::File(item) => written(&item.options),
            Self::Message(item) => written(&item.options),
            Self::Field(item) => written(&item.options),
            Self::Oneof(item) => written(&item.options),
            Self::Range(item) => written(&item.options),
            Self::Enum(item) => written(&item.options),
            Self::Value(item) => written(&item.options),
            Self::Service(item) => written(&item.options),
            Self::Method(item) => written(&item.options),
        }
    }
}

impl Node<'_> {
    /// Full name of the message that its options are.
    pub(in crate::compile) fn options_message(&self) -> &'static str {
        match self {
            Self::File(_) => FileOptions::NAME,
            Self::Message(_) => MessageOptions::NAME,
            Self::Field(_) => FieldOptions::NAME,
            Self::Oneof(_) => OneofOptions::NAME,
            Self::Range(_) => ExtensionRangeOptions::NAME,
            Self::Enum(_) => EnumOptions::NAME,
            Self::Value(_) => EnumValueOptions::NAME,
            Self::Service(_) => ServiceOptions::NAME,
            Self::Method(_) => MethodOptions::NAME,
        }
    }

    /// The field of that message that holds features.
    pub(in crate::compile) fn features_tag(&self) -> u32 {
        match self {
            Self::File(_) => FileOptions::FEATURES,
            Self::Message(_) => MessageOptions::FEATURES,
            Self::Field(_) => FieldOptions::FEATURES,
            Self::Oneof(_) => OneofOptions::FEATURES,
            Self::Range(_) => ExtensionRangeOptions::FEATURES,
            Self::Enum(_) => EnumOptions::FEATURES,
            Self::Value(_) => EnumValueOptions::FEATURES,
            Self::Service(_) => ServiceOptions::FEATURES,
            Self::Method(_) => MethodOptions::FEATURES,
        }
    }
}

impl Element<'_, '_> {
    /// The path of something inside the element.
    pub(in crate::compile) fn inside(&self, more: &[i32]) -> Vec<i32> {
        [self.path, more].concat()
    }
}

/// Visits `file` and everything in it, in the order of the descriptor.
pub(in crate::compile) fn elements<'f>(file: &'f FileDescriptorProto, mut visit: impl FnMut(Element<'_, 'f>)) {
    let mut walk = ElementWalk { path: Vec::new(), name: file.package().to_owned(), visit: &mut visit };
    walk.here(Node::File(file));
    walk.each(tag::FILE_MESSAGE, &file.message_type, ElementWalk::message);
    walk.each(tag::FILE_ENUM, &file.enum_type, ElementWalk::enumeration);
    walk.each(tag::FILE_SERVICE, &file.service, ElementWalk::service);
    walk.each(tag::FILE_EXTENSION, &file.extension, ElementWalk::field);
}

struct ElementWalk<'w, 'f> {
    path: Vec<i32>,
    name: String,
    visit: &'w mut dyn FnMut(Element<'_, 'f>),
}

impl<'f> ElementWalk<'_, 'f> {
    fn here(&mut self, node: Node<'f>) {
        (self.visit)(Element { path: &self.path, name: &self.name, node });
    }

    fn each<T>(&mut self, tag: i32, items: &'f [T], visit: fn(&mut Self, &'f T)) {
        for (index, item) in (0..).zip(items) {
            self.path.extend([tag, index]);
            visit(self, item);
            self.path.truncate(self.path.len() - 2);
        }
    }

    /// Runs `inside` in the scope of `name`, which costs nothing but the name's own length.
    fn named(&mut self, name: &str, inside: impl FnOnce(&mut Self)) {
        let outer = self.name.len();
        if outer > 0 {
            self.name.push('.');
        }
        self.name.push_str(name);
        inside(self);
        self.name.truncate(outer);
    }

    fn message(&mut self, message: &'f DescriptorProto) {
        self.named(message.name(), |walk| {
            walk.here(Node::Message(message));
            walk.each(tag::MESSAGE_FIELD, &message.field, Self::field);
            walk.each(tag::MESSAGE_ONEOF, &message.oneof_decl, Self::oneof);
            walk.each(tag::MESSAGE_RANGE, &message.extension_range, Self::range);
            walk.each(tag::MESSAGE_MESSAGE, &message.nested_type, Self::message);
            walk.each(tag::MESSAGE_ENUM, &message.enum_type, Self::enumeration);
            walk.each(tag::MESSAGE_EXTENSION, &message.extension, Self::field);
        });
    }

    fn field(&mut self, field: &'f FieldDescriptorProto) {
        self.named(field.name(), |walk| walk.here(Node::Field(field)));
    }

    fn oneof(&mut self, oneof: &'f OneofDescriptorProto) {
        self.named(oneof.name(), |walk| walk.here(Node::Oneof(oneof)));
    }

    fn range(&mut self, range: &'f ExtensionRange) {
        self.here(Node::Range(range));
    }

    fn enumeration(&mut self, item: &'f EnumDescriptorProto) {
        self.named(item.name(), |walk| walk.here(Node::Enum(item)));
        // Values live beside their enum, not in it.
        self.each(tag::ENUM_VALUE, &item.value, |walk, value| {
            walk.named(value.name(), |walk| walk.here(Node::Value(value)));
        });
    }

    fn service(&mut self, service: &'f ServiceDescriptorProto) {
        self.named(service.name(), |walk| {
            walk.here(Node::Service(service));
            walk.each(tag::SERVICE_METHOD, &service.method, |walk, method| {
                walk.named(method.name(), |walk| walk.here(Node::Method(method)));
            });
        });
    }
}
