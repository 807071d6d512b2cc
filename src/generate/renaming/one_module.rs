//! Packages that are one Rust module, because their names differ only in case or underscores. prost makes one file of
//! them; buffa makes one of each, and two cannot be one module. So buffa is told that they are one package, with a mark
//! on each declaration whose package it is told otherwise: texts name the package of the sources.

use std::collections::{BTreeMap, BTreeSet};

use prost_types::FileDescriptorProto;

use super::marks::Mark;
use super::suspects::Suspects;
use crate::generate::request::Request;
use crate::generate::request::partition::Chunk;
use crate::model::rust_modules;

/// The packages that are told otherwise, for one call.
#[derive(Debug, Default)]
pub(super) struct OneModule {
    /// The name that each of them is told by.
    told: BTreeMap<String, String>,
    /// The packages of each Rust module that has several.
    packages: BTreeMap<Vec<String>, BTreeSet<String>>,
}

impl OneModule {
    /// The packages that are one module with another, where code is made of one of them.
    pub(super) fn of(request: &Request<'_>, chunk: &Chunk<'_>) -> Self {
        let mut packages: BTreeMap<Vec<String>, BTreeSet<String>> = BTreeMap::new();
        for package in request.descriptors.packages_of(request.module) {
            packages.entry(rust_modules(package)).or_default().insert(package.to_owned());
        }
        packages.retain(|_, packages| packages.len() > 1);
        let made = request.descriptors.files.iter().filter(|file| chunk.contains(file.proto.name()));
        if packages.is_empty()
            || !made.into_iter().any(|file| packages.contains_key(&rust_modules(file.proto.package())))
        {
            return Self::default();
        }
        let all: BTreeSet<&str> = request.descriptors.files.iter().map(|file| file.proto.package()).collect();
        let spellings = spellings(&all);
        let told = all.into_iter().map(|package| (package.to_owned(), spelled(package, &spellings)));
        Self { told: told.filter(|(package, told)| package != told).collect(), packages }
    }

    /// Marks what is declared in packages that are told otherwise.
    pub(super) fn mark(&self, suspects: &mut Suspects<'_>) {
        let descriptors = suspects.descriptors;
        for file in &descriptors.files {
            let package = file.proto.package();
            let Some(told) = self.told.get(package) else { continue };
            suspects.is_certain = true;
            suspects.of_package(told, file.proto.name());
            let marked = suspects.changes.packages.get(told).unwrap_or(told).clone();
            suspects.changes.packages.insert(package.to_owned(), marked);
            for (kind, name) in declared(&file.proto) {
                let full = format!(".{package}.{name}");
                let mark = Mark {
                    kind,
                    name: full[1..].to_owned(),
                    file: file.proto.name().to_owned(),
                    package: Some([told.clone(), package.to_owned()]),
                    ..Mark::default()
                };
                suspects.mark_with_values(&file.proto, &full, mark);
            }
        }
    }

    /// What users of this Rust module are told of its packages.
    pub(super) fn sentence(&self, modules: &[String]) -> Option<String> {
        let packages = self.packages.get(modules)?.iter().map(|package| format!("`{package}`")).collect::<Vec<_>>();
        Some(format!("packages {} are one module in Rust", packages.join(" and ")))
    }
}

/// How the last part of each package around a package is told, by the modules that it becomes.
type Spellings<'a> = BTreeMap<Vec<String>, &'a str>;

/// One spelling for each module: that of the module if a package has it, which buffa needs no option for.
fn spellings<'a>(packages: &BTreeSet<&'a str>) -> Spellings<'a> {
    let mut spellings = Spellings::new();
    for package in packages {
        let mut modules = Vec::new();
        for part in package.split('.').filter(|part| !part.is_empty()) {
            modules.extend(rust_modules(part));
            let is_module = |part: &str| modules.last().is_some_and(|module| module.trim_start_matches("r#") == part);
            let known = spellings.entry(modules.clone()).or_insert(part);
            if !is_module(known) && is_module(part) {
                *known = part;
            }
        }
    }
    spellings
}

fn spelled(package: &str, spellings: &Spellings<'_>) -> String {
    let mut modules = Vec::new();
    let part = |part: &str| {
        modules.extend(rust_modules(part));
        spellings.get(&modules).copied().unwrap_or(part).to_owned()
    };
    package.split('.').map(part).collect::<Vec<_>>().join(".")
}

/// What stands in the package of a file itself: kinds and names.
fn declared(file: &FileDescriptorProto) -> impl Iterator<Item = (&'static str, &str)> {
    let messages = file.message_type.iter().map(|message| ("message", message.name()));
    let enums = file.enum_type.iter().map(|declared| ("enum", declared.name()));
    let services = file.service.iter().map(|service| ("service", service.name()));
    let extensions = file.extension.iter().map(|extension| ("extension", extension.name()));
    messages.chain(enums).chain(services).chain(extensions)
}
