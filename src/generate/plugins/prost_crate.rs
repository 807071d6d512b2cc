//! `protoc-gen-prost-crate` 0.5.0: a file that includes those of the prost plugin as a tree of modules, and a feature
//! of cargo for every package. A reimplementation, because the published plugin opens a file that an option names.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use prost::Message as _;
use prost_types::compiler::CodeGeneratorRequest;
use prost_types::compiler::code_generator_response::File;
use protoc_gen_prost::ModuleRequestSet;

use crate::generate::options::Options;
use crate::generate::request::plugin_request::PluginRequest;

/// Answers a request.
pub(in crate::generate) fn execute(asked: &PluginRequest) -> Result<Vec<File>, String> {
    let raw = asked.encoded();
    let request = CodeGeneratorRequest::decode(raw).map_err(|e| e.to_string())?;
    let settings = Settings::of(asked.options())?;
    let (root, flat) = (settings.root_file, settings.flat);
    let modules = ModuleRequestSet::new(request.file_to_generate, request.proto_file, raw, root, flat)
        .map_err(|e| e.to_string())?;
    let mut files = vec![tree(&settings, &modules)?];
    if settings.features {
        files.extend(features(&settings, &modules));
    }
    Ok(files)
}

/// The settings from the options.
struct Settings<'a> {
    include_file: &'a str,
    root_file: Option<&'a str>,
    flat: bool,
    features: bool,
    /// Stands for the dots of a package in the name of its feature.
    separator: &'a str,
    /// The packages to include, with their subpackages; all if empty.
    only: Vec<&'a str>,
}

impl<'a> Settings<'a> {
    fn of(options: &'a Options) -> Result<Self, String> {
        let mut settings =
            Self { include_file: "mod.rs", root_file: None, flat: false, features: true, separator: "-", only: vec![] };
        for option in options.iter() {
            match (option.name(), option.path(), option.value()) {
                ("include_file", _, Some(name)) => settings.include_file = name,
                ("default_package_filename", _, name) => settings.root_file = name,
                ("flat_output_dir", ..) => settings.flat |= option.is_on(),
                ("no_features", ..) => settings.features &= !option.is_on(),
                ("package_separator", _, Some(separator @ ("-" | "+" | "_" | "."))) => settings.separator = separator,
                ("only_include", Some(path), _) => {
                    let package = path.strip_prefix('.');
                    settings.only.push(package.ok_or_else(|| format!("only_include={path} has no dot in front"))?);
                }
                _ => return Err(format!("invalid option {}", option.written())),
            }
        }
        Ok(settings)
    }

    fn includes(&self, package: &str) -> bool {
        let is_in =
            |only: &&str| package.strip_prefix(only).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
        self.only.is_empty() || self.only.iter().any(is_in)
    }

    fn feature(&self, package: &str) -> String {
        format!("\"{}\"", package.replace('.', self.separator))
    }

    /// The list of included packages.
    fn list<'p>(&self, packages: impl IntoIterator<Item = &'p str>) -> String {
        let included = packages.into_iter().filter(|package| self.includes(package));
        format!("[{}]", included.map(|package| self.feature(package)).collect::<Vec<_>>().join(","))
    }
}

/// A Rust module: the package that it stands for, with the file to be included, and the modules in it.
#[derive(Default)]
struct Tree<'a> {
    package: Option<(&'a str, String)>,
    modules: BTreeMap<&'a str, Tree<'a>>,
}

impl Tree<'_> {
    fn write(&self, indent: &str, into: &mut String) {
        if let Some((package, path)) = &self.package {
            let _ = writeln!(into, "{indent}include!(\"{path}\");\n{indent}// @@protoc_insertion_point({package})");
        }
        for (name, module) in &self.modules {
            if let Some((package, _)) = &module.package {
                let _ = writeln!(into, "{indent}// @@protoc_insertion_point(attribute:{package})");
            }
            let _ = writeln!(into, "{indent}pub mod {name} {{");
            module.write(&format!("{indent}    "), into);
            let _ = writeln!(into, "{indent}}}");
        }
    }
}

fn tree(settings: &Settings<'_>, modules: &ModuleRequestSet) -> Result<File, String> {
    let mut tree = Tree::default();
    for (module, request) in modules.requests() {
        let package = request.proto_package_name();
        let Some(path) = request.output_filepath().filter(|_| settings.includes(package)) else { continue };
        if package.is_empty() {
            return Err("a file has no package, so there is no module to include it in".to_owned());
        }
        let place = module.parts().fold(&mut tree, |tree, part| tree.modules.entry(part).or_default());
        place.package = Some((package, path));
    }
    let mut content = "// @generated\n".to_owned();
    tree.write("", &mut content);
    Ok(file(settings.include_file, None, content))
}

/// The features of a manifest, and the attributes that tie the modules to them.
fn features(settings: &Settings<'_>, modules: &ModuleRequestSet) -> Vec<File> {
    let packages = dependencies(modules);
    let mut manifest = String::new();
    if !packages.is_empty() {
        let all = settings.list(packages.keys().copied());
        let _ = writeln!(
            manifest,
            "# @@protoc_deletion_point(features)\n\
             # This section is automatically generated by protoc-gen-prost-crate.\n\
             # Changes in this area may be lost on regeneration.\n\
             proto_full = {all}"
        );
    }
    let mut files = Vec::new();
    for (package, needed) in packages.iter().filter(|(package, _)| settings.includes(package)) {
        let feature = settings.feature(package);
        let _ = writeln!(manifest, "{feature} = {}", settings.list(needed.iter().copied()));
        let attribute = format!("#[cfg(feature = {feature})]\n");
        files.push(file(settings.include_file, Some(format!("attribute:{package}")), attribute));
    }
    files.push(file("Cargo.toml", Some("features".to_owned()), manifest));
    files
}

/// The packages, each with the packages that its fields and RPCs refer to.
fn dependencies(modules: &ModuleRequestSet) -> BTreeMap<&str, BTreeSet<&str>> {
    let generated = modules.requests().filter(|(_, request)| request.output_filename().is_some());
    let names = generated.map(|(_, request)| request.proto_package_name()).filter(|package| !package.is_empty());
    let mut packages: BTreeMap<&str, BTreeSet<&str>> = names.map(|package| (package, BTreeSet::new())).collect();
    for file in modules.requests().flat_map(|(_, request)| request.files()) {
        let fields = file.message_type.iter().flat_map(|message| &message.field).map(|field| field.type_name());
        let calls = file.service.iter().flat_map(|service| &service.method);
        let types = fields.chain(calls.flat_map(|call| [call.input_type(), call.output_type()]));
        for name in types.filter_map(|name| name.strip_prefix('.')) {
            let holds = |package: &&str| name.strip_prefix(package).is_some_and(|rest| rest.starts_with('.'));
            // The last one is the innermost of nested packages.
            let holder = packages.keys().rev().copied().find(|package| *package != file.package() && holds(package));
            if let Some(holder) = holder {
                packages.entry(file.package()).or_default().insert(holder);
            }
        }
    }
    packages
}

fn file(name: &str, insertion_point: Option<String>, content: String) -> File {
    File { name: Some(name.to_owned()), insertion_point, content: Some(content), ..File::default() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generate::Catalogue;
    use crate::model::testing::set;

    fn request(parameter: &str, sources: &[(&str, &str)], generated: &[&str]) -> Vec<u8> {
        let files: Vec<_> = sources.iter().map(|(path, source)| ("acme/app", *path, *source)).collect();
        let head = CodeGeneratorRequest {
            file_to_generate: generated.iter().map(|name| (*name).to_owned()).collect(),
            parameter: Some(parameter.to_owned()),
            proto_file: set(&files).files.iter().map(|file| (*file.proto).clone()).collect(),
            ..CodeGeneratorRequest::default()
        };
        head.encode_to_vec()
    }

    const SOURCES: [(&str, &str); 5] = [
        ("lib.proto", "package lib.type; message Money {} message Other { Money m = 1; }"),
        ("a.proto", "package acme; import \"lib.proto\"; message A { lib.type.Money sum = 1; }"),
        ("b.proto", "package acme.pets.v1; import \"a.proto\"; message B { acme.A a = 1; B b = 2; }"),
        (
            "c.proto",
            "package acme.pets.v2; import \"b.proto\"; import \"lib.proto\"; message C {}
             service S { rpc R(C) returns (acme.pets.v1.B); rpc Q(lib.type.Money) returns (C); }",
        ),
        ("d.proto", "package zoo; message D {}"),
    ];

    #[test]
    fn it_makes_what_the_published_plugin_makes() {
        let catalogue = Catalogue::embedded().unwrap();
        let plugin = catalogue.find(&"community/neoeinstein-prost-crate".parse().unwrap()).unwrap();
        let all = ["lib.proto", "a.proto", "b.proto", "c.proto", "d.proto"];
        for options in [
            "",
            "no_features",
            "no_features=false,flat_output_dir=true",
            "include_file=src/lib.rs,package_separator=+",
            "only_include=.acme.pets,only_include=.zoo,package_separator=_",
            "default_package_filename=x,only_include=.lib",
            "only_include=.nothing",
            "package_separator=~",
            "only_include=acme",
        ] {
            for wanted in [&all[..], &all[1..], &all[3..4], &[]] {
                let encoded = request(options, &SOURCES, wanted);
                let theirs = protoc_gen_prost_crate::execute(&encoded).map_err(|_| ());
                let ours = PluginRequest::new(plugin, encoded).map_err(|_| ());
                let ours = ours.and_then(|request| execute(&request).map_err(|_| ()));
                assert_eq!(ours, theirs, "{options} {wanted:?}");
            }
        }
    }
}
