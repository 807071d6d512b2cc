//! All declarations of one version by name: one pass over its files.

use std::collections::{BTreeMap, HashSet};

use super::descriptor::{Enum, Field, MessageType};
use super::element::{Element, EnumElement, FieldElement, MessageElement, ServiceElement, SourceFile};
use super::features::Features;

/// A kind of declaration that a file and a package have by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in crate::breaking) enum Kind {
    Message,
    Enum,
    Service,
    Extension,
}

/// The declarations of one version of a module and of all that it imports.
#[derive(Debug, Default)]
pub(in crate::breaking) struct Index<'a> {
    pub files: BTreeMap<&'a str, &'a SourceFile>,
    pub packages: BTreeMap<&'a str, &'a SourceFile>,
    pub messages: BTreeMap<String, MessageElement<'a>>,
    pub enums: BTreeMap<String, EnumElement<'a>>,
    pub services: BTreeMap<String, ServiceElement<'a>>,
    /// By the message that they extend, and number.
    pub extensions: BTreeMap<(&'a str, i32), FieldElement<'a>>,
    /// What a file or a package has by name.
    pub named: Vec<Named<'a>>,
    /// The same by path of the file.
    pub by_file: HashSet<(Kind, &'a str, String)>,
    /// The same by package.
    pub by_package: HashSet<(Kind, &'a str, String)>,
    /// The packages that are looked at for a kind: those that have a declaration of it.
    pub kinds: HashSet<(Kind, &'a str)>,
}

/// A declaration by its name inside the package.
#[derive(Debug)]
pub(in crate::breaking) struct Named<'a> {
    pub kind: Kind,
    pub file: &'a SourceFile,
    pub name: String,
}

/// Where the walk is.
struct Place<'a, 'p> {
    file: &'a SourceFile,
    scope: &'p str,
    features: Features,
}

impl<'a> Index<'a> {
    /// The index of these files.
    pub(in crate::breaking) fn of(files: &'a [SourceFile]) -> Self {
        let mut index = Self::default();
        for file in files {
            let declared = &file.file;
            index.files.insert(&declared.name, file);
            index.packages.entry(&declared.package).or_insert(file);
            // As in `buf`, a package counts for services even if it has none.
            index.kinds.insert((Kind::Service, &declared.package));
            let place = Place { file, scope: &declared.package, features: Features::of(declared) };
            declared.messages.iter().for_each(|message| index.message(&place, message));
            declared.enums.iter().for_each(|declared| index.enumeration(&place, declared));
            declared.extensions.iter().for_each(|field| index.extension(&place, field, None));
            for service in &declared.services {
                let full_name = place.full(&service.name);
                index.name(Kind::Service, file, &full_name);
                index.services.insert(full_name, ServiceElement::new(file, service));
            }
        }
        index
    }

    /// Nesting is bounded by the compiler.
    fn message(&mut self, place: &Place<'a, '_>, message: &'a MessageType) {
        let full_name = place.full(&message.name);
        let features = place.features.with(message.options.as_ref().and_then(|options| options.features));
        let inside = Place { file: place.file, scope: &full_name, features };
        message.nested.iter().for_each(|nested| self.message(&inside, nested));
        message.enums.iter().for_each(|declared| self.enumeration(&inside, declared));
        message.extensions.iter().for_each(|field| self.extension(&inside, field, Some(message)));
        self.name(Kind::Message, place.file, &full_name);
        let at = Element { file: place.file, declared: message, features };
        self.messages.insert(full_name.clone(), MessageElement::new(at, full_name));
    }

    fn enumeration(&mut self, place: &Place<'a, '_>, declared: &'a Enum) {
        let full_name = place.full(&declared.name);
        let features = place.features.with(declared.options.as_ref().and_then(|options| options.features));
        self.name(Kind::Enum, place.file, &full_name);
        let at = Element { file: place.file, declared, features };
        self.enums.insert(full_name.clone(), EnumElement { at, full_name });
    }

    fn extension(&mut self, place: &Place<'a, '_>, field: &'a Field, message: Option<&'a MessageType>) {
        let full_name = place.full(&field.name);
        self.name(Kind::Extension, place.file, &full_name);
        let element = FieldElement::new(place.file, field, message, place.features, full_name);
        self.extensions.insert((&field.extendee, field.number), element);
    }

    fn name(&mut self, kind: Kind, file: &'a SourceFile, full_name: &str) {
        let package = file.file.package.as_str();
        let inside = full_name.strip_prefix(package).unwrap_or(full_name).trim_start_matches('.');
        self.by_file.insert((kind, &file.file.name, inside.to_owned()));
        self.by_package.insert((kind, package, inside.to_owned()));
        self.kinds.insert((kind, package));
        self.named.push(Named { kind, file, name: inside.to_owned() });
    }

    /// The enum that a field refers to.
    pub(in crate::breaking) fn enum_of(&self, type_name: &str) -> Option<&EnumElement<'a>> {
        self.enums.get(type_name.trim_start_matches('.'))
    }

    /// Whether a field is a map.
    pub(in crate::breaking) fn is_map(&self, field: &FieldElement<'_>) -> bool {
        let entry = self.messages.get(field.at.declared.type_name.trim_start_matches('.'));
        field.at.declared.label() == super::Label::Repeated
            && entry.is_some_and(|entry| super::element::is_map_entry(entry.at.declared))
    }
}

impl Kind {
    pub(in crate::breaking) fn word(self) -> &'static str {
        match self {
            Self::Message => "message",
            Self::Enum => "enum",
            Self::Service => "service",
            Self::Extension => "extension",
        }
    }
}

impl Place<'_, '_> {
    fn full(&self, name: &str) -> String {
        if self.scope.is_empty() { name.to_owned() } else { format!("{}.{name}", self.scope) }
    }
}
