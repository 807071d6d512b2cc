//! Resolves names and interprets options of all files at once.
//!
//! The linker is prost-reflect. It gets the files in one call, because every single call costs in proportion to the
//! pool. Two parts of a file are kept from it and put back: the imports ([`super::visible`] says why), and the source
//! information, where its time grows with the product of options and locations ([`super::options`] does that part).

use miette::Diagnostic as _;
use prost_reflect::{DescriptorError, DescriptorPool};
use prost_types::{FileDescriptorProto, SourceCodeInfo};
use rayon::prelude::*;

use super::load::{Loaded, LoadedFile};
use super::{CompileError, MAX_FINDINGS, Role, locate, options, refuse_any, visible};
use crate::model::{Diagnostic, FileOrigin};

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
    dependency: Vec<String>,
    public_dependency: Vec<i32>,
    weak_dependency: Vec<i32>,
    info: Option<SourceCodeInfo>,
    options: Vec<options::Written>,
}

/// Links `loaded`; the files come out in `order`.
///
/// # Errors
/// When a name is not defined, defined twice or not of the needed kind, or an option does not fit.
pub(super) fn link<'a>(mut loaded: Loaded<'a>, order: &[String]) -> Result<Vec<LinkedFile<'a>>, CompileError> {
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
    if let Err(error) = pool.add_file_descriptor_protos(protos.iter().cloned()) {
        return refuse(&error, &kept, protos);
    }
    drop(protos);
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
        options: options::written(&proto),
        info: proto.source_code_info.take(),
        dependency: std::mem::replace(&mut proto.dependency, seen),
        public_dependency: std::mem::take(&mut proto.public_dependency),
        weak_dependency: std::mem::take(&mut proto.weak_dependency),
    };
    (kept, proto)
}

fn join<'a>(pool: &DescriptorPool, kept: Kept<'a>) -> Result<LinkedFile<'a>, CompileError> {
    let file = pool.get_file_by_name(&kept.name);
    let file = file.ok_or_else(|| CompileError::Internal(format!("{} was lost while linking", kept.name)))?;
    let mut proto = file.file_descriptor_proto().clone();
    proto.dependency = kept.dependency;
    proto.public_dependency = kept.public_dependency;
    proto.weak_dependency = kept.weak_dependency;
    proto.source_code_info = kept.info;
    if let Some(info) = &mut proto.source_code_info {
        options::place(pool, &kept.options, info);
    }
    let (origin, role, source) = (kept.origin, kept.role, kept.source);
    Ok(LinkedFile { origin, role, source, proto, encoded: file.encode_to_vec() })
}

/// The linker's findings: all of the first file that has any, or at least the first one.
fn refuse<T>(error: &DescriptorError, kept: &[Kept<'_>], protos: Vec<FileDescriptorProto>) -> Result<T, CompileError> {
    let at = kept.iter().position(|keep| error.file() == Some(keep.name.as_str()));
    let Some((keep, proto)) = at.map(|at| (&kept[at], &protos[at])) else {
        return Err(CompileError::Internal(format!("linking failed without a place: {error}")));
    };
    let located = FileDescriptorProto { source_code_info: keep.info.clone(), ..proto.clone() };
    let first = locate::finding(&located, keep.source, error.path().unwrap_or_default(), words(error));
    let few = located.source_code_info.as_ref().is_some_and(|info| info.location.len() <= MAX_LOCATIONS_FOR_ALL);
    let all = if few { all_findings(located, keep, protos) } else { Vec::new() };
    refuse_any(if all.is_empty() { vec![first] } else { all })?;
    Err(CompileError::Internal("linking failed without a finding".into()))
}

/// Links once more with the places of one file, whose findings then have places.
fn all_findings(
    located: FileDescriptorProto,
    keep: &Kept<'_>,
    mut protos: Vec<FileDescriptorProto>,
) -> Vec<Diagnostic> {
    protos.retain(|proto| proto.name() != keep.name);
    protos.push(located);
    let Err(error) = DescriptorPool::new().add_file_descriptor_protos(protos) else { return Vec::new() };
    let (line, column) = (error.line(), error.column());
    let error = error.with_source_code(keep.source);
    let first = line
        .zip(column)
        .filter(|_| error.file() == Some(keep.name.as_str()))
        .map(|(line, column)| locate::at_bytes(&keep.name, keep.source, line, column, words(&error)));
    let others = error.related().into_iter().flatten().filter_map(|other| {
        let offset = place(other)?;
        Some(Diagnostic::at_offset(&keep.name, keep.source, offset, words(other)))
    });
    first.into_iter().chain(others).take(MAX_FINDINGS).collect()
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
