//! Visits what linking changes in a file: references, and the options of every element.
//!
//! The counterpart of [`super::elements`], which only looks. The recursion is bounded likewise.

use prost::Message;
use prost_types::descriptor_proto::ExtensionRange;
use prost_types::{
    DescriptorProto, EnumDescriptorProto, EnumOptions, EnumValueOptions, ExtensionRangeOptions, FieldDescriptorProto,
    FieldOptions, FileDescriptorProto, FileOptions, MessageOptions, MethodDescriptorProto, MethodOptions, OneofOptions,
    ServiceDescriptorProto, ServiceOptions, UninterpretedOption,
};

use super::elements::tag;

/// One of the options messages of `descriptor.proto`.
pub(super) trait Options: Message + Default {
    /// Its full name.
    const NAME: &'static str;
    /// The field of an element that holds it.
    const TAG: i32;
    /// Its own field for features.
    const FEATURES: u32;

    /// The options as they are written in the source.
    fn written(&self) -> &[UninterpretedOption];

    /// The same, to be changed.
    fn written_mut(&mut self) -> &mut Vec<UninterpretedOption>;
}

macro_rules! options {
    ($($name:ident = $tag:literal, features = $features:literal);* $(;)?) => {
        $(impl Options for $name {
            const NAME: &'static str = concat!("google.protobuf.", stringify!($name));
            const TAG: i32 = $tag;
            const FEATURES: u32 = $features;

            fn written(&self) -> &[UninterpretedOption] {
                &self.uninterpreted_option
            }

            fn written_mut(&mut self) -> &mut Vec<UninterpretedOption> {
                &mut self.uninterpreted_option
            }
        })*
    };
}

options! {
    FileOptions = 8, features = 50;
    MessageOptions = 7, features = 12;
    FieldOptions = 8, features = 21;
    OneofOptions = 2, features = 1;
    ExtensionRangeOptions = 3, features = 50;
    EnumOptions = 3, features = 7;
    EnumValueOptions = 3, features = 2;
    ServiceOptions = 3, features = 34;
    MethodOptions = 4, features = 35;
}

/// What is done to the elements of a file.
pub(super) trait Change {
    /// A field or an extension.
    fn field(&mut self, _at: &Place, _field: &mut FieldDescriptorProto) {}

    /// A method of a service.
    fn method(&mut self, _at: &Place, _method: &mut MethodDescriptorProto) {}

    /// The options of the element at the place.
    fn options<O: Options>(&mut self, _at: &Place, _options: &mut Option<O>) {}
}

/// Where an element is, as [`super::elements::Element`] has it.
#[derive(Debug, Default)]
pub(super) struct Place {
    pub(super) path: Vec<i32>,
    pub(super) name: String,
}

/// Lets `change` change `file`.
pub(super) fn change(file: &mut FileDescriptorProto, change: &mut impl Change) {
    let mut walk = Walk { at: Place { path: Vec::new(), name: file.package().to_owned() }, change };
    walk.change.options(&walk.at, &mut file.options);
    walk.each(tag::FILE_MESSAGE, &mut file.message_type, Walk::message);
    walk.each(tag::FILE_ENUM, &mut file.enum_type, Walk::enumeration);
    walk.each(tag::FILE_SERVICE, &mut file.service, Walk::service);
    walk.each(tag::FILE_EXTENSION, &mut file.extension, Walk::field);
}

struct Walk<'w, C> {
    at: Place,
    change: &'w mut C,
}

impl<C: Change> Walk<'_, C> {
    fn each<T>(&mut self, tag: i32, items: &mut [T], visit: fn(&mut Self, &mut T)) {
        for (index, item) in (0..).zip(items) {
            self.at.path.extend([tag, index]);
            visit(self, item);
            self.at.path.truncate(self.at.path.len() - 2);
        }
    }

    /// Enters the scope of `name`; the answer leads back.
    fn enter(&mut self, name: &str) -> usize {
        let outer = self.at.name.len();
        if outer > 0 {
            self.at.name.push('.');
        }
        self.at.name.push_str(name);
        outer
    }

    fn message(&mut self, message: &mut DescriptorProto) {
        let outer = self.enter(message.name());
        self.change.options(&self.at, &mut message.options);
        self.each(tag::MESSAGE_FIELD, &mut message.field, Self::field);
        self.each(tag::MESSAGE_ONEOF, &mut message.oneof_decl, |walk, oneof| {
            let outer = walk.enter(oneof.name());
            walk.change.options(&walk.at, &mut oneof.options);
            walk.at.name.truncate(outer);
        });
        self.each(tag::MESSAGE_RANGE, &mut message.extension_range, Self::range);
        self.each(tag::MESSAGE_MESSAGE, &mut message.nested_type, Self::message);
        self.each(tag::MESSAGE_ENUM, &mut message.enum_type, Self::enumeration);
        self.each(tag::MESSAGE_EXTENSION, &mut message.extension, Self::field);
        self.at.name.truncate(outer);
    }

    fn field(&mut self, field: &mut FieldDescriptorProto) {
        let outer = self.enter(field.name());
        self.change.field(&self.at, field);
        self.change.options(&self.at, &mut field.options);
        self.at.name.truncate(outer);
    }

    fn range(&mut self, range: &mut ExtensionRange) {
        self.change.options(&self.at, &mut range.options);
    }

    fn enumeration(&mut self, item: &mut EnumDescriptorProto) {
        let outer = self.enter(item.name());
        self.change.options(&self.at, &mut item.options);
        self.at.name.truncate(outer);
        // Values live beside their enum, not in it.
        self.each(tag::ENUM_VALUE, &mut item.value, |walk, value| {
            let outer = walk.enter(value.name());
            walk.change.options(&walk.at, &mut value.options);
            walk.at.name.truncate(outer);
        });
    }

    fn service(&mut self, service: &mut ServiceDescriptorProto) {
        let outer = self.enter(service.name());
        self.change.options(&self.at, &mut service.options);
        self.each(tag::SERVICE_METHOD, &mut service.method, |walk, method| {
            let outer = walk.enter(method.name());
            walk.change.method(&walk.at, method);
            walk.change.options(&walk.at, &mut method.options);
            walk.at.name.truncate(outer);
        });
        self.at.name.truncate(outer);
    }
}
