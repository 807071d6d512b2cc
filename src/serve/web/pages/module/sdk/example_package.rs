//! The package that the examples of an SDK page are taken from: so that its first view compiles this one only.

use std::sync::Arc;

use prost_types::FileDescriptorProto;

use crate::model::{DescriptorSet, ModuleName, Plugin};
use crate::publish::PartOfCommit;
use crate::serve::http::error::Answer;
use crate::serve::web::page::module_header::ModuleAtCommit;
use crate::serve::web::page::page_request::PageRequest;

/// A package of a module, compiled.
pub(super) struct ExamplePackage {
    /// Its name; empty for none.
    name: String,
    /// The compiled files of the package, and others.
    pub(super) descriptors: Arc<DescriptorSet>,
}

impl ExamplePackage {
    /// The first package with messages, and for a plugin that makes stubs with a service, if there is one. None if the
    /// commit declares nothing.
    ///
    /// # Errors
    /// When the commit cannot be compiled, or the store fails.
    pub(super) fn find(visit: &PageRequest<'_>, at: &ModuleAtCommit, plugin: &Plugin) -> Answer<Option<Self>> {
        let outline = visit.outline(at.commit.id)?;
        let packages = outline.packages();
        let in_order = outline.files.iter().filter_map(|file| packages.get_key_value(file.package.as_str()));
        let rank =
            |[services, messages, ..]: &[usize; 4]| (*services > 0 && !plugin.dependencies.is_empty(), *messages > 0);
        // Of equals the first.
        let best = in_order.rev().max_by_key(|(_, counts)| rank(counts));
        let Some((name, _)) = best.filter(|(_, counts)| rank(counts) != (false, false)) else { return Ok(None) };
        let descriptors = visit.descriptors_of_part(at.commit.id, PartOfCommit::Package(name))?;
        Ok(Some(Self { name: (*name).to_owned(), descriptors }))
    }

    /// The files of the package in `module`.
    pub(super) fn files<'a>(&'a self, module: &'a ModuleName) -> impl Iterator<Item = &'a FileDescriptorProto> {
        let files = self.descriptors.of_module(module).map(|file| &*file.proto);
        files.filter(|file| file.package() == self.name)
    }
}
