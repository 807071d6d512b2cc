//! `local/prost-serde`: the messages of the prost plugin, and in the same file the implementations of Protobuf's JSON.
//! The two published plugins make two sets of files that belong in one crate, because `serde`'s traits can only be
//! implemented in the crate of the types; this plugin merges them.

use std::collections::{BTreeMap, BTreeSet};

use prost::Message as _;
use prost_types::compiler::CodeGeneratorRequest;
use prost_types::compiler::code_generator_response::File;
use prost_types::{DescriptorProto, FileDescriptorProto};

use crate::generate::options::{Options, PluginOption};
use crate::generate::request::plugin_request::PluginRequest;
use crate::model::{is_well_known_package, rust_module, rust_modules};

/// Answers a request with the implementations of pbjson 0.8.
pub(in crate::generate) fn pbjson_0_8(asked: &PluginRequest) -> Result<Vec<File>, String> {
    execute::<pbjson_build_0_8::Builder>(asked)
}

/// Answers a request with the implementations of pbjson 0.9.
pub(in crate::generate) fn pbjson_0_9(asked: &PluginRequest) -> Result<Vec<File>, String> {
    execute::<pbjson_build::Builder>(asked)
}

/// What this plugin needs of a version of pbjson-build.
trait Builder: Default {
    fn exclude(&mut self, paths: Vec<String>);
    fn extern_path(&mut self, proto: String, rust: String);
    fn btree_map(&mut self, path: String);
    fn retain_enum_prefix(&mut self);
    fn register(&mut self, file: FileDescriptorProto);
    /// The code below each prefix, by the Rust modules as they are written.
    fn code(&mut self, prefixes: &[String]) -> std::io::Result<Vec<(String, Vec<u8>)>>;
}

macro_rules! builder {
    ($pbjson:ident) => {
        impl Builder for $pbjson::Builder {
            fn exclude(&mut self, paths: Vec<String>) {
                self.exclude(paths);
            }

            fn extern_path(&mut self, proto: String, rust: String) {
                self.extern_path(proto, rust);
            }

            fn btree_map(&mut self, path: String) {
                self.btree_map([path]);
            }

            fn retain_enum_prefix(&mut self) {
                self.retain_enum_prefix();
            }

            fn register(&mut self, file: FileDescriptorProto) {
                self.register_file_descriptor(file);
            }

            fn code(&mut self, prefixes: &[String]) -> std::io::Result<Vec<(String, Vec<u8>)>> {
                let made = self.generate(prefixes, |_| Ok(Vec::new()))?;
                Ok(made.into_iter().map(|(package, code)| (package.to_string(), code)).collect())
            }
        }
    };
}

builder!(pbjson_build_0_8);
builder!(pbjson_build);

fn execute<B: Builder>(asked: &PluginRequest) -> Result<Vec<File>, String> {
    let mut files = super::neoeinstein::prost_0_5(asked)?;
    let request = CodeGeneratorRequest::decode(asked.encoded()).map_err(|e| e.to_string())?;
    let root = asked.options().iter().find(|option| option.name() == "default_package_filename");
    let root = root.and_then(PluginOption::value).unwrap_or("_");
    let names: BTreeMap<Vec<String>, String> = files.iter().filter_map(|file| modules_of(file, root)).collect();
    let made = implementations::<B>(request, asked.encoded(), asked.options())?;
    for (modules, code) in made {
        let name = names.get(&modules).ok_or_else(|| format!("package {} has no messages", modules.join(".")))?;
        let insertion_point = Some("module".to_owned());
        files.push(File { name: Some(name.clone()), insertion_point, content: Some(code), ..File::default() });
    }
    Ok(files)
}

/// The Rust modules that a file stands for, and its name. Without `flat_output_dir` it stands in directories; what has
/// no package is in the file `root`.
fn modules_of(file: &File, root: &str) -> Option<(Vec<String>, String)> {
    let stem = file.name().rsplit('/').next()?;
    let modules = if stem == root { Vec::new() } else { rust_modules(stem.strip_suffix(".rs")?) };
    Some((modules, file.name().to_owned()))
}

/// The code for each package, by its Rust modules.
fn implementations<B: Builder>(
    mut request: CodeGeneratorRequest,
    encoded: &[u8],
    options: &Options,
) -> Result<Vec<(Vec<String>, String)>, String> {
    let nameless = Nameless::give_name(&mut request.proto_file, encoded);
    let own: BTreeSet<&str> = request.file_to_generate.iter().map(String::as_str).collect();
    let (ours, theirs): (Vec<_>, Vec<_>) = request.proto_file.iter().partition(|file| own.contains(file.name()));
    let packages: BTreeSet<&str> = ours.iter().map(|file| file.package()).collect();
    let Some(nameless) = nameless else {
        let prefixes: Vec<_> =
            packages.iter().filter(|package| !package.is_empty()).map(|package| format!(".{package}")).collect();
        return generate(&mut builder::<B>(&request, &theirs, options, None), &prefixes);
    };
    let mut made = Vec::new();
    for together in nameless.groups(&packages) {
        let mut builder = builder::<B>(&request, &theirs, options, Some(&nameless));
        nameless.refer(&mut builder, &together, &packages);
        let prefixes: Vec<_> = together.iter().map(|package| format!(".{package}")).collect();
        let wanted: BTreeSet<_> = together.iter().map(|package| rust_modules(package)).collect();
        // What was asked for are prefixes: packages below them are made as well.
        made.extend(generate(&mut builder, &prefixes)?.into_iter().filter(|(modules, _)| wanted.contains(modules)));
    }
    let prefix = format!("{}.", nameless.package);
    let restore = |(modules, code): (Vec<String>, String)| {
        (if modules == rust_modules(&nameless.package) { Vec::new() } else { modules }, code.replace(&prefix, ""))
    };
    Ok(made.into_iter().map(restore).collect())
}

fn builder<B: Builder>(
    request: &CodeGeneratorRequest,
    theirs: &[&FileDescriptorProto],
    options: &Options,
    nameless: Option<&Nameless>,
) -> B {
    let mut builder = B::default();
    // Of `google.protobuf`, the runtime has whatever there is.
    let of_runtime = request.proto_file.iter().filter(|file| is_well_known_package(file.package()));
    let foreign = theirs.iter().copied().chain(of_runtime).flat_map(|file| {
        let messages = file.message_type.iter().map(|message| message.name());
        let names = messages.chain(file.enum_type.iter().map(|declared| declared.name()));
        names.map(|name| format!(".{}.{name}", file.package()))
    });
    // A package's prefix covers the packages below and the parts of the package in other modules.
    builder.exclude(foreign.collect());
    for option in options.iter() {
        let path = option.path().map(|path| nameless.map_or(path.to_owned(), |nameless| nameless.full_name(path)));
        match (option.name(), path, option.value()) {
            ("extern_path", Some(proto), Some(rust)) => builder.extern_path(proto, rust.to_owned()),
            ("btree_map", Some(path), _) => builder.btree_map(path),
            ("retain_enum_prefix", ..) if option.is_on() => builder.retain_enum_prefix(),
            _ => {}
        }
    }
    request.proto_file.iter().for_each(|file| builder.register(file.clone()));
    builder
}

fn generate(builder: &mut impl Builder, prefixes: &[String]) -> Result<Vec<(Vec<String>, String)>, String> {
    let made = builder.code(prefixes).map_err(|e| e.to_string())?;
    let code = |(modules, code): (String, Vec<u8>)| {
        let text = String::from_utf8(code).map_err(|e| e.to_string())?;
        // It writes packages as Rust modules with dots between them, and knows fewer keywords than prost.
        let module = |name: &str| rust_module(name.strip_prefix("r#").unwrap_or(name));
        Ok((modules.split('.').map(module).collect(), text))
    };
    made.into_iter().map(code).collect()
}

/// Files without a package. pbjson-build knows none, so they get one while code is generated.
struct Nameless {
    package: String,
    /// What they declare, without what is inside.
    types: BTreeSet<String>,
}

impl Nameless {
    /// Gives the files without a package one; nothing if all have one. No text of the request holds its name.
    fn give_name(files: &mut [FileDescriptorProto], encoded: &[u8]) -> Option<Self> {
        let bare = |file: &&FileDescriptorProto| file.package().is_empty();
        let messages = files.iter().filter(bare).flat_map(|file| file.message_type.iter().map(|of| of.name().into()));
        let enums = files.iter().filter(bare).flat_map(|file| file.enum_type.iter().map(|of| of.name().into()));
        let types: BTreeSet<String> = messages.chain(enums).collect();
        if types.is_empty() {
            // What they hold beside types has no JSON, but pbjson-build wants a package of every file.
            files.iter_mut().filter(|file| file.package.is_none()).for_each(|file| file.package = Some(String::new()));
            return None;
        }
        let is_free = |name: &String| !encoded.windows(name.len()).any(|window| window == name.as_bytes());
        let nameless = Self { package: (0..).map(|n| format!("nameless{n}")).find(is_free)?, types };
        for file in files {
            if file.package().is_empty() {
                file.package = Some(nameless.package.clone());
            }
            file.message_type.iter_mut().for_each(|message| nameless.rename_fields(message));
        }
        Some(nameless)
    }

    fn rename_fields(&self, message: &mut DescriptorProto) {
        for name in message.field.iter_mut().filter_map(|field| field.type_name.as_mut()) {
            *name = self.full_name(name);
        }
        message.nested_type.iter_mut().for_each(|nested| self.rename_fields(nested));
    }

    /// `.Type.Nested` with the package, if it is in these files.
    fn full_name(&self, name: &str) -> String {
        let first = name.trim_start_matches('.').split('.').next().unwrap_or_default();
        if self.types.contains(first) { format!(".{}{name}", self.package) } else { name.to_owned() }
    }

    /// The packages whose code refers to these types by the same path: those without a package, and those as deep as one
    /// another.
    fn groups<'a>(&self, packages: &BTreeSet<&'a str>) -> Vec<Vec<&'a str>> {
        let mut groups: BTreeMap<usize, Vec<&str>> = BTreeMap::new();
        for package in packages {
            let depth = if *package == self.package { 0 } else { rust_modules(package).len() };
            groups.entry(depth).or_default().push(package);
        }
        groups.into_values().collect()
    }

    /// Says how the code of the packages `from` refers to others: their modules are around these types, not beside them.
    fn refer(&self, builder: &mut impl Builder, from: &[&str], packages: &BTreeSet<&str>) {
        if from == [self.package.as_str()] {
            for package in packages.iter().filter(|package| !from.contains(package)) {
                builder.extern_path(format!(".{package}"), rust_modules(package).join("::"));
            }
        } else if let Some(package) = from.first() {
            let up = vec!["super"; rust_modules(package).len()].join("::");
            builder.extern_path(format!(".{}", self.package), up);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use prost::Message as _;
    use prost_types::compiler::CodeGeneratorRequest;

    use crate::generate::{Catalogue, run};
    use crate::model::testing::set;

    #[test]
    fn files_without_a_package_and_without_types_are_no_trouble() {
        let types = "syntax = \"proto2\"; package p; message M { extensions 1 to 9; }";
        let extension = "syntax = \"proto2\"; import \"a.proto\"; extend p.M { optional int32 x = 1; }";
        for files in
            [&[("acme/app", "a.proto", types), ("acme/app", "b.proto", extension)][..], &[("acme/app", "c.proto", "")]]
        {
            let request = CodeGeneratorRequest {
                file_to_generate: files.iter().map(|(_, path, _)| (*path).to_owned()).collect(),
                proto_file: set(files).files.iter().map(|file| (*file.proto).clone()).collect(),
                ..CodeGeneratorRequest::default()
            };
            let plugin = Catalogue::embedded().unwrap().find(&"local/prost-serde".parse().unwrap()).unwrap().clone();
            let made = run(&plugin, request.encode_to_vec(), None, Arc::new(())).unwrap();
            assert_eq!(made.insertions.iter().filter(|text| text.content.contains("for M {")).count(), files.len() / 2);
        }
    }

    #[test]
    fn files_without_a_package_refer_to_others_and_others_to_them() {
        let outside = "syntax = \"proto3\"; import \"b.proto\"; message Plain { a.v1.Holder held = 1; Inner.Deep d = 2; \
                       message Inner { message Deep { Kind kind = 1; } } } enum Kind { KIND_NO = 0; }";
        let packaged = "syntax = \"proto3\"; package a.v1; import \"c.proto\"; message Holder { .Plain2 plain = 1; }";
        let inner = "syntax = \"proto3\"; message Plain2 { Shade shade = 1; } enum Shade { SHADE_NO = 0; }";
        let files =
            [("acme/app", "c.proto", inner), ("acme/app", "b.proto", packaged), ("acme/app", "a.proto", outside)];
        let request = CodeGeneratorRequest {
            file_to_generate: files.iter().map(|(_, path, _)| (*path).to_owned()).collect(),
            proto_file: set(&files).files.iter().map(|file| (*file.proto).clone()).collect(),
            ..CodeGeneratorRequest::default()
        };
        let plugin = Catalogue::embedded().unwrap().find(&"local/prost-serde".parse().unwrap()).unwrap().clone();
        let made = run(&plugin, request.encode_to_vec(), None, Arc::new(())).unwrap();
        let inserted = |name: &str| -> String {
            made.insertions.iter().filter(|text| text.name.ends_with(name)).map(|text| text.content.as_str()).collect()
        };
        assert_eq!(made.files.keys().collect::<Vec<_>>(), ["_", "a/v1/a.v1.rs"]);
        assert!(made.files["_"].contains("a::v1::Holder"), "{}", made.files["_"]);
        assert!(inserted("_").contains("impl serde::Serialize for plain::inner::Deep"));
        assert!(inserted("_").contains("serialize_struct(\"Plain.Inner.Deep\""));
        assert!(made.files["a/v1/a.v1.rs"].contains("super::super::Plain2"), "{}", made.files["a/v1/a.v1.rs"]);
        assert!(made.insertions.iter().all(|text| !text.content.contains("nameless")));
    }
}
