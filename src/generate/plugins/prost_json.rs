//! `local/prost-serde`: the messages of the prost plugin, and in the same file the implementations of Protobuf's JSON.
//! The two published plugins make two sets of files that belong in one crate, because `serde`'s traits can only be
//! implemented in the crate of the types; this plugin merges them.

use std::collections::{BTreeMap, BTreeSet};

use prost::Message as _;
use prost_types::compiler::CodeGeneratorRequest;
use prost_types::compiler::code_generator_response::File;

use crate::generate::options::Options;
use crate::generate::request::plugin_request::PluginRequest;
use crate::model::{rust_module, rust_modules};

/// Answers a request.
pub(in crate::generate) fn execute(asked: &PluginRequest) -> Result<Vec<File>, String> {
    let mut files = super::neoeinstein::prost_0_5(asked)?;
    let request = CodeGeneratorRequest::decode(asked.encoded()).map_err(|e| e.to_string())?;
    let names: BTreeMap<Vec<String>, String> = files.iter().filter_map(modules_of).collect();
    let made = implementations(request, asked.options())?;
    for (modules, code) in made {
        let name = names.get(&modules).ok_or_else(|| format!("package {} has no messages", modules.join(".")))?;
        let insertion_point = Some("module".to_owned());
        files.push(File { name: Some(name.clone()), insertion_point, content: Some(code), ..File::default() });
    }
    Ok(files)
}

/// The Rust modules that a file stands for, and its name. Without `flat_output_dir` it stands in directories.
fn modules_of(file: &File) -> Option<(Vec<String>, String)> {
    let package = file.name().rsplit('/').next()?.strip_suffix(".rs")?;
    Some((rust_modules(package), file.name().to_owned()))
}

/// The code for each package, by its Rust modules.
fn implementations(request: CodeGeneratorRequest, options: &Options) -> Result<Vec<(Vec<String>, String)>, String> {
    let own: BTreeSet<&str> = request.file_to_generate.iter().map(String::as_str).collect();
    let mut packages = BTreeSet::new();
    let mut foreign = Vec::new();
    for file in &request.proto_file {
        if own.contains(file.name()) {
            packages.insert(format!(".{}", file.package()));
            continue;
        }
        let messages = file.message_type.iter().map(|message| message.name());
        let names = messages.chain(file.enum_type.iter().map(|declared| declared.name()));
        foreign.extend(names.map(|name| format!(".{}.{name}", file.package())));
    }
    // A package prefix covers the packages below and the parts of the package in other modules.
    foreign.retain(|name| packages.iter().any(|package| name.starts_with(package.as_str())));
    let mut builder = pbjson_build::Builder::new();
    builder.exclude(foreign);
    for option in options.iter() {
        match (option.name(), option.path(), option.value()) {
            ("extern_path", Some(proto), Some(rust)) => _ = builder.extern_path(proto, rust),
            ("btree_map", Some(path), _) => _ = builder.btree_map([path]),
            ("retain_enum_prefix", ..) if option.is_on() => _ = builder.retain_enum_prefix(),
            _ => {}
        }
    }
    request.proto_file.into_iter().for_each(|file| _ = builder.register_file_descriptor(file));
    let packages: Vec<_> = packages.into_iter().collect();
    let made = builder.generate(&packages, |_| Ok(Vec::new())).map_err(|e| e.to_string())?;
    let code = |(package, code): (_, Vec<u8>)| {
        let text = String::from_utf8(code).map_err(|e| e.to_string())?;
        // It writes packages as Rust modules with dots between them, and knows fewer keywords than prost.
        let modules = format!("{package}");
        let module = |name: &str| rust_module(name.strip_prefix("r#").unwrap_or(name));
        Ok((modules.split('.').map(module).collect(), text))
    };
    made.into_iter().map(code).collect()
}
