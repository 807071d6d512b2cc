//! Resolves names and interprets options of all files.
//!
//! The work grows with the files and what they write, not with their product: one table of all names
//! ([`super::symbols`]), then every file by itself and in parallel. A library is asked only about options, with the
//! few files that declare them ([`super::needed`]).

use prost_types::FileDescriptorProto;
use rayon::prelude::*;

use super::edition::Editioned;
use super::load::{Loaded, LoadedFile};
use super::options::{self, Interpreted, Known};
use super::symbols::Symbols;
use super::{CompileError, Role, needed, refuse_any, resolve};
use crate::model::{Diagnostic, FileOrigin};

/// One linked file.
pub(super) struct LinkedFile<'a> {
    pub(super) origin: FileOrigin,
    pub(super) role: Role,
    /// Its text; empty for a well-known file.
    pub(super) source: &'a str,
    /// Names resolved, known options interpreted.
    pub(super) proto: FileDescriptorProto,
    /// What its options come to beyond that.
    pub(super) options: Interpreted,
    /// What it has beyond that when it declares an edition.
    pub(super) edition: Option<Editioned>,
}

/// Links `loaded`; the files come out in `order`.
///
/// # Errors
/// When a name is not defined, defined twice or not of the needed kind, or an option does not fit.
pub(super) fn link<'a>(mut loaded: Loaded<'a>, order: &[String]) -> Result<Vec<LinkedFile<'a>>, CompileError> {
    let mut files: Vec<_> = order.iter().filter_map(|path| loaded.files.remove(path)).collect();
    let symbols = Symbols::new(&files)?;
    let resolve = |(index, file): (usize, &mut LoadedFile<'_>)| resolve::resolve(&symbols, index, file);
    refuse_any(files.par_iter_mut().enumerate().flat_map_iter(resolve).collect())?;
    let pool = needed::pool(&symbols, &files)?;
    let known = Known { symbols: &symbols, pool: &pool };
    let linked: Vec<_> =
        files.into_par_iter().enumerate().map(|(index, file)| interpreted(known, index, file)).collect();
    let (files, findings): (Vec<_>, Vec<_>) = linked.into_iter().partition(Result::is_ok);
    refuse_any(findings.into_iter().filter_map(Result::err).flatten().collect())?;
    Ok(files.into_iter().flatten().collect())
}

fn interpreted<'a>(
    known: Known<'_>,
    index: usize,
    mut file: LoadedFile<'a>,
) -> Result<LinkedFile<'a>, Vec<Diagnostic>> {
    let options = options::interpret(known, index, &mut file)?;
    let LoadedFile { origin, role, source, proto, edition } = file;
    Ok(LinkedFile { origin, role, source, proto, options, edition })
}

#[cfg(test)]
mod tests {
    use super::super::testing::compile_files;

    #[test]
    fn custom_options_are_in_the_encoding_and_json_names_in_both() {
        let source = "syntax = \"proto3\"; import \"google/protobuf/descriptor.proto\";
            extend google.protobuf.FieldOptions { string note = 50000; }
            message M { int32 one_two = 1 [(note) = \"kept\"]; }";
        let compiled = compile_files(&[("a.proto", source)]).unwrap();
        let file = compiled.descriptors.file("a.proto").unwrap();
        assert!(file.encoded.windows(4).any(|bytes| bytes == b"kept"));
        assert_eq!(file.proto.message_type[0].field[0].json_name(), "oneTwo");
        assert_eq!(file.proto.extension[0].json_name(), "note");
        let mut read: prost_types::FileDescriptorProto = prost::Message::decode(file.encoded.clone()).unwrap();
        assert_eq!(read.source_code_info.take(), Some(file.source_info()));
        assert_eq!(*file.proto, read);
    }
}
