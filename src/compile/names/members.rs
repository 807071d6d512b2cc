//! The fields, oneofs and methods of a file, by which names from further out are hidden.

use std::collections::HashMap;

use prost_types::{FieldDescriptorProto, FileDescriptorProto, UninterpretedOption};

use crate::compile::visit::elements::{Node, elements};

/// Per message or service: what its members are, by name. Nothing of a file in which no reference could meet one.
#[derive(Debug, Default)]
pub(super) struct Members(HashMap<Box<str>, HashMap<Box<str>, &'static str>>);

impl Members {
    pub(super) fn of(file: &FileDescriptorProto) -> Self {
        let mut members = Self::default();
        if !has_references(file) {
            return members;
        }
        elements(file, |element| match element.node {
            Node::Message(message) => {
                let fields = message.field.iter().map(|field| (field.name(), "field"));
                let oneofs = message.oneof_decl.iter().map(|oneof| (oneof.name(), "oneof"));
                members.insert(element.name, fields.chain(oneofs));
            }
            Node::Service(service) => {
                members.insert(element.name, service.method.iter().map(|method| (method.name(), "method")));
            }
            _ => {}
        });
        members
    }

    fn insert<'m>(&mut self, scope: &str, names: impl Iterator<Item = (&'m str, &'static str)>) {
        let names: HashMap<_, _> = names.map(|(name, kind)| (name.into(), kind)).collect();
        if !names.is_empty() {
            self.0.insert(scope.into(), names);
        }
    }

    /// What the member `name` of `scope` is.
    pub(super) fn get(&self, scope: &str, name: &str) -> Option<&'static str> {
        self.0.get(scope)?.get(name).copied()
    }
}

/// Whether anything in `file` refers to a message or an extension in a way that members hide: methods do, extensions,
/// and options with extensions.
fn has_references(file: &FileDescriptorProto) -> bool {
    let is_extension = |field: &FieldDescriptorProto| field.extendee.is_some();
    let mut found = false;
    elements(file, |element| {
        found |= match element.node {
            Node::Service(_) => true,
            Node::Field(field) if is_extension(field) => true,
            node => node.options().1.iter().any(names_extension),
        };
    });
    found
}

fn names_extension(option: &UninterpretedOption) -> bool {
    option.aggregate_value.is_some() || option.name.iter().any(|part| part.is_extension)
}
