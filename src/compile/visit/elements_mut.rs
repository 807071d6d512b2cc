//! Visits what linking changes in a file: references, and the options of every element.
//!
//! The counterpart of [`super::elements`], which only looks. The recursion is bounded likewise.

use prost_types::descriptor_proto::ExtensionRange;
use prost_types::{
    DescriptorProto, EnumDescriptorProto, FieldDescriptorProto, FileDescriptorProto, MethodDescriptorProto,
    ServiceDescriptorProto,
};

use super::option_messages::Options;
use super::tag;

/// What is done to the elements of a file.
pub(in crate::compile) trait Change {
    /// A field or an extension.
    fn field(&mut self, _at: &ElementPath, _field: &mut FieldDescriptorProto) {}

    /// A method of a service.
    fn method(&mut self, _at: &ElementPath, _method: &mut MethodDescriptorProto) {}

    /// The options of the element at the place.
    fn options<O: Options>(&mut self, _at: &ElementPath, _options: &mut Option<O>) {}
}

/// Where an element is, as [`super::elements::Element`] has it.
#[derive(Debug, Default)]
pub(in crate::compile) struct ElementPath {
    pub(in crate::compile) path: Vec<i32>,
    pub(in crate::compile) name: String,
}

/// Lets `change` change `file`.
pub(in crate::compile) fn change(file: &mut FileDescriptorProto, change: &mut impl Change) {
    let mut walk = MutableWalk { at: ElementPath { path: Vec::new(), name: file.package().to_owned() }, change };
    walk.change.options(&walk.at, &mut file.options);
    walk.each(tag::FILE_MESSAGE, &mut file.message_type, MutableWalk::message);
    walk.each(tag::FILE_ENUM, &mut file.enum_type, MutableWalk::enumeration);
    walk.each(tag::FILE_SERVICE, &mut file.service, MutableWalk::service);
    walk.each(tag::FILE_EXTENSION, &mut file.extension, MutableWalk::field);
}

struct MutableWalk<'w, C> {
    at: ElementPath,
    change: &'w mut C,
}

impl<C: Change> MutableWalk<'_, C> {
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
