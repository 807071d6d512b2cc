//! The pool that options are interpreted with: the extensions that are used as options, and what those need.
//!
//! It is built by prost-reflect, which takes its time per file and name. So it gets only the files that declare a
//! used extension, or a message that a value names, and those whose types these name; of all of googleapis that is some
//! forty files of eight thousand. They go in without comments and options of their own.

use std::collections::BTreeSet;

use prost_reflect::{DescriptorError, DescriptorPool};
use prost_types::{
    DescriptorProto, EnumDescriptorProto, EnumValueDescriptorProto, FieldDescriptorProto, FileDescriptorProto,
    UninterpretedOption,
};
use rayon::prelude::*;

use super::{packed, pool_limits, pool_quirks};
use crate::compile::error::CompileError;
use crate::compile::findings::{self, refuse_any};
use crate::compile::imports::loaded::LoadedFile;
use crate::compile::names::file_scope::FileScope;
use crate::compile::names::symbols::{ExpectedSymbol, Symbols};
use crate::compile::visit::elements::{Node, elements};
use crate::compile::visit::elements_mut::{Change, ElementPath, change};
use crate::compile::visit::option_messages::Options;

/// The file that declares what options there are; a module may bring its own.
const DESCRIPTOR: &str = "google/protobuf/descriptor.proto";

/// Largest end of an extension range that the pool takes; it is not part of the range.
const MAX_END: i32 = 536_870_912;

/// The pool for the options in `files`, whose references are resolved.
///
/// # Errors
/// When one of the files that it needs breaks a rule, or the pool would take too long to answer.
pub(in crate::compile) fn pool(symbols: &Symbols, files: &[LoadedFile<'_>]) -> Result<DescriptorPool, CompileError> {
    let used = files.par_iter().enumerate().flat_map_iter(|(index, file)| used_by(symbols, index, &file.proto));
    let mut needed = vec![false; files.len()];
    used.collect::<BTreeSet<_>>().into_iter().for_each(|index| needed[index] = true);
    let mut protos = Vec::new();
    // Files stand behind those that they import.
    for (index, file) in files.iter().enumerate().rev() {
        if needed[index] || file.proto.name() == DESCRIPTOR {
            let homes = homes_of_types(symbols, index, &file.proto);
            homes.iter().for_each(|home| needed[*home] = true);
            protos.push(bare(symbols, &homes, &file.proto));
        }
    }
    protos.reverse();
    pool_limits::check(&protos, files)?;
    let mut pool = DescriptorPool::new();
    pool.add_file_descriptor_protos(protos).map_err(|error| refusal(&error, files))?;
    Ok(pool)
}

/// The other files that declare the types that fields and extensions of file `index` name.
fn homes_of_types(symbols: &Symbols, index: usize, file: &FileDescriptorProto) -> BTreeSet<usize> {
    let mut homes = BTreeSet::new();
    elements(file, |element| {
        let Node::Field(field) = element.node else { return };
        let names = [field.type_name(), field.extendee()].map(|name| name.trim_start_matches('.'));
        homes.extend(names.iter().filter_map(|name| symbols.get(name)).map(|symbol| symbol.file));
    });
    homes.remove(&index);
    homes
}

/// The files whose names the options of `file` use.
fn used_by(symbols: &Symbols, index: usize, file: &FileDescriptorProto) -> BTreeSet<usize> {
    let mut used = BTreeSet::new();
    let names = FileScope::new(symbols, index);
    elements(file, |element| {
        for option in element.node.options().1 {
            for part in option.name.iter().filter(|part| part.is_extension) {
                // Others are refused when the option is interpreted.
                if let Ok((_, symbol)) = names.resolve(element.name, &part.name_part, ExpectedSymbol::Extension) {
                    used.insert(symbol.file);
                }
            }
            used.extend(in_brackets(option).filter_map(|name| symbols.get(&name)).map(|symbol| symbol.file));
        }
    });
    used
}

/// What could be names of extensions, or of messages in an `Any`, in the text of `option`. The parser puts spaces
/// between the parts of such a name.
fn in_brackets(option: &UninterpretedOption) -> impl Iterator<Item = String> {
    let text = option.aggregate_value.as_deref().unwrap_or_default();
    let inside = text.split('[').skip(1).filter_map(|rest| rest.split(']').next());
    inside.map(|name| name.rsplit('/').next().unwrap_or(name).split_whitespace().collect())
}

/// Whether options of `file` may name what the file does not import.
pub(in crate::compile) fn looks_beyond(symbols: &Symbols, index: usize, file: &FileDescriptorProto) -> bool {
    let mut found = false;
    elements(file, |element| {
        let named = element.node.options().1.iter().flat_map(in_brackets);
        let homes = named.filter_map(|name| symbols.get(&name)).map(|symbol| symbol.file);
        found |= homes.into_iter().any(|home| symbols.visible_from(index).binary_search(&home).is_err());
    });
    found
}

/// `file`, which names types of the files `homes`, without what the pool is not asked for.
fn bare(symbols: &Symbols, homes: &BTreeSet<usize>, file: &FileDescriptorProto) -> FileDescriptorProto {
    let mut bare = FileDescriptorProto {
        name: file.name.clone(),
        package: file.package.clone(),
        dependency: homes.iter().map(|home| symbols.path(*home).to_owned()).collect(),
        message_type: file.message_type.clone(),
        enum_type: file.enum_type.clone(),
        extension: file.extension.clone(),
        syntax: file.syntax.clone().filter(|syntax| syntax == "proto3" && !pool_quirks::is_alike(file)),
        ..FileDescriptorProto::default()
    };
    packed::interpret(&mut bare, file.syntax() == "editions");
    change(&mut bare, &mut Strip);
    bare.message_type.iter_mut().for_each(strip_message);
    bare.enum_type.iter_mut().for_each(strip_enum);
    bare
}

/// Takes out written options, and defaults: no value that is not written is asked for.
struct Strip;

impl Change for Strip {
    fn field(&mut self, _at: &ElementPath, field: &mut FieldDescriptorProto) {
        field.default_value = None;
    }

    fn options<O: Options>(&mut self, _at: &ElementPath, options: &mut Option<O>) {
        if let Some(options) = options {
            options.written_mut().clear();
        }
    }
}

/// Takes out what the pool compares with every member, and `validate` has a faster way for.
fn strip_message(message: &mut DescriptorProto) {
    message.reserved_range.clear();
    message.reserved_name.clear();
    // Those of message sets reach further than the pool takes.
    message.extension_range.iter_mut().for_each(|range| range.end = range.end.map(|end| end.min(MAX_END)));
    message.nested_type.iter_mut().for_each(strip_message);
    message.enum_type.iter_mut().for_each(strip_enum);
}

/// The same, and brings the values into the order in which the pool takes them fastest; the first keeps its place.
fn strip_enum(item: &mut EnumDescriptorProto) {
    item.reserved_range.clear();
    item.reserved_name.clear();
    item.options.get_or_insert_default().allow_alias = Some(true);
    if let Some((_, others)) = item.value.split_first_mut() {
        others.sort_by_key(EnumValueDescriptorProto::number);
    }
}

fn refusal(error: &DescriptorError, files: &[LoadedFile<'_>]) -> CompileError {
    let Some(file) = files.iter().find(|file| error.file() == Some(file.proto.name())) else {
        return CompileError::Internal(format!("linking failed without a place: {error}"));
    };
    let path = error.path().unwrap_or_default();
    let finding = findings::at_element(&file.proto, file.source, path, error.to_string());
    refuse_any(vec![finding]).err().unwrap_or_else(|| CompileError::Internal(error.to_string()))
}
