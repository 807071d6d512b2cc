//! Decides which files take part, and parses them: all content, then what it imports, level by level.
//!
//! A dependency may hold thousands of files of which two are needed, so nothing is parsed that is not reached.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use prost_types::FileDescriptorProto;
use rayon::prelude::*;

use super::parse::{self, ParseFailure};
use super::{CompileError, Role, Source, refuse_any, wellknown};
use crate::model::{Diagnostic, FileOrigin, Limits, ModuleName};

/// One parsed file.
#[derive(Debug)]
pub(super) struct LoadedFile<'a> {
    pub(super) origin: FileOrigin,
    pub(super) role: Role,
    /// Its text without byte-order mark; empty for a well-known file.
    pub(super) source: &'a str,
    /// As it was parsed: names not resolved, options not interpreted.
    pub(super) proto: FileDescriptorProto,
}

/// All parsed files by their import path.
#[derive(Debug, Default)]
pub(super) struct Loaded<'a> {
    pub(super) files: BTreeMap<String, LoadedFile<'a>>,
}

/// A file that could take part.
#[derive(Clone, Copy)]
struct Candidate<'a> {
    module: &'a ModuleName,
    role: Role,
    content: &'a [u8],
}

/// Parses all content files and everything that they reach.
///
/// # Errors
/// When a file does not parse, nests too deep, or stands in two modules.
pub(super) fn load<'a>(sources: &[Source<'a>], limits: &Limits) -> Result<Loaded<'a>, CompileError> {
    let candidates = candidates(sources);
    let mut level: BTreeSet<String> = BTreeSet::new();
    for (path, holders) in &candidates {
        if holders.iter().any(|holder| holder.role == Role::Content) {
            level.insert((*path).to_owned());
        }
    }
    let mut loaded = Loaded::default();
    while !level.is_empty() {
        refuse_any(level.iter().filter_map(|path| in_two_modules(path, &candidates)).collect())?;
        loaded.files.extend(parse_level(&level, &candidates, limits)?);
        level = next_level(&level, &loaded);
    }
    Ok(loaded)
}

fn candidates<'a>(sources: &[Source<'a>]) -> HashMap<&'a str, Vec<Candidate<'a>>> {
    let mut candidates: HashMap<&str, Vec<Candidate<'_>>> = HashMap::new();
    for source in sources {
        for file in source.snapshot.sources() {
            let candidate = Candidate { module: source.module, role: source.role, content: &file.content };
            candidates.entry(file.path.as_str()).or_default().push(candidate);
        }
    }
    candidates
}

fn in_two_modules(path: &str, candidates: &HashMap<&str, Vec<Candidate<'_>>>) -> Option<Diagnostic> {
    let [first, second, ..] = candidates.get(path)?.as_slice() else { return None };
    let message = format!(
        "is in module {} and in module {}; an import of it could mean either, so remove or rename one",
        first.module, second.module
    );
    Some(Diagnostic::in_file(path, message))
}

/// What the files of `level` import and nobody has loaded yet.
fn next_level(level: &BTreeSet<String>, loaded: &Loaded<'_>) -> BTreeSet<String> {
    let files = level.iter().filter_map(|path| loaded.files.get(path));
    let imports = files.flat_map(|file| &file.proto.dependency);
    imports.filter(|path| !loaded.files.contains_key(*path)).cloned().collect()
}

type Parsed<'a> = (String, LoadedFile<'a>);

/// Parses `level` in parallel; a path that is nowhere is left out here and reported with its import.
fn parse_level<'a>(
    level: &BTreeSet<String>,
    candidates: &HashMap<&str, Vec<Candidate<'a>>>,
    limits: &Limits,
) -> Result<Vec<Parsed<'a>>, CompileError> {
    let one = |path: &String| {
        let file = match candidates.get(path.as_str()).and_then(|holders| holders.first()) {
            Some(candidate) => parse_file(path, *candidate, limits),
            None => Ok(well_known(path)?),
        };
        Some(file.map(|file| (path.clone(), file)))
    };
    let results: Vec<_> = level.par_iter().filter_map(one).collect();
    let mut parsed = Vec::with_capacity(results.len());
    let mut findings = Vec::new();
    for result in results {
        match result {
            Ok(file) => parsed.push(file),
            Err(ParseFailure::Limit(limit)) => return Err(limit.into()),
            Err(ParseFailure::Invalid(found)) => findings.extend(found),
        }
    }
    refuse_any(findings)?;
    Ok(parsed)
}

fn parse_file<'a>(path: &str, candidate: Candidate<'a>, limits: &Limits) -> Result<LoadedFile<'a>, ParseFailure> {
    let source = parse::text(path, candidate.content)?;
    let proto = parse::parse(path, source, limits)?;
    Ok(LoadedFile { origin: FileOrigin::Module(candidate.module.clone()), role: candidate.role, source, proto })
}

fn well_known<'a>(path: &str) -> Option<LoadedFile<'a>> {
    let proto = wellknown::file(path)?;
    Some(LoadedFile { origin: FileOrigin::WellKnown, role: Role::Dependency, source: "", proto })
}
