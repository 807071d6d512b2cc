//! The types that a compiled file declares, nested ones included.

use prost_types::{DescriptorProto, EnumDescriptorProto, FileDescriptorProto};

/// A message or an enum.
#[derive(Debug, Clone, Copy)]
pub enum DeclaredKind<'a> {
    /// A message; groups are messages too.
    Message(&'a DescriptorProto),
    /// An enum.
    Enum(&'a EnumDescriptorProto),
}

impl DeclaredKind<'_> {
    /// Its keyword in sources.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Message(_) => "message",
            Self::Enum(_) => "enum",
        }
    }
}

/// A type with its place.
#[derive(Debug, Clone)]
pub struct Declared<'a> {
    /// The messages around it, outermost first.
    pub parents: Vec<&'a str>,
    /// Its own name.
    pub name: &'a str,
    /// The declaration.
    pub kind: DeclaredKind<'a>,
}

impl Declared<'_> {
    /// The full name as fields refer to it, with a dot in front: `.acme.pets.v1.Pet`.
    #[must_use]
    pub fn full_name(&self, package: &str) -> String {
        let mut full = String::new();
        for part in package.split('.').filter(|part| !part.is_empty()).chain(self.parents.iter().copied()) {
            full.push('.');
            full.push_str(part);
        }
        full + "." + self.name
    }
}

/// All types of `file`, parents before nested ones. The entry messages that stand for maps are left out: nothing in
/// Rust has their names.
#[must_use]
pub fn declared_types(file: &FileDescriptorProto) -> Vec<Declared<'_>> {
    let mut found = Vec::new();
    collect(&file.message_type, &file.enum_type, &[], &mut found);
    found
}

fn collect<'a>(
    messages: &'a [DescriptorProto],
    enums: &'a [EnumDescriptorProto],
    parents: &[&'a str],
    found: &mut Vec<Declared<'a>>,
) {
    for message in messages.iter().filter(|message| !is_map_entry(message)) {
        let kind = DeclaredKind::Message(message);
        found.push(Declared { parents: parents.to_vec(), name: message.name(), kind });
        let inside = [parents, &[message.name()]].concat();
        collect(&message.nested_type, &message.enum_type, &inside, found);
    }
    let place = |declared| Declared {
        parents: parents.to_vec(),
        name: EnumDescriptorProto::name(declared),
        kind: DeclaredKind::Enum(declared),
    };
    found.extend(enums.iter().map(place));
}

/// Whether this message only stands for the entries of a map field.
#[must_use]
pub fn is_map_entry(message: &DescriptorProto) -> bool {
    message.options.as_ref().is_some_and(|options| options.map_entry())
}
