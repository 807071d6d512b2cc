//! Links in a source: from the names of types, options and imports to their declarations, in this module, in the commits
//! of those that it depends on, and in the reference of the well-known types.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::actions::access::viewer;
use crate::model::{CommitId, DescriptorFile, DescriptorSet, FileOrigin, ModuleName};
use crate::publish::PartOfCommit;
use crate::serve::http::error::Answer;
use crate::serve::web::highlight::proto::ProtoSource;
use crate::serve::web::page::link::{at_line, file_path, well_known_file, well_known_type};
use crate::serve::web::page::module_header::{ModuleAtCommit, Tab};
use crate::serve::web::page::page_request::PageRequest;
use crate::store::ListedFile;

use super::declarations::Declarations;

/// The most bytes of a module that is compiled for its links. The links of larger ones appear once they are compiled for
/// another page.
const MAX_COMPILED: u64 = 2 << 20;

/// Fills in where the spans of `source`, the file at `path`, lead.
///
/// # Errors
/// When the store fails.
pub(super) fn fill_in(
    visit: &PageRequest<'_>,
    at: &ModuleAtCommit,
    (set, path): (&DescriptorSet, &str),
    source: &mut ProtoSource<'_>,
) -> Answer<()> {
    let Some(file) = set.of_module(&at.module.name).find(|file| file.proto.name() == path) else { return Ok(()) };
    let bases = Bases { own: at.tab(Tab::Files), module: &at.module.name, commits: at.dependencies(visit.store())? };
    for (span, import) in &source.imports {
        let href = set.file(import).and_then(|imported| bases.of(imported));
        if let Some(span) = source.spans.get_mut(*span) {
            span.href = href;
        }
    }
    let mut declarations = Declarations::seen_by(file, set);
    for reference in &source.references {
        let Some((found, line, full)) = declarations.find(&reference.scope, reference.name) else { continue };
        let href = match &found.origin {
            FileOrigin::WellKnown => Some(well_known_type(&full, found.proto.name())),
            FileOrigin::Module(_) if found.proto.name() == path => Some(format!("#L{line}")),
            FileOrigin::Module(_) => bases.of(found).map(|base| format!("{base}{}", at_line(line))),
        };
        if let Some(span) = source.spans.get_mut(reference.span) {
            span.href = href;
        }
    }
    Ok(())
}

/// The file at `path` with its imports, if they are compiled or that is little work. None for whoever may not read all
/// that the commit depends on.
pub(super) fn descriptors(
    visit: &PageRequest<'_>,
    at: &ModuleAtCommit,
    (path, files): (&str, &[ListedFile]),
) -> Option<Arc<DescriptorSet>> {
    let bytes: u64 = files.iter().map(|file| file.size).sum();
    // Without links the source is a page, too.
    if bytes <= MAX_COMPILED || visit.store().outline(at.commit.id).ok().flatten().is_some() {
        return visit.descriptors_of_part(at.commit.id, PartOfCommit::File(path)).ok();
    }
    visit.state.publisher.descriptors_at_hand(at.commit.id, viewer(&visit.caller)).ok().flatten()
}

/// The paths of the files tabs.
struct Bases<'a> {
    own: String,
    module: &'a ModuleName,
    commits: BTreeMap<ModuleName, CommitId>,
}

impl Bases<'_> {
    /// The page of a file.
    fn of(&self, file: &DescriptorFile) -> Option<String> {
        let path = file.proto.name();
        match &file.origin {
            FileOrigin::WellKnown => Some(well_known_file(path)),
            FileOrigin::Module(module) if module == self.module => Some(format!("{}/{}", self.own, file_path(path))),
            FileOrigin::Module(module) => {
                let commit = self.commits.get(module)?;
                Some(format!("/{module}/files/{commit}/{}", file_path(path)))
            }
        }
    }
}
