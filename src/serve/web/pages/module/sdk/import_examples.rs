//! Example `use` lines: a client if there is one, and a few messages.

use crate::model::{DeclaredKind, Plugin, declared_types};
use crate::publish::rust_naming::{Around, RustPaths};
use crate::serve::http::error::Answer;
use crate::serve::web::page::module_header::ModuleAtCommit;
use crate::serve::web::page::page_request::PageRequest;

use super::example_package::ExamplePackage;

/// The most lines that are shown.
const LINES: usize = 4;

/// The `use` lines for the first services and messages of a package.
///
/// # Errors
/// When the commit cannot be compiled.
pub(super) fn imports(visit: &PageRequest<'_>, at: &ModuleAtCommit, plugin: &Plugin) -> Answer<Vec<String>> {
    let publisher = &visit.state.publisher;
    let name = &at.module.name;
    let Some(package) = ExamplePackage::find(visit, at, plugin)? else { return Ok(vec![]) };
    let paths = RustPaths::new(plugin, publisher.catalogue()).numbered(&package.descriptors, name);
    let mut clients = vec![];
    let mut types = vec![];
    for file in package.files(name) {
        let around = Around { module: name, package: file.package(), parents: &[] };
        for service in &file.service {
            clients.extend(paths.of_client(around, service.name()));
        }
        let declared = declared_types(file);
        let messages = declared.iter().filter(|declared| matches!(declared.kind, DeclaredKind::Message(_)));
        for message in messages.filter(|message| message.parents.is_empty()).take(LINES) {
            types.push(paths.of_type(around, message.name));
        }
    }
    clients.truncate(2);
    let lines = clients.into_iter().chain(types).map(|path| path.import);
    Ok(lines.take(LINES).collect())
}
