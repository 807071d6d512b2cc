//! The option `extern_path`, which tells a generator the crate of each module's types.
//!
//! An entry for a package is short but greedy: `.google.api` also covers `.google.api.expr.v1`, and a type that an
//! entry covers is silently not generated. So a package gets an entry only where it can cover nothing else; otherwise
//! every type gets its own.

use std::collections::{BTreeMap, BTreeSet};

use crate::generate::error::GenerateError;
use crate::generate::generator::ExternPathStyle;
use crate::model::{
    Declared, DescriptorFile, DescriptorSet, FileOrigin, ModuleName, NumberedName, WELL_KNOWN_PACKAGE, declared_types,
    is_well_known_package, rust_module, rust_modules, rust_type,
};

/// The crate that holds the types of a module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExternCrate {
    /// The module.
    pub module: ModuleName,
    /// The crate's name in Rust code, with underscores.
    pub lib_name: String,
    /// The numbered names in the crate. If they are not known, those that the imported files give are taken for them.
    pub numbered: Option<Vec<NumberedName>>,
}

/// The files of each package by the module that they belong to.
type Packages<'a> = BTreeMap<&'a str, BTreeMap<&'a ModuleName, Vec<&'a DescriptorFile>>>;

/// One option, and the package of its types.
#[derive(Debug)]
pub(in crate::generate) struct Entry {
    pub package: String,
    pub option: String,
    /// Whether it leads to the whole package, not to one of its types.
    pub whole: bool,
}

/// The options that lead from the code of `module` to `externs`.
pub(in crate::generate) fn entries(
    style: ExternPathStyle,
    descriptors: &DescriptorSet,
    module: &ModuleName,
    externs: &[ExternCrate],
) -> Result<Vec<Entry>, GenerateError> {
    let crates: BTreeMap<&ModuleName, &str> = externs.iter().map(|e| (&e.module, e.lib_name.as_str())).collect();
    let packages = packages(style, descriptors);
    let own: BTreeSet<&str> = descriptors.packages_of(module);
    let mut entries = Vec::new();
    for (package, modules) in &packages {
        let split = modules.len() > 1;
        let entry = |option, whole| Entry { package: (*package).to_owned(), option, whole };
        for (holder, files) in modules {
            if !style.is_stubs() && *holder == module {
                entries.extend(own_entry(style, package).map(|option| entry(option, true)));
                continue;
            }
            let mut types: Vec<_> = files.iter().flat_map(|file| declared_types(&file.proto)).collect();
            if style.is_buffa() {
                // buffa derives the paths of nested types from their message.
                types.retain(|declared| declared.parents.is_empty());
            }
            if types.is_empty() {
                continue;
            }
            let lib = crates.get(holder).ok_or_else(|| GenerateError::NoCrate((*holder).clone()))?;
            let whole = !package.is_empty()
                && !is_well_known_package(package)
                && !split
                && may_cover(style, package, lib, &own);
            let alone = !style.is_buffa() || is_alone(package, holder, &packages);
            if whole && alone {
                entries.push(entry(package_entry(style, package, lib), true));
            } else {
                entries.extend(types.iter().map(|declared| entry(type_entry(style, package, declared, lib), false)));
            }
        }
    }
    if style.is_buffa() && own.contains(WELL_KNOWN_PACKAGE) {
        entries.extend(runtime_entries(descriptors, module));
    }
    Ok(entries)
}

fn packages(style: ExternPathStyle, descriptors: &DescriptorSet) -> Packages<'_> {
    let mut packages = Packages::new();
    for file in &descriptors.files {
        let package = file.proto.package();
        // buffa's runtime is asked for no more than it has.
        let is_in_runtime = is_well_known_package(package) && !style.is_buffa();
        if let (FileOrigin::Module(module), false) = (&file.origin, is_in_runtime) {
            packages.entry(package).or_default().entry(module).or_default().push(file);
        }
    }
    packages
}

/// Entries for the well-known types that a module does not have itself, where it has some: then buffa takes none of them
/// from its runtime unasked.
fn runtime_entries(descriptors: &DescriptorSet, module: &ModuleName) -> Vec<Entry> {
    let mut entries = Vec::new();
    for file in
        descriptors.files.iter().filter(|file| is_well_known_package(file.proto.package()) && !file.is_of(module))
    {
        let home = match file.proto.name() {
            "google/protobuf/descriptor.proto" => "buffa_descriptor::generated::descriptor",
            "google/protobuf/compiler/plugin.proto" => "buffa_descriptor::generated::compiler",
            _ => "buffa_types::google::protobuf",
        };
        let package = file.proto.package();
        let types = declared_types(&file.proto).into_iter().filter(|declared| declared.parents.is_empty());
        entries.extend(types.map(|declared| Entry {
            package: package.to_owned(),
            whole: false,
            option: format!("extern_path={}=::{home}::{}", declared.full_name(package), declared.name),
        }));
    }
    entries
}

/// Whether an entry for the whole of another module's `package` leads nothing astray. Stubs look up the longest
/// entry, and their own packages all have one, so there nothing can go wrong.
fn may_cover(style: ExternPathStyle, package: &str, lib: &str, own: &BTreeSet<&str>) -> bool {
    let below = || {
        let inside = format!("{package}.");
        own.contains(package) || own.range(&*inside..).next().is_some_and(|name| name.starts_with(&inside))
    };
    // prost writes the crate's name as a module's once more, which changes some: `a__b` becomes `a_b`.
    let survives = rust_module(lib) == lib;
    match style {
        ExternPathStyle::Stubs | ExternPathStyle::BuffaStubs => true,
        ExternPathStyle::Messages => survives && !below(),
        ExternPathStyle::BuffaMessages => !below(),
        ExternPathStyle::Types => false,
    }
}

/// Whether no other module has a package below `package`. buffa gives a message's module another name where a
/// package has that name, and it would see packages here that it did not see where the message was made.
fn is_alone(package: &str, holder: &ModuleName, packages: &Packages<'_>) -> bool {
    let inside = format!("{package}.");
    let mut below = packages.range(&*inside..).take_while(|(name, _)| name.starts_with(&inside));
    below.all(|(_, modules)| modules.keys().all(|module| *module == holder))
}

/// An entry for an own package whose Rust modules have other names than buffa would write, because buffa uses the names
/// of packages unchanged, even `V2` and `self`; or of well-known types, which it would take from its runtime.
fn own_entry(style: ExternPathStyle, package: &str) -> Option<String> {
    let path = unescaped(package);
    let is_expected = path == package.replace('.', "::") && package != WELL_KNOWN_PACKAGE;
    let is_told = style == ExternPathStyle::BuffaMessages && !is_expected;
    is_told.then(|| format!("extern_path=.{package}=crate::{path}"))
}

/// The Rust modules of a package with keywords as they are.
fn unescaped(package: &str) -> String {
    let modules = rust_modules(package);
    modules.iter().map(|module| module.strip_prefix("r#").unwrap_or(module)).collect::<Vec<_>>().join("::")
}

fn package_entry(style: ExternPathStyle, package: &str, lib: &str) -> String {
    let path = match style {
        ExternPathStyle::Messages => package.replace('.', "::"),
        ExternPathStyle::Stubs | ExternPathStyle::Types => rust_modules(package).join("::"),
        ExternPathStyle::BuffaMessages | ExternPathStyle::BuffaStubs => unescaped(package),
    };
    format!("extern_path=.{package}=::{lib}::{path}")
}

fn type_entry(style: ExternPathStyle, package: &str, declared: &Declared<'_>, lib: &str) -> String {
    if style.is_buffa() {
        let path: String = [lib, &unescaped(package), declared.name].join("::").replace("::::", "::");
        return format!("extern_path={}=::{path}", declared.full_name(package));
    }
    let mut path = rust_modules(package);
    path.extend(declared.parents.iter().map(|parent| rust_module(parent)));
    path.push(rust_type(declared.name));
    format!("extern_path={}=::{lib}::{}", declared.full_name(package), path.join("::"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::testing::{module, set};

    fn options(
        style: ExternPathStyle,
        descriptors: &DescriptorSet,
        module: &ModuleName,
        externs: &[ExternCrate],
    ) -> Result<Vec<String>, GenerateError> {
        let found = super::entries(style, descriptors, module, externs)?;
        Ok(found.into_iter().map(|entry| entry.option).collect())
    }

    fn entries(style: ExternPathStyle, own: &str, files: &[(&str, &str, &str)]) -> Vec<String> {
        let crates = ["acme/app", "acme/lib", "acme/more"].map(|name| ExternCrate {
            module: module(name),
            lib_name: name.replace('/', "_"),
            numbered: None,
        });
        let found = options(style, &set(files), &module(own), &crates).unwrap();
        found.iter().map(|option| option.replace("extern_path=", "")).collect()
    }

    const TYPES: (&str, &str, &str) = (
        "acme/lib",
        "lib.proto",
        "package lib.type; message Money { enum Kind { A = 0; } map<string, string> m = 1; }",
    );

    #[test]
    fn each_plugin_has_its_own_spelling() {
        let files = [TYPES, ("acme/app", "app.proto", "package app.self; message A {}")];
        assert_eq!(entries(ExternPathStyle::Messages, "acme/app", &files), [".lib.type=::acme_lib::lib::type"]);
        assert_eq!(
            entries(ExternPathStyle::Stubs, "acme/app", &files),
            [".app.self=::acme_app::app::self_", ".lib.type=::acme_lib::lib::r#type"]
        );
    }

    #[test]
    fn buffa_writes_modules_without_escapes_and_types_as_they_are() {
        let odd = ("acme/lib", "odd.proto", "package Lib.V2; message type_x { message Y {} }");
        let files = [TYPES, odd, ("acme/app", "app.proto", "package app.self; message A {}")];
        assert_eq!(
            entries(ExternPathStyle::BuffaMessages, "acme/app", &files),
            [".Lib.V2=::acme_lib::lib::v2", ".app.self=crate::app::self_", ".lib.type=::acme_lib::lib::type"]
        );
        assert_eq!(
            entries(ExternPathStyle::BuffaStubs, "acme/app", &files),
            [".Lib.V2=::acme_lib::lib::v2", ".app.self=::acme_app::app::self_", ".lib.type=::acme_lib::lib::type"]
        );
        let below = [odd, ("acme/more", "m.proto", "package Lib.V2.x; message B {}")];
        assert_eq!(
            entries(ExternPathStyle::BuffaMessages, "acme/app", &below),
            [".Lib.V2.type_x=::acme_lib::lib::v2::type_x", ".Lib.V2.x=::acme_more::lib::v2::x"]
        );
        let bare = [("acme/lib", "b.proto", "message B {}")];
        assert_eq!(entries(ExternPathStyle::BuffaMessages, "acme/app", &bare), [".B=::acme_lib::B"]);
    }

    #[test]
    fn two_generators_are_told_of_types_alone() {
        assert_eq!(
            entries(ExternPathStyle::Types, "acme/app", &[TYPES]),
            [
                ".lib.type.Money=::acme_lib::lib::r#type::Money",
                ".lib.type.Money.Kind=::acme_lib::lib::r#type::money::Kind"
            ]
        );
    }

    #[test]
    fn a_package_around_an_own_one_is_told_type_by_type() {
        let files = [TYPES, ("acme/app", "app.proto", "package lib.type.v1; message A {}")];
        assert_eq!(
            entries(ExternPathStyle::Messages, "acme/app", &files),
            [
                ".lib.type.Money=::acme_lib::lib::r#type::Money",
                ".lib.type.Money.Kind=::acme_lib::lib::r#type::money::Kind"
            ]
        );
    }

    #[test]
    fn a_package_of_two_modules_is_told_type_by_type() {
        let files = [
            ("acme/lib", "a.proto", "package p; message A {}"),
            ("acme/more", "b.proto", "package p; message B {}"),
            ("acme/app", "c.proto", "package q; message C {}"),
        ];
        assert_eq!(
            entries(ExternPathStyle::Messages, "acme/app", &files),
            [".p.A=::acme_lib::p::A", ".p.B=::acme_more::p::B"]
        );
    }

    #[test]
    fn types_without_a_package_are_told_one_by_one() {
        let files = [("acme/lib", "a.proto", "message A {}"), ("acme/app", "b.proto", "message self {}")];
        assert_eq!(entries(ExternPathStyle::Messages, "acme/app", &files), [".A=::acme_lib::A"]);
        assert_eq!(
            entries(ExternPathStyle::Stubs, "acme/app", &files),
            [".self=::acme_app::Self_", ".A=::acme_lib::A"]
        );
    }

    #[test]
    fn a_crate_name_that_prost_would_change_is_told_type_by_type() {
        let crates = [ExternCrate { module: module("acme/lib"), lib_name: "acme__lib".into(), numbered: None }];
        let files = [("acme/lib", "a.proto", "package p; message A {}")];
        let found = options(ExternPathStyle::Messages, &set(&files), &module("acme/app"), &crates).unwrap();
        assert_eq!(found, ["extern_path=.p.A=::acme__lib::p::A"]);
    }

    #[test]
    fn well_known_types_of_a_module_leave_the_others_to_the_runtime() {
        let ours = (
            "acme/app",
            "google/protobuf/ours.proto",
            "package google.protobuf; import \"google/protobuf/duration.proto\"; message Ours { Duration d = 1; }",
        );
        let runtime = ".google.protobuf.Duration=::buffa_types::google::protobuf::Duration";
        assert_eq!(
            entries(ExternPathStyle::BuffaMessages, "acme/app", &[ours]),
            [".google.protobuf=crate::google::protobuf", runtime]
        );
        assert_eq!(
            entries(ExternPathStyle::BuffaStubs, "acme/app", &[ours]),
            [".google.protobuf.Ours=::acme_app::google::protobuf::Ours", runtime]
        );
        assert!(entries(ExternPathStyle::Messages, "acme/app", &[ours]).is_empty());
    }

    #[test]
    fn types_that_no_crate_holds_are_an_error() {
        let error = options(ExternPathStyle::Messages, &set(&[TYPES]), &module("acme/app"), &[]).unwrap_err();
        assert!(matches!(error, GenerateError::NoCrate(name) if name == module("acme/lib")));
    }
}
