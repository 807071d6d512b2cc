//! The pool that options are interpreted with: the extensions that are used as options, and what those need.
//!
//! It is built by prost-reflect, which takes its time per file and name. So it gets only the files that declare a
//! used extension, or a message that a value names, and what these files see; of all of googleapis that is some forty
//! files of eight thousand. They go in without comments and options of their own.

use std::collections::BTreeSet;

use prost_reflect::{DescriptorError, DescriptorPool};
use prost_types::{FileDescriptorProto, UninterpretedOption};
use rayon::prelude::*;

use super::change::{Change, Options, Place, change};
use super::elements::elements;
use super::load::LoadedFile;
use super::symbols::{Symbols, Wanted};
use super::{CompileError, casing, locate, refuse_any, settle};

/// The file that declares what options there are; a module may bring its own.
const DESCRIPTOR: &str = "google/protobuf/descriptor.proto";

/// The pool for the options in `files`, whose references are resolved.
///
/// # Errors
/// When one of the files that it needs breaks a rule.
pub(super) fn pool(symbols: &Symbols, files: &[LoadedFile<'_>]) -> Result<DescriptorPool, CompileError> {
    let used = files.par_iter().enumerate().flat_map_iter(|(index, file)| used_by(symbols, index, &file.proto));
    let mut needed = vec![false; files.len()];
    used.collect::<BTreeSet<_>>().into_iter().for_each(|index| needed[index] = true);
    // Files stand behind those that they import.
    for index in (0..files.len()).rev() {
        if needed[index] || files[index].proto.name() == DESCRIPTOR {
            symbols.visible_from(index).iter().for_each(|seen| needed[*seen] = true);
        }
    }
    let needed = (0..files.len()).filter(|index| needed[*index]);
    let mut pool = DescriptorPool::new();
    let added = pool.add_file_descriptor_protos(needed.map(|index| bare(symbols, index, &files[index].proto)));
    added.map_err(|error| refusal(&error, files))?;
    Ok(pool)
}

/// The files whose names the options of `file` use.
fn used_by(symbols: &Symbols, index: usize, file: &FileDescriptorProto) -> BTreeSet<usize> {
    let mut used = BTreeSet::new();
    elements(file, |element| {
        for option in element.node.options().1 {
            for part in option.name.iter().filter(|part| part.is_extension) {
                // Others are refused when the option is interpreted.
                if let Ok((_, symbol)) = symbols.resolve(index, element.name, &part.name_part, Wanted::Extension) {
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
pub(super) fn looks_beyond(symbols: &Symbols, index: usize, file: &FileDescriptorProto) -> bool {
    let mut found = false;
    elements(file, |element| {
        let named = element.node.options().1.iter().flat_map(in_brackets);
        let homes = named.filter_map(|name| symbols.get(&name)).map(|symbol| symbol.file);
        found |= homes.into_iter().any(|home| symbols.visible_from(index).binary_search(&home).is_err());
    });
    found
}

/// `file` without what the pool is not asked for.
fn bare(symbols: &Symbols, index: usize, file: &FileDescriptorProto) -> FileDescriptorProto {
    let others = symbols.visible_from(index).iter().filter(|seen| **seen != index);
    let mut bare = FileDescriptorProto {
        name: file.name.clone(),
        package: file.package.clone(),
        // The pool's own reading of public imports stops after one step.
        dependency: others.map(|seen| symbols.path(*seen).to_owned()).collect(),
        message_type: file.message_type.clone(),
        enum_type: file.enum_type.clone(),
        extension: file.extension.clone(),
        syntax: file.syntax.clone().filter(|syntax| syntax == "proto3" && !casing::is_alike(file)),
        ..FileDescriptorProto::default()
    };
    settle::packed(&mut bare, file.syntax() == "editions");
    change(&mut bare, &mut Strip);
    bare
}

/// Takes out written options but for the one that the pool looks at.
struct Strip;

impl Change for Strip {
    fn options<O: Options>(&mut self, _at: &Place, options: &mut Option<O>) {
        let is_looked_at = |option: &UninterpretedOption| matches!(&option.name[..], [part] if !part.is_extension && part.name_part == "allow_alias");
        if let Some(options) = options {
            options.written_mut().retain(is_looked_at);
        }
    }
}

fn refusal(error: &DescriptorError, files: &[LoadedFile<'_>]) -> CompileError {
    let Some(file) = files.iter().find(|file| error.file() == Some(file.proto.name())) else {
        return CompileError::Internal(format!("linking failed without a place: {error}"));
    };
    let path = error.path().unwrap_or_default();
    let finding = locate::finding(&file.proto, file.source, path, error.to_string());
    refuse_any(vec![finding]).err().unwrap_or_else(|| CompileError::Internal(error.to_string()))
}
