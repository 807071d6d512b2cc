//! Declarations with their place and their features.

use std::collections::HashMap;

use super::descriptor::{Enum, Field, File, MessageType, Method, Service};
use super::features::Features;

/// A file, and whether it belongs to another module.
#[derive(Debug)]
pub(in crate::breaking) struct SourceFile {
    pub file: File,
    pub is_import: bool,
}

/// A declaration.
#[derive(Debug, Clone, Copy)]
pub(in crate::breaking) struct Element<'a, T> {
    pub file: &'a SourceFile,
    pub declared: &'a T,
    pub features: Features,
}

/// A message with its fields.
#[derive(Debug)]
pub(in crate::breaking) struct MessageElement<'a> {
    pub at: Element<'a, MessageType>,
    pub full_name: String,
    pub fields: HashMap<i32, FieldElement<'a>>,
}

/// A field or an extension.
#[derive(Debug)]
pub(in crate::breaking) struct FieldElement<'a> {
    pub at: Element<'a, Field>,
    /// The full name of an extension.
    pub full_name: String,
    /// The message that it is written in.
    pub message: Option<&'a MessageType>,
}

/// An enum.
#[derive(Debug)]
pub(in crate::breaking) struct EnumElement<'a> {
    pub at: Element<'a, Enum>,
    pub full_name: String,
}

/// A service with its methods.
#[derive(Debug)]
pub(in crate::breaking) struct ServiceElement<'a> {
    pub file: &'a SourceFile,
    pub methods: HashMap<&'a str, &'a Method>,
}

impl<'a> MessageElement<'a> {
    pub(super) fn new(at: Element<'a, MessageType>, full_name: String) -> Self {
        let message = at.declared;
        let field = |field: &'a Field| {
            let oneof = field.oneof.and_then(|index| message.oneofs.get(usize::try_from(index).ok()?));
            let around = at.features.with(oneof.and_then(|oneof| oneof.options.as_ref()?.features));
            (field.number, FieldElement::new(at.file, field, Some(message), around, String::new()))
        };
        let fields = message.fields.iter().map(field).collect();
        Self { at, full_name, fields }
    }
}

impl<'a> FieldElement<'a> {
    pub(super) fn new(
        file: &'a SourceFile,
        declared: &'a Field,
        message: Option<&'a MessageType>,
        around: Features,
        full_name: String,
    ) -> Self {
        let features = around.with(declared.options.as_ref().and_then(|options| options.features));
        Self { at: Element { file, declared, features }, full_name, message }
    }

    /// Whether it is part of the entry of a map.
    pub(in crate::breaking) fn is_in_map_entry(&self) -> bool {
        !self.is_extension() && self.message.is_some_and(is_map_entry)
    }

    pub(in crate::breaking) fn is_extension(&self) -> bool {
        !self.at.declared.extendee.is_empty()
    }

    /// The name of the oneof that somebody wrote around it.
    pub(in crate::breaking) fn oneof(&self) -> Option<&'a str> {
        let field = self.at.declared;
        let index = field.oneof.filter(|_| !field.proto3_optional && !self.is_extension())?;
        Some(self.message?.oneofs.get(usize::try_from(index).ok()?)?.name.as_str())
    }
}

impl<'a> ServiceElement<'a> {
    pub(super) fn new(file: &'a SourceFile, service: &'a Service) -> Self {
        let methods = service.methods.iter().map(|method| (method.name.as_str(), method)).collect();
        Self { file, methods }
    }
}

pub(in crate::breaking) fn is_map_entry(message: &MessageType) -> bool {
    message.options.as_ref().is_some_and(|options| options.map_entry)
}
