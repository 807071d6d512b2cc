//! Example `use` lines: a client if there is one, and a few messages.

use crate::model::{DeclaredKind, Plugin, declared_types};
use crate::publish::rust_naming::{Around, RustPaths};
use crate::serve::http::error::Answer;
use crate::serve::web::page::module_header::ModuleAtCommit;
use crate::serve::web::page::page_request::PageRequest;

/// The most lines that are shown.
const LINES: usize = 4;

/// The `use` lines for the module's first services and messages.
///
/// # Errors
/// When the commit cannot be compiled.
pub(super) fn imports(visit: &PageRequest<'_>, at: &ModuleAtCommit, plugin: &Plugin) -> Answer<Vec<String>> {
    let publisher = &visit.state.publisher;
    let name = &at.module.name;
    let descriptors = visit.descriptors(at.commit.id)?;
    let paths = RustPaths::new(plugin, publisher.catalogue()).numbered(&descriptors, name);
    let mut clients = vec![];
    let mut types = vec![];
    for file in descriptors.of_module(name) {
        let around = Around { module: name, package: file.proto.package(), parents: &[] };
        for service in &file.proto.service {
            clients.extend(paths.of_client(around, service.name()));
        }
        let declared = declared_types(&file.proto);
        let messages = declared.iter().filter(|declared| matches!(declared.kind, DeclaredKind::Message(_)));
        for message in messages.filter(|message| message.parents.is_empty()).take(LINES) {
            types.push(paths.of_type(around, message.name));
        }
    }
    clients.truncate(2);
    let lines = clients.into_iter().chain(types).map(|path| path.import);
    Ok(lines.take(LINES).collect())
}
