//! Declarations of other modules that have a number after their name in Rust: code that refers to them needs that name.

use std::collections::BTreeSet;

use prost_types::field_descriptor_proto::Type;
use prost_types::{DescriptorProto, FieldDescriptorProto, FileDescriptorProto};

use crate::generate::request::Request;
use crate::generate::rust_naming::namesakes::{Namesake, namesakes};
use crate::model::{Family, FileOrigin, ModuleName};

/// What code of another module can refer to by its name.
const REFERRED: [&str; 3] = ["message", "enum", "value"];

/// The declarations of the modules beside that of `request` that have another name in the crates of those. They are the
/// same as when those crates were made, as far as the files that are imported tell.
pub(super) fn namesakes_of_others(family: Family, request: &Request<'_>) -> Vec<Namesake> {
    let origins = request.descriptors.files.iter().map(|file| &file.origin);
    let others: BTreeSet<&ModuleName> = origins
        .filter_map(|origin| match origin {
            FileOrigin::Module(module) if module != request.module => Some(module),
            _ => None,
        })
        .collect();
    // What has no name in Rust is in no crate, so nothing here can refer to it.
    let of = |module| namesakes(family, request.descriptors, module).unwrap_or_default();
    let all = others.into_iter().flat_map(of);
    all.filter(|namesake| REFERRED.contains(&namesake.kind)).collect()
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
