//! Finds declarations that Protobuf keeps apart and Rust does not: `Pet` and the package `pet` both need a module `pet`
//! beside each other, `petName` and `pet_name` are one field. One of them gets a number after its name in Rust.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use prost_types::{DescriptorProto, EnumDescriptorProto, FieldDescriptorProto, FileDescriptorProto};
use rayon::prelude::*;

use super::accessors;
use super::identifiers::{field as field_name, message_module, oneof_variant, type_name};
use crate::generate::error::GenerateError;
use crate::model::{
    Declared, DeclaredKind, DescriptorSet, Family, ModuleName, declared_types, is_map_entry, rust_modules, rust_oneof,
    rust_oneofs, rust_type, rust_variant, written_oneof,
};

/// Most segments of a package's name; each is a module inside the one before.
const SEGMENTS: usize = 64;

/// The kinds of names that exclude one another in Rust.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Space {
    /// Types and modules.
    Type,
    /// buffa's types for oneofs, which stand apart.
    Oneof,
    /// What buffa makes of the names of messages beside their types: constants, and modules if there is something inside.
    Constant,
    /// The constants of buffa's extensions.
    Extension,
    /// Fields of a type, or variants.
    Member,
}

/// A declaration that gets another name in Rust, because its own is taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::generate) struct Namesake {
    /// `message`, `oneof` …
    pub kind: &'static str,
    /// Its full name, with a dot in front.
    pub full: String,
    /// The file that declares it.
    pub file: String,
    /// What its types are called after their name.
    pub type_suffix: String,
    /// What its modules, fields and functions are called after their name.
    pub module_suffix: String,
}

/// The declarations of `module` that need another name in Rust, each once, in the order of the files.
///
/// # Errors
/// When a name has no form in Rust at all.
pub(in crate::generate) fn namesakes(
    family: Family,
    descriptors: &DescriptorSet,
    module: &ModuleName,
) -> Result<Vec<Namesake>, GenerateError> {
    let files: Vec<_> = descriptors.of_module(module).map(|file| &file.proto).collect();
    let declared: Vec<_> = files.par_iter().map(|file| (&***file, declared_types(file))).collect();
    let packages = package_paths(&files);
    let read: Vec<_> = declared
        .par_iter()
        .map(|(file, types)| (names_of(family, &packages, file, types), members_of(family, file, types)))
        .collect();
    let (mut used, mut found) = (UsedNames { expanded: expanded(family), ..UsedNames::default() }, Vec::new());
    for (names, members) in read {
        names?.into_iter().for_each(|name| used.add(name));
        found.extend(members?);
    }
    used.settle(&mut found);
    Ok(merged(found))
}

/// One declaration may have been too late for several names.
fn merged(found: Vec<Namesake>) -> Vec<Namesake> {
    let (mut merged, mut places): (Vec<Namesake>, HashMap<String, usize>) = (Vec::new(), HashMap::new());
    for namesake in found {
        match places.get(&namesake.full).and_then(|place| merged.get_mut(*place)) {
            Some(known) if known.type_suffix.is_empty() => *known = namesake,
            Some(_) => {}
            None => {
                places.insert(namesake.full.clone(), merged.len());
                merged.push(namesake);
            }
        }
    }
    merged
}

/// The oneofs of `module` that get another name because a type beside them has theirs. `package` renames them where the
/// code of oneofs is all that there is of them.
pub(in crate::generate) fn renamed_oneofs(descriptors: &DescriptorSet, module: &ModuleName) -> Vec<Namesake> {
    let mut found = Vec::new();
    for file in descriptors.of_module(module) {
        for declared in declared_types(&file.proto) {
            let DeclaredKind::Message(message) = declared.kind else { continue };
            let origin = Origin::declared(&file.proto, &declared);
            let written = message.oneof_decl.iter().zip(rust_oneofs(message)).zip(members(message));
            for ((oneof, rust), _) in written.filter(|(_, members)| !members.is_empty()) {
                if rust != rust_type(oneof.name()) {
                    found.push(origin.member("oneof", oneof.name()).namesake(["OneOf".to_owned(), String::new()]));
                }
            }
        }
    }
    found
}

/// Where a name comes from. Most clash with none, so it becomes a [`Namesake`] only when it does.
#[derive(Debug, Clone, Copy)]
struct Origin<'a> {
    file: &'a FileDescriptorProto,
    /// The message or enum; the package if there is none.
    declared: Option<&'a Declared<'a>>,
    /// The kind of the member of the message or enum, and its name.
    member: Option<(&'static str, &'a str)>,
}

impl<'a> Origin<'a> {
    fn package(file: &'a FileDescriptorProto) -> Self {
        Self { file, declared: None, member: None }
    }

    fn declared(file: &'a FileDescriptorProto, declared: &'a Declared<'a>) -> Self {
        Self { file, declared: Some(declared), member: None }
    }

    fn member(self, kind: &'static str, name: &'a str) -> Self {
        Self { member: Some((kind, name)), ..self }
    }

    fn is_package(&self) -> bool {
        self.declared.is_none() && self.member.is_none()
    }

    /// Its full name, with a dot in front.
    fn full(&self) -> String {
        let package = || [".", self.file.package()].concat();
        let full = self.declared.map_or_else(package, |declared| declared.full_name(self.file.package()));
        match self.member {
            // Values of an enum stand beside it.
            Some(("value", name)) => {
                full.rsplit_once('.').map_or(name.to_owned(), |(around, _)| format!("{around}.{name}"))
            }
            Some((_, name)) => [full.trim_end_matches('.'), ".", name].concat(),
            None => full,
        }
    }

    fn namesake(&self, suffixes: [String; 2]) -> Namesake {
        let kind = self.member.map(|(kind, _)| kind);
        let kind = kind.or(self.declared.map(|declared| declared.kind.word())).unwrap_or("package");
        let [type_suffix, module_suffix] = suffixes;
        Namesake { kind, full: self.full(), file: self.file.name().to_owned(), type_suffix, module_suffix }
    }

    fn no_name(&self) -> GenerateError {
        let Namesake { kind, full, file, .. } = self.namesake([String::new(), String::new()]);
        GenerateError::NoName { file, kind, name: full[1..].to_owned() }
    }
}

/// A name that a declaration needs.
struct Name<'a> {
    space: Space,
    /// With the modules around it.
    path: String,
    is_module: bool,
    origin: Origin<'a>,
}

impl<'a> Name<'a> {
    /// The name `rust` in `place`, a path of modules.
    fn new(place: &str, space: Space, rust: String, origin: Origin<'a>) -> Result<Self, GenerateError> {
        if rust.is_empty() {
            return Err(origin.no_name());
        }
        let path = if place.is_empty() { rust } else { [place, "::", &rust].concat() };
        Ok(Self { space, path, is_module: false, origin })
    }

    fn module(place: &str, rust: String, origin: Origin<'a>) -> Result<Self, GenerateError> {
        Ok(Self { is_module: true, ..Self::new(place, Space::Type, rust, origin)? })
    }
}

/// The used names, by kind and path, and the declarations whose name was taken.
#[derive(Default)]
struct UsedNames<'a> {
    /// The owner of each used name, and whether it is a module.
    names: HashMap<(Space, String), (Origin<'a>, bool)>,
    late: Vec<Name<'a>>,
    /// Names that no declaration may have.
    expanded: &'static [&'static str],
}

impl<'a> UsedNames<'a> {
    fn add(&mut self, name: Name<'a>) {
        if self.expanded.contains(&path_end(&name.path)) && !name.origin.is_package() {
            return self.late.push(name);
        }
        match self.names.entry((name.space, name.path.clone())) {
            Entry::Vacant(free) => _ = free.insert((name.origin, name.is_module)),
            // Two packages may share modules: prost merges packages that differ only in case.
            Entry::Occupied(first) if first.get().0.is_package() && name.origin.is_package() => {}
            // A package keeps its name, because many declarations are found by it.
            Entry::Occupied(mut first) if name.origin.is_package() => {
                let (origin, is_module) = first.insert((name.origin, true));
                self.late.push(Name { origin, is_module, ..name });
            }
            Entry::Occupied(_) => self.late.push(name),
        }
    }

    /// Gives each that came too late the first number that is free.
    fn settle(self, found: &mut Vec<Namesake>) {
        let Self { mut names, late, .. } = self;
        // Most constants are late as modules, too, and what is left gets numbers beside theirs.
        let (constants, late): (Vec<_>, Vec<_>) = late.into_iter().partition(|name| name.space == Space::Constant);
        let settled: HashSet<String> =
            late.iter().filter(|name| name.space == Space::Type).map(|name| name.origin.full()).collect();
        let constants = constants.into_iter().filter(|name| !settled.contains(&name.origin.full()));
        // Numbers go on, so that many names of one form take no longer than as many others.
        let mut last: HashMap<(Space, String), u32> = HashMap::new();
        for Name { space, path, is_module, origin } in late.into_iter().chain(constants) {
            let asked: &[Space] = if space == Space::Constant { &[Space::Constant, Space::Type] } else { &[space] };
            let free = |number: &u32| {
                let forms = [format!("{path}{number}"), format!("{path}_{number}")];
                forms.iter().all(|form| asked.iter().all(|space| !names.contains_key(&(*space, form.clone()))))
            };
            let last = last.entry((space, path.clone())).or_insert(1);
            let number = (*last + 1..).find(free).unwrap_or(*last);
            *last = number;
            for form in [format!("{path}{number}"), format!("{path}_{number}")] {
                names.insert((space, form), (origin, is_module));
            }
            // The type of a message keeps its name where only its module is another one's.
            let of_type = if is_module { String::new() } else { number.to_string() };
            found.push(origin.namesake([of_type, format!("_{number}")]));
        }
    }
}

/// The paths of the modules that packages become.
fn package_paths(files: &[&Arc<FileDescriptorProto>]) -> HashSet<String> {
    let packages: HashSet<&str> = files.iter().map(|file| file.package()).collect();
    let mut paths = HashSet::new();
    for package in packages {
        let modules = rust_modules(package);
        paths.extend((1..=modules.len()).map(|end| modules[..end].join("::")));
    }
    paths
}

/// The path of the module of a message. One that is called as a package gets another name, so what stands in it stands
/// beside nothing else.
fn inner_path(family: Family, packages: &HashSet<String>, place: &str, message: &str) -> String {
    let module = message_module(family, message);
    let path = if place.is_empty() { module } else { [place, "::", &module].concat() };
    if packages.contains(&path) { path + "'" } else { path }
}

/// The types and modules that `file` needs.
fn names_of<'a>(
    family: Family,
    packages: &HashSet<String>,
    file: &'a FileDescriptorProto,
    types: &'a [Declared<'a>],
) -> Result<Vec<Name<'a>>, GenerateError> {
    let package_modules = rust_modules(file.package());
    let mut names = package_names(&package_modules, file)?;
    let outside = Origin::package(file);
    names.extend(extension_names(family, &package_modules.join("::"), &file.extension, outside)?);
    for declared in types {
        let inner = |place: String, parent: &&str| inner_path(family, packages, &place, parent);
        let place = declared.parents.iter().fold(package_modules.join("::"), inner);
        let origin = Origin::declared(file, declared);
        names.push(Name::new(&place, Space::Type, type_name(family, declared.name), origin)?);
        if let DeclaredKind::Message(message) = declared.kind {
            add_inner_types(family, packages, &place, message, origin, &mut names)?;
        }
    }
    Ok(names)
}

/// A package is a module in each package around it.
fn package_names<'a>(modules: &[String], file: &'a FileDescriptorProto) -> Result<Vec<Name<'a>>, GenerateError> {
    let origin = Origin::package(file);
    if modules.iter().any(String::is_empty) {
        return Err(origin.no_name());
    }
    if modules.len() > SEGMENTS {
        return Err(GenerateError::DeepPackage {
            file: file.name().into(),
            name: file.package().into(),
            most: SEGMENTS,
        });
    }
    let ends = (0..modules.len()).rev();
    ends.map(|end| Name::module(&modules[..end].join("::"), modules[end].clone(), origin)).collect()
}

/// The constants of the extensions that are declared in `place`; prost makes none.
fn extension_names<'a>(
    family: Family,
    place: &str,
    extensions: &'a [FieldDescriptorProto],
    origin: Origin<'a>,
) -> Result<Vec<Name<'a>>, GenerateError> {
    let name = |extension: &'a FieldDescriptorProto| {
        let constant = message_module(family, extension.name());
        Name::new(place, Space::Extension, constant, origin.member("extension", extension.name()))
    };
    extensions.iter().filter(|_| family == Family::Buffa).map(name).collect()
}

/// The module that stands beside the type of `message`, and the types of its oneofs in it.
fn add_inner_types<'a>(
    family: Family,
    packages: &HashSet<String>,
    place: &str,
    message: &'a DescriptorProto,
    origin: Origin<'a>,
    names: &mut Vec<Name<'a>>,
) -> Result<(), GenerateError> {
    let inner = inner_path(family, packages, place, message.name());
    let module = message_module(family, message.name());
    if family == Family::Buffa {
        names.push(Name::new(place, Space::Constant, module.clone(), origin)?);
    }
    if has_module(message) {
        names.push(Name::module(place, module, origin)?);
    }
    names.extend(extension_names(family, &inner, &message.extension, origin)?);
    let written = message.oneof_decl.iter().zip(members(message)).filter(|(_, members)| !members.is_empty());
    for (oneof, _) in written {
        let (space, rust) = match family {
            Family::Prost => (Space::Type, rust_oneof(message, oneof.name())),
            Family::Buffa => (Space::Oneof, oneof_variant(family, oneof.name())),
        };
        names.push(Name::new(&inner, space, rust, origin.member("oneof", oneof.name()))?);
    }
    Ok(())
}

/// The fields, oneofs and values of `file` that need another name. They share no names with members of other messages.
fn members_of(
    family: Family,
    file: &FileDescriptorProto,
    types: &[Declared<'_>],
) -> Result<Vec<Namesake>, GenerateError> {
    let mut found = Vec::new();
    for declared in types {
        let origin = Origin::declared(file, declared);
        match declared.kind {
            DeclaredKind::Message(message) => fields_of(family, message, origin, &mut found)?,
            // Only prost changes the names of values.
            DeclaredKind::Enum(declaration) if family == Family::Prost => values_of(declaration, origin, &mut found)?,
            DeclaredKind::Enum(_) => {}
        }
    }
    Ok(found)
}

fn fields_of(
    family: Family,
    message: &DescriptorProto,
    origin: Origin<'_>,
    found: &mut Vec<Namesake>,
) -> Result<(), GenerateError> {
    let mut fields = UsedNames::default();
    for field in message.field.iter().filter(|field| written_oneof(field).is_none()) {
        fields.add(Name::new(
            "",
            Space::Member,
            field_name(family, field.name()),
            origin.member("field", field.name()),
        )?);
    }
    for (oneof, members) in message.oneof_decl.iter().zip(members(message)) {
        let mut variants = UsedNames::default();
        for field in members {
            let origin = origin.member("field", field.name());
            variants.add(Name::new("", Space::Member, oneof_variant(family, field.name()), origin)?);
        }
        if !variants.names.is_empty() {
            let origin = origin.member("oneof", oneof.name());
            fields.add(Name::new("", Space::Member, field_name(family, oneof.name()), origin)?);
        }
        variants.settle(found);
    }
    let mut late = Vec::new();
    fields.settle(&mut late);
    if family == Family::Prost && accessors::may_clash(message) {
        number_accessors(message, origin, &mut late);
    }
    found.extend(late);
    Ok(())
}

/// Gives numbers to fields whose functions other fields of `message` have, too. `found` are its fields that have one.
fn number_accessors(message: &DescriptorProto, origin: Origin<'_>, found: &mut Vec<Namesake>) {
    let known: HashMap<String, usize> = found.iter().enumerate().map(|(at, of)| (of.full.clone(), at)).collect();
    let mut names = Vec::new();
    for field in message.field.iter().filter(|field| written_oneof(field).is_none()) {
        let name = field_name(Family::Prost, field.name());
        let name = match known.get(&origin.member("field", field.name()).full()).and_then(|at| found.get(*at)) {
            Some(known) => [name.trim_start_matches("r#"), &known.module_suffix].concat(),
            None => name,
        };
        names.push((field, name));
    }
    let oneofs = message.oneof_decl.iter().map(|oneof| field_name(Family::Prost, oneof.name()));
    let used = names.iter().map(|(_, name)| name.clone()).chain(oneofs).collect();
    for (field, number) in accessors::numbered(origin.file, message, &names, &used) {
        let origin = origin.member("field", field.name());
        match known.get(&origin.full()).and_then(|at| found.get_mut(*at)) {
            Some(known) => known.module_suffix = format!("{}_{number}", known.module_suffix),
            None => found.push(origin.namesake([number.to_string(), format!("_{number}")])),
        }
    }
}

/// The values of an enum. prost makes nothing of a second value with the same number.
fn values_of(
    declaration: &EnumDescriptorProto,
    origin: Origin<'_>,
    found: &mut Vec<Namesake>,
) -> Result<(), GenerateError> {
    let (rust_enum, mut numbers, mut variants) = (rust_type(declaration.name()), HashSet::new(), UsedNames::default());
    for value in declaration.value.iter().filter(|value| numbers.insert(value.number())) {
        let variant = rust_variant(&rust_enum, value.name());
        variants.add(Name::new("", Space::Member, variant, origin.member("value", value.name()))?);
    }
    variants.settle(found);
    Ok(())
}

/// Names that derives on messages of this family refer to without a path: nothing in Rust leads around a declaration
/// that hides them.
fn expanded(family: Family) -> &'static [&'static str] {
    match family {
        Family::Prost => &[],
        // Derives of serde.
        Family::Buffa => &["bool", "str", "u64", "u8", "usize"],
    }
}

/// The last name of a path.
fn path_end(path: &str) -> &str {
    path.rsplit("::").next().unwrap_or(path)
}

/// The fields in each oneof.
fn members(message: &DescriptorProto) -> Vec<Vec<&FieldDescriptorProto>> {
    let mut members = vec![Vec::new(); message.oneof_decl.len()];
    for field in &message.field {
        if let Some(oneof) = written_oneof(field).and_then(|index| members.get_mut(index)) {
            oneof.push(field);
        }
    }
    members
}

/// Whether prost makes a module for the declarations inside `message`.
fn has_module(message: &DescriptorProto) -> bool {
    !message.enum_type.is_empty()
        || message.nested_type.iter().any(|nested| !is_map_entry(nested))
        || message.field.iter().any(|field| written_oneof(field).is_some())
}

#[cfg(test)]
mod tests;
