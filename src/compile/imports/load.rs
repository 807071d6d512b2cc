//! Decides which files take part, and parses them: all content, then what it imports, level by level.
//!
//! A dependency may hold thousands of files of which two are needed, so nothing is parsed that is not reached.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};

use rayon::prelude::*;

use super::loaded::{Loaded, LoadedFile};
use crate::compile::cache::files::{CompileCache, Fingerprints};
use crate::compile::error::CompileError;
use crate::compile::findings::refuse_any;
use crate::compile::input::{Role, Source};
use crate::compile::resources::deadline::Deadline;
use crate::compile::source::parse::{self, ParseFailure};
use crate::model::{Diagnostic, FileOrigin, ModuleName, Sha256Digest};

/// A file that could take part.
#[derive(Clone, Copy)]
pub(in crate::compile) struct Candidate<'a> {
    pub(in crate::compile) module: &'a ModuleName,
    pub(in crate::compile) role: Role,
    pub(in crate::compile) content: &'a [u8],
    pub(in crate::compile) digest: Sha256Digest,
}

/// Parses all content files and everything that they reach.
///
/// # Errors
/// When a file does not parse, stands in two modules, or it takes too long.
pub(in crate::compile) fn load<'a>(
    sources: &[Source<'a>],
    deadline: &Deadline,
    earlier: &'a CompileCache,
) -> Result<Loaded<'a>, CompileError> {
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
        loaded.files.extend(parse_level(&level, &candidates, deadline, earlier)?);
        level = next_level(&level, &loaded);
    }
    Ok(loaded)
}

/// The files of `sources` by path, with all that hold one.
pub(in crate::compile) fn candidates<'a>(sources: &[Source<'a>]) -> HashMap<&'a str, Vec<Candidate<'a>>> {
    let mut candidates: HashMap<&str, Vec<Candidate<'_>>> = HashMap::new();
    for source in sources {
        for (file, digest) in source.snapshot.sources() {
            let candidate = Candidate { module: source.module, role: source.role, content: &file.content, digest };
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

/// The imports of the files of `level` that are not loaded yet.
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
    deadline: &Deadline,
    earlier: &'a CompileCache,
) -> Result<Vec<Parsed<'a>>, CompileError> {
    let one = |path: &String| {
        let file = match candidates.get(path.as_str()).and_then(|holders| holders.first()) {
            Some(candidate) => load_file(path, *candidate, deadline, earlier),
            None => Ok(LoadedFile::well_known(path)?),
        };
        Some(file.map(|file| (path.clone(), file)))
    };
    all(level.par_iter().filter_map(one).collect())
}

/// Parses the cached files whose fingerprint has changed: a file that they import is not the same any more.
pub(in crate::compile) fn replace_outdated(
    loaded: &mut Loaded<'_>,
    fingerprints: &Fingerprints,
    deadline: &Deadline,
) -> Result<(), CompileError> {
    let is_outdated = |(path, file): &(&String, &mut LoadedFile<'_>)| {
        file.earlier.is_some_and(|earlier| !earlier.is(fingerprints.get(*path)))
    };
    let outdated: Vec<_> = loaded.files.iter_mut().filter(is_outdated).collect();
    let parse = |(path, file): (&String, &mut LoadedFile<'_>)| {
        deadline.check().map_err(ParseFailure::Limit)?;
        let parse::Parsed { proto, edition, raw_texts } = parse::parse(path, file.source)?;
        (file.proto, file.edition, file.raw_texts, file.earlier) = (Cow::Owned(proto), edition, raw_texts, None);
        Ok(())
    };
    all(outdated.into_par_iter().map(parse).collect()).map(drop)
}

/// All results, or the findings of all that failed.
pub(in crate::compile) fn all<T>(results: Vec<Result<T, ParseFailure>>) -> Result<Vec<T>, CompileError> {
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

/// Takes a file over for now if its text is the same, else parses it.
fn load_file<'a>(
    path: &str,
    candidate: Candidate<'a>,
    deadline: &Deadline,
    earlier: &'a CompileCache,
) -> Result<LoadedFile<'a>, ParseFailure> {
    let source = parse::text(path, candidate.content)?;
    let (origin, role) = (FileOrigin::Module(candidate.module.clone()), candidate.role);
    let text = candidate.digest;
    if let Some(earlier) = earlier.with_text(path, text, &origin) {
        let proto = Cow::Borrowed(&*earlier.file.proto);
        let (edition, raw_texts) = (None, Vec::new());
        return Ok(LoadedFile { origin, role, source, text, proto, earlier: Some(earlier), edition, raw_texts });
    }
    deadline.check().map_err(ParseFailure::Limit)?;
    let parse::Parsed { proto, edition, raw_texts } = parse::parse(path, source)?;
    Ok(LoadedFile { origin, role, source, text, proto: Cow::Owned(proto), earlier: None, edition, raw_texts })
}

#[cfg(test)]
mod tests {
    use crate::compile::error::CompileError;
    use crate::compile::input::Role;
    use crate::compile::testing::{Module, compile_files, compile_modules};
    use crate::model::FileOrigin;

    const CONTENT: Module<'_> = ("acme/content", Role::Content, &[("a.proto", "import \"b.proto\";")]);

    #[test]
    fn only_what_content_reaches_is_parsed() {
        let files = &[("b.proto", "import \"c.proto\";"), ("c.proto", ""), ("broken.proto", "messag")];
        let compiled = compile_modules(&[CONTENT, ("acme/common", Role::Dependency, files)]).unwrap();
        let paths: Vec<_> = compiled.descriptors.files.iter().map(|file| file.proto.name()).collect();
        assert_eq!(paths, ["c.proto", "b.proto", "a.proto"]);
    }

    #[test]
    fn a_file_in_two_modules_names_both() {
        let files = &[("b.proto", "")];
        let text =
            compile_modules(&[CONTENT, ("acme/one", Role::Dependency, files), ("acme/two", Role::Dependency, files)]);
        let text = text.unwrap_err().to_string();
        assert!(text.starts_with("b.proto: is in module acme/one and in module acme/two"), "{text}");
    }

    #[test]
    fn findings_of_all_files_are_reported() {
        let error = compile_files(&[("a.proto", "messag"), ("b.proto", ""), ("c.proto", "messag")]).unwrap_err();
        let CompileError::Invalid(findings) = error else { panic!("{error}") };
        let paths: Vec<_> = findings.0.iter().map(|finding| finding.path.as_str()).collect();
        assert_eq!(paths, ["a.proto", "c.proto"]);
    }

    #[test]
    fn well_known_files_come_along_unless_a_module_has_them() {
        let source = "\u{feff}syntax = \"proto3\"; import \"google/protobuf/empty.proto\";";
        let path = "google/protobuf/empty.proto";
        let compiled = compile_files(&[("a.proto", source)]).unwrap();
        assert_eq!(compiled.descriptors.file(path).unwrap().origin, FileOrigin::WellKnown);
        let own = "syntax = \"proto3\"; package google.protobuf; message Empty { int32 own = 1; }";
        let compiled = compile_files(&[("a.proto", source), (path, own)]).unwrap();
        assert_eq!(compiled.descriptors.file(path).unwrap().proto.message_type[0].field.len(), 1);
    }
}
