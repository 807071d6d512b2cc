//! Resolves names and interprets options of all files at once.
//!
//! The linker is prost-reflect. It gets the files in one call, because every single call costs in proportion to the
//! pool. Some parts of a file are kept from it and put back: the imports ([`super::visible`] says why); the source
//! information, where its time grows with the product of options and locations ([`super::options`] does that part);
//! and rarely the syntax ([`super::casing`]).

use miette::Diagnostic as _;
use prost_reflect::{DescriptorError, DescriptorPool};
use prost_types::{FileDescriptorProto, SourceCodeInfo};
use rayon::prelude::*;

use super::load::{Loaded, LoadedFile};
use super::{CompileError, MAX_FINDINGS, Role, casing, locate, options, parse, settle, visible, wellknown};
use crate::model::{Diagnostic, Diagnostics, FileOrigin, Limits};

/// Most locations in a file for which a failed link is repeated to place all of its findings, not only the first.
const MAX_LOCATIONS_FOR_ALL: usize = 20_000;

/// One linked file.
#[derive(Debug)]
pub(super) struct LinkedFile<'a> {
    pub(super) origin: FileOrigin,
    pub(super) role: Role,
    /// Its text; empty for a well-known file.
    pub(super) source: &'a str,
    /// Names resolved, known options interpreted, imports and source information as in the source.
    pub(super) proto: FileDescriptorProto,
    /// The linker's encoding, with all options, custom ones too; imports and source information are not its own.
    pub(super) encoded: Vec<u8>,
}

/// What is kept from the linker.
struct Kept<'a> {
    origin: FileOrigin,
    role: Role,
    source: &'a str,
    name: String,
    /// What the linker was given as its imports.
    visible: Vec<String>,
    dependency: Vec<String>,
    public_dependency: Vec<i32>,
    weak_dependency: Vec<i32>,
    syntax: Option<String>,
    info: Option<SourceCodeInfo>,
    options: Vec<options::Written>,
}

/// Links `loaded`; the files come out in `order`.
///
/// # Errors
/// When a name is not defined, defined twice or not of the needed kind, or an option does not fit.
pub(super) fn link<'a>(
    mut loaded: Loaded<'a>,
    order: &[String],
    limits: &Limits,
) -> Result<Vec<LinkedFile<'a>>, CompileError> {
    let mut visible = visible::visible(&loaded)?;
    let mut kept = Vec::with_capacity(order.len());
    let mut protos = Vec::with_capacity(order.len());
    for path in order {
        let Some(file) = loaded.files.remove(path) else { continue };
        let (keep, proto) = part(file, visible.remove(path));
        kept.push(keep);
        protos.push(proto);
    }
    let mut pool = DescriptorPool::new();
    if let Err(error) = pool.add_file_descriptor_protos(protos) {
        return refuse(&error, &kept, limits);
    }
    kept.into_par_iter().map(|keep| join(&pool, keep)).collect()
}

fn part<'a>(file: LoadedFile<'a>, visible: Option<Vec<String>>) -> (Kept<'a>, FileDescriptorProto) {
    let LoadedFile { origin, role, source, mut proto } = file;
    let seen = visible.unwrap_or_else(|| proto.dependency.clone());
    let kept = Kept {
        origin,
        role,
        source,
        name: proto.name().to_owned(),
        visible: seen.clone(),
        options: options::written(&proto),
        info: proto.source_code_info.take(),
        dependency: std::mem::replace(&mut proto.dependency, seen),
        public_dependency: std::mem::take(&mut proto.public_dependency),
        weak_dependency: std::mem::take(&mut proto.weak_dependency),
        syntax: proto.syntax.clone(),
    };
    settle::packed(&mut proto);
    if casing::is_alike(&proto) {
        proto.syntax = None;
    }
    (kept, proto)
}

fn join<'a>(pool: &DescriptorPool, kept: Kept<'a>) -> Result<LinkedFile<'a>, CompileError> {
    let file = pool.get_file_by_name(&kept.name);
    let file = file.ok_or_else(|| CompileError::Internal(format!("{} was lost while linking", kept.name)))?;
    let mut proto = file.file_descriptor_proto().clone();
    proto.dependency = kept.dependency;
    proto.public_dependency = kept.public_dependency;
    proto.weak_dependency = kept.weak_dependency;
    proto.syntax = kept.syntax;
    proto.source_code_info = kept.info;
    if let Some(info) = &mut proto.source_code_info {
        options::place(pool, &kept.options, info);
    }
    let (origin, role, source) = (kept.origin, kept.role, kept.source);
    Ok(LinkedFile { origin, role, source, proto, encoded: file.encode_to_vec() })
}

/// The linker's findings: all of the first file that has any, or at least the first one.
fn refuse<T>(error: &DescriptorError, kept: &[Kept<'_>], limits: &Limits) -> Result<T, CompileError> {
    let Some(keep) = kept.iter().find(|keep| error.file() == Some(keep.name.as_str())) else {
        return Err(CompileError::Internal(format!("linking failed without a place: {error}")));
    };
    let locations = keep.info.as_ref().map_or(0, |info| info.location.len());
    let all = if locations <= MAX_LOCATIONS_FOR_ALL { all_findings(keep, kept, limits) } else { Vec::new() };
    if !all.is_empty() {
        return Err(CompileError::Invalid(Diagnostics(all)));
    }
    let path = error.path().unwrap_or_default();
    let first = locate::finding_in(&keep.name, keep.info.as_ref(), keep.source, path, words(error));
    Err(CompileError::Invalid(Diagnostics(vec![first])))
}

/// Parses and links once more, now with the places of the file of `keep`, whose findings then have places. Only
/// refused sources pay for that; keeping the parsed files would cost every compilation a copy of them.
fn all_findings(keep: &Kept<'_>, kept: &[Kept<'_>], limits: &Limits) -> Vec<Diagnostic> {
    let protos =
        kept.par_iter().filter_map(|other| reparse(other, other.name == keep.name, limits)).collect::<Vec<_>>();
    let Err(error) = DescriptorPool::new().add_file_descriptor_protos(protos) else { return Vec::new() };
    if error.file() != Some(keep.name.as_str()) {
        return Vec::new();
    }
    let first = error.line().zip(error.column());
    let error = error.with_source_code(keep.source);
    let first = first.map(|(line, column)| locate::at_bytes(&keep.name, keep.source, line, column, words(&error)));
    let others = error.related().into_iter().flatten().filter_map(|other| {
        let offset = place(other)?;
        Some(Diagnostic::at_offset(&keep.name, keep.source, offset, words(other)))
    });
    first.into_iter().chain(others).take(MAX_FINDINGS).collect()
}

fn reparse(kept: &Kept<'_>, with_places: bool, limits: &Limits) -> Option<FileDescriptorProto> {
    let mut proto = match kept.origin {
        FileOrigin::WellKnown => wellknown::file(&kept.name)?,
        FileOrigin::Module(_) => parse::parse(&kept.name, kept.source, limits).ok()?,
    };
    let alike = casing::is_alike(&proto);
    proto.dependency.clone_from(&kept.visible);
    proto.public_dependency.clear();
    proto.weak_dependency.clear();
    proto.syntax = proto.syntax.filter(|_| !alike);
    proto.source_code_info = proto.source_code_info.filter(|_| with_places);
    Some(proto)
}

/// Where a finding points: of two labels, the one at what is wrong, not at what it collides with.
fn place(finding: &dyn miette::Diagnostic) -> Option<usize> {
    let labels: Vec<_> = finding.labels()?.collect();
    let wrong = |label: &&miette::LabeledSpan| matches!(label.label(), Some("found here" | "defined again here"));
    labels.iter().find(wrong).or(labels.last()).map(miette::LabeledSpan::offset)
}

fn words(finding: &dyn miette::Diagnostic) -> String {
    let mut words = finding.to_string();
    if let Some(cause) = finding.diagnostic_source() {
        words = format!("{words}: {cause}");
    }
    if let Some(help) = finding.help() {
        words = format!("{words}; {help}");
    }
    words.trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::super::testing::{compile_files, refusal};

    #[test]
    fn every_name_that_is_not_defined_is_pointed_at() {
        let text = refusal(&[("a.proto", "syntax = \"proto3\";\nmessage M {\n  Pet a = 1;\n  Dog b = 2;\n}\n")]);
        assert_eq!(
            text,
            "a.proto:3:3: name 'Pet' is not defined\n    Pet a = 1;\n    ^\n\
             a.proto:4:3: name 'Dog' is not defined\n    Dog b = 2;\n    ^"
        );
    }

    #[test]
    fn a_name_in_two_files_names_both() {
        let text = refusal(&[("a.proto", "message M {}"), ("b.proto", "message M {}")]);
        assert!(text.starts_with("b.proto:1:9: name 'M' is already defined in file 'a.proto'"), "{text}");
    }

    #[test]
    fn options_that_do_not_fit_are_pointed_at() {
        for (option, expected) in [
            ("nothing = 1", "1:35: option field 'nothing' is not defined"),
            ("deprecated = 1", "1:35: expected a value of type 'bool'"),
            ("deprecated = true, deprecated = true", "1:54: option field 'deprecated' has already been set"),
        ] {
            let text = refusal(&[("a.proto", &format!("message M {{ optional int32 a = 1 [{option}]; }}"))]);
            assert!(text.starts_with(&format!("a.proto:{expected}")), "{text}");
        }
    }

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
        assert_eq!(*file.proto, prost::Message::decode(file.encoded.clone()).unwrap());
    }
}
