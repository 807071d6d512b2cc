//! The declarations at the top of files, with all that stands in them, and what they refer to.

use std::collections::{BTreeMap, BTreeSet};

use prost_types::{DescriptorProto, FieldDescriptorProto, FileDescriptorProto, ServiceDescriptorProto};

use crate::model::DescriptorSet;

/// A declaration at the top of a file: it is kept or left out as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Declaration {
    /// The place of its file in the set.
    pub file: usize,
    /// The number of the field of `google.protobuf.FileDescriptorProto` that holds it.
    pub field: u32,
    /// Its place in that field.
    pub index: usize,
}

/// Fields of `google.protobuf.FileDescriptorProto`.
pub(super) const MESSAGE: u32 = 4;
pub(super) const ENUM: u32 = 5;
pub(super) const SERVICE: u32 = 6;
pub(super) const EXTENSION: u32 = 7;
pub(super) const SOURCE_CODE_INFO: u32 = 9;

/// What the options of declarations are messages of.
const OPTIONS: &str = ".google.protobuf.";

/// All declarations of a set by the names in them.
pub(super) struct Declarations<'a> {
    files: Vec<&'a FileDescriptorProto>,
    /// Full names without a dot before them. A name of a package that several files have leads to all of them.
    named: BTreeMap<String, BTreeSet<Declaration>>,
    by_path: BTreeMap<&'a str, usize>,
}

impl<'a> Declarations<'a> {
    pub(super) fn of(set: &'a DescriptorSet) -> Self {
        let files: Vec<_> = set.files.iter().map(|file| &*file.proto).collect();
        let by_path = files.iter().enumerate().map(|(at, file)| (file.name(), at)).collect();
        let mut all = Self { files, named: BTreeMap::new(), by_path };
        for at in 0..all.files.len() {
            all.add_file(at);
        }
        all
    }

    /// The declarations of this name: one, or those of a package.
    pub(super) fn named(&self, name: &str) -> Option<&BTreeSet<Declaration>> {
        self.named.get(name)
    }

    /// The place of the file that is imported as `path`.
    pub(super) fn file(&self, path: &str) -> Option<usize> {
        self.by_path.get(path).copied()
    }

    /// Names of types that a declaration refers to, with a dot before them.
    pub(super) fn references(&self, of: Declaration) -> Vec<&'a str> {
        let (file, mut found) = (self.files[of.file], vec![]);
        match of.field {
            MESSAGE => file.message_type.get(of.index).into_iter().for_each(|message| of_message(message, &mut found)),
            EXTENSION => file.extension.get(of.index).into_iter().for_each(|field| of_field(field, &mut found)),
            SERVICE => file.service.get(of.index).into_iter().for_each(|service| of_service(service, &mut found)),
            _ => {}
        }
        found
    }

    /// The extensions that the options in a file may be: those in the file itself and in what it imports.
    pub(super) fn custom_options(&self, file: usize) -> Vec<Declaration> {
        let imports = self.files[file].dependency.iter().filter_map(|path| self.file(path));
        let mut visible: BTreeSet<usize> = imports.flat_map(|import| self.through(import)).collect();
        visible.insert(file);
        let options = |at: usize| {
            let all = self.files[at].extension.iter().enumerate();
            let of_options = all.filter(|(_, field)| field.extendee().starts_with(OPTIONS));
            of_options.map(move |(index, _)| Declaration { file: at, field: EXTENSION, index })
        };
        visible.into_iter().flat_map(options).collect()
    }

    /// The imports of a file.
    pub(super) fn imports(&self, file: usize) -> impl Iterator<Item = usize> + '_ {
        self.files[file].dependency.iter().filter_map(|path| self.file(path))
    }

    /// The files that importing `file` makes visible: it, and what it imports publicly.
    pub(super) fn through(&self, file: usize) -> BTreeSet<usize> {
        let (mut visible, mut open) = (BTreeSet::new(), vec![file]);
        while let Some(at) = open.pop() {
            if visible.insert(at) {
                let file = self.files[at];
                let public = file.public_dependency.iter().filter_map(|index| usize::try_from(*index).ok());
                open.extend(public.filter_map(|index| self.file(file.dependency.get(index)?)));
            }
        }
        visible
    }

    fn add_file(&mut self, at: usize) {
        let file = self.files[at];
        let package = file.package();
        for (index, message) in file.message_type.iter().enumerate() {
            self.add_message(package, message, Declaration { file: at, field: MESSAGE, index });
        }
        for (index, declared) in file.enum_type.iter().enumerate() {
            self.add(join(package, declared.name()), Declaration { file: at, field: ENUM, index });
        }
        for (index, field) in file.extension.iter().enumerate() {
            self.add(join(package, field.name()), Declaration { file: at, field: EXTENSION, index });
        }
        for (index, service) in file.service.iter().enumerate() {
            let (place, name) = (Declaration { file: at, field: SERVICE, index }, join(package, service.name()));
            for method in &service.method {
                self.add(join(&name, method.name()), place);
            }
            self.add(name, place);
        }
        if !package.is_empty() {
            let counts = [
                (MESSAGE, file.message_type.len()),
                (ENUM, file.enum_type.len()),
                (SERVICE, file.service.len()),
                (EXTENSION, file.extension.len()),
            ];
            let all = counts.into_iter().flat_map(|(field, count)| (0..count).map(move |index| (field, index)));
            let all = all.map(|(field, index)| Declaration { file: at, field, index });
            self.named.entry(package.to_owned()).or_default().extend(all);
        }
    }

    fn add_message(&mut self, scope: &str, message: &DescriptorProto, place: Declaration) {
        let name = join(scope, message.name());
        for inner in &message.nested_type {
            self.add_message(&name, inner, place);
        }
        let enums = message.enum_type.iter().map(|declared| declared.name());
        for inner in enums.chain(message.extension.iter().map(FieldDescriptorProto::name)) {
            self.add(join(&name, inner), place);
        }
        self.add(name, place);
    }

    fn add(&mut self, name: String, place: Declaration) {
        self.named.entry(name).or_default().insert(place);
    }
}

fn join(scope: &str, name: &str) -> String {
    if scope.is_empty() { name.to_owned() } else { format!("{scope}.{name}") }
}

fn of_message<'a>(message: &'a DescriptorProto, found: &mut Vec<&'a str>) {
    message.field.iter().chain(&message.extension).for_each(|field| of_field(field, found));
    message.nested_type.iter().for_each(|inner| of_message(inner, found));
}

fn of_field<'a>(field: &'a FieldDescriptorProto, found: &mut Vec<&'a str>) {
    found.extend([&field.type_name, &field.extendee].into_iter().flatten().map(String::as_str));
}

fn of_service<'a>(service: &'a ServiceDescriptorProto, found: &mut Vec<&'a str>) {
    for method in &service.method {
        found.extend([method.input_type(), method.output_type()]);
    }
}
