//! What a small module with one package declares: the documentation on its own page, if it has no README.

use crate::model::Outline;
use crate::publish::PartOfCommit;
use crate::serve::http::error::Answer;
use crate::serve::web::page::module_header::{ModuleAtCommit, Tab};
use crate::serve::web::page::page_request::PageRequest;

use super::package_index::Contents;
use super::requested_package::{Entry, by_kind};
use super::types::{Page, package_path};

/// The most declarations, nested ones included, that the page of a module names.
const SHOWN: usize = 100;

/// The most bytes of sources that are compiled for it; a larger module has its packages listed alone.
const SOURCES: u64 = 256 * 1024;

/// The declarations of the only package by kind, each with its first sentence; nothing if there are more packages, or
/// more than fits.
pub(super) fn declarations(
    visit: &PageRequest<'_>,
    at: &ModuleAtCommit,
    outline: &Outline,
) -> Answer<Vec<(&'static str, Vec<Entry>)>> {
    let packages = outline.packages();
    let Some((&package, counts)) = packages.first_key_value().filter(|_| packages.len() == 1) else {
        return Ok(vec![]);
    };
    if counts.iter().sum::<usize>() > SHOWN {
        return Ok(vec![]);
    }
    let files = visit.store().list_files(at.commit.id)?;
    if files.iter().map(|file| file.size).sum::<u64>() > SOURCES {
        return Ok(vec![]);
    }
    let module = &at.module.name;
    let descriptors = visit.descriptors_of_part(at.commit.id, PartOfCommit::Package(package))?;
    let contents = Contents::new(&descriptors, module, package);
    if contents.symbols.len() > SHOWN {
        return Ok(vec![]);
    }
    let page = Page { module, package, base: at.tab(Tab::Docs), large: contents.large, plugin: "" };
    let path = package_path(&page.base, package);
    let mut kinds = by_kind(contents.symbols.iter(), &page);
    kinds.iter_mut().flat_map(|(_, entries)| entries).for_each(|entry| entry.href = path.clone() + &entry.href);
    Ok(kinds)
}
