//! Declarations of other modules that have a number after their name in Rust: code that refers to them needs that name.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use prost_types::field_descriptor_proto::Type;
use prost_types::{DescriptorProto, FieldDescriptorProto, FileDescriptorProto};

use crate::generate::request::Request;
use crate::generate::rust_naming::namesakes::{Namesake, namesakes};
use crate::model::{Declared, Family, FileOrigin, ModuleName, declared_types, rust_verbatim};

/// The imported declarations that have another name in the crates of their modules. All files of a module decide that,
/// and `request` has those that are imported, so it is told; else the names are what these files give. Keywords are among
/// them, those of the module of `request` too.
pub(super) fn namesakes_of_others(family: Family, request: &Request<'_>) -> Vec<Namesake> {
    let origins = request.descriptors.files.iter().map(|file| &file.origin);
    let others: BTreeSet<&ModuleName> = origins
        .filter_map(|origin| match origin {
            FileOrigin::Module(module) if module != request.module => Some(module),
            _ => None,
        })
        .collect();
    let told = request.externs.iter().filter_map(|of| Some((&of.module, of.numbered.as_deref()?)));
    let told: BTreeMap<&ModuleName, _> = told.collect();
    let imported: HashSet<&str> = request.descriptors.files.iter().map(|file| file.proto.name()).collect();
    let of = |module| match told.get(module) {
        Some(names) => names.iter().filter_map(Namesake::told).collect(),
        // What has no name in Rust is in no crate, so nothing here can refer to it.
        None => namesakes(family, request.descriptors, module).unwrap_or_default(),
    };
    let numbered = others.iter().copied().flat_map(of);
    let mut found: Vec<_> =
        numbered.filter(|namesake| namesake.is_referred() && imported.contains(namesake.file.as_str())).collect();
    if family == Family::Buffa {
        found.extend(request.descriptors.files.iter().flat_map(|file| keywords(&file.proto)));
    }
    found
}

/// The types called as keywords that are in the way even as raw names: buffa writes `Self` of another package as it is.
fn keywords(file: &FileDescriptorProto) -> Vec<Namesake> {
    let is_keyword = |declared: &Declared<'_>| {
        let verbatim = rust_verbatim(declared.name);
        verbatim != declared.name && !verbatim.starts_with("r#")
    };
    let namesake = |declared: Declared<'_>| Namesake {
        kind: declared.kind.word(),
        full: declared.full_name(file.package()),
        file: file.name().to_owned(),
        type_suffix: String::new(),
        module_suffix: String::new(),
    };
    declared_types(file).into_iter().filter(is_keyword).map(namesake).collect()
}

/// Those of `namesakes` that `files` refer to.
pub(super) fn referred<'n, 'f>(
    namesakes: &'n [Namesake],
    files: &mut dyn Iterator<Item = &'f &'f FileDescriptorProto>,
) -> Vec<&'n Namesake> {
    let mut names = BTreeSet::new();
    for file in files {
        of_fields(&file.extension, &mut names);
        file.message_type.iter().for_each(|message| of_message(message, &mut names));
        let calls = file.service.iter().flat_map(|service| &service.method);
        names.extend(calls.flat_map(|call| [call.input_type(), call.output_type()]).map(str::to_owned));
    }
    let is_referred = |namesake: &&Namesake| {
        let inside = format!("{}.", namesake.full);
        names.contains(&namesake.full) || names.range(inside.clone()..).next().is_some_and(|n| n.starts_with(&inside))
    };
    namesakes.iter().filter(is_referred).collect()
}

fn of_message(message: &DescriptorProto, names: &mut BTreeSet<String>) {
    of_fields(&message.field, names);
    of_fields(&message.extension, names);
    message.nested_type.iter().for_each(|nested| of_message(nested, names));
}

fn of_fields(fields: &[FieldDescriptorProto], names: &mut BTreeSet<String>) {
    for field in fields.iter().filter(|field| !field.type_name().is_empty()) {
        names.insert(field.type_name().to_owned());
        // A value stands beside its enum.
        if let (Type::Enum, Some(value), Some((around, _))) =
            (field.r#type(), &field.default_value, field.type_name().rsplit_once('.'))
        {
            names.insert(format!("{around}.{value}"));
        }
    }
}
