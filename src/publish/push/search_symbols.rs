//! The symbols of a module, for the search index.

use std::collections::BTreeSet;

use crate::model::{DeclaredKind, DescriptorSet, ModuleName, declared_types};
use crate::store::{Symbol, SymbolKind};

/// Packages, services, methods, messages and enums of `module`.
pub(in crate::publish) fn symbols(descriptors: &DescriptorSet, module: &ModuleName) -> Vec<Symbol> {
    let mut found = vec![];
    let mut packages = BTreeSet::new();
    for file in descriptors.of_module(module) {
        let package = file.proto.package();
        let symbol = |kind, name: String| Symbol { kind, package: package.to_owned(), name };
        if !package.is_empty() && packages.insert(package) {
            found.push(symbol(SymbolKind::Package, package.to_owned()));
        }
        for declared in declared_types(&file.proto) {
            let kind = match declared.kind {
                DeclaredKind::Message(_) => SymbolKind::Message,
                DeclaredKind::Enum(_) => SymbolKind::Enum,
            };
            found.push(symbol(kind, declared.full_name(package)[1..].to_owned()));
        }
        let prefix = if package.is_empty() { String::new() } else { format!("{package}.") };
        for service in &file.proto.service {
            let name = format!("{prefix}{}", service.name());
            for method in &service.method {
                found.push(symbol(SymbolKind::Method, format!("{name}.{}", method.name())));
            }
            found.push(symbol(SymbolKind::Service, name));
        }
    }
    found
}
