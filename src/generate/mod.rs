//! The plugin catalogue and the embedded plugins: descriptors become Rust files.
//!
//! [`generate()`] is the way for crates: it builds the request that `protoc` would send, with the options of the
//! catalogue and one `extern_path` per package of another module, and keeps the files of the module's own packages.
//! [`run()`] is the way for remote generation: it answers a client's request unchanged.

mod catalogue;
mod embedded;
mod error;
pub(crate) mod fuzzing;
mod generator;
mod memory;
mod options;
mod pieces;
mod plan;
mod plugins;
mod preflight;
mod renaming;
mod request;
mod response;
mod run;
mod run_on_thread;
pub(crate) mod rust_naming;

pub use catalogue::{Catalogue, CatalogueError, NotPublished, PublishedPlugin, UnknownPlugin};
pub use error::GenerateError;
pub use generator::{ExternPathStyle, Generator, GeneratorError};
pub use options::from_module_options::with_module_options;
pub use plan::{Bounds, Cost, Fingerprint, Plan};
pub use request::Request;
pub use request::extern_paths::ExternCrate;
pub use request::own_well_known::own_well_known;
pub use request::plugin_request::PluginRequest;
pub(crate) use request::source_retention::without_source_retention;
pub use run::{run, run_with};
pub use rust_naming::numbered_names;

use crate::model::{Generated, Plugin};
use embedded::find;
use memory::cost;
use request::chunk_request::encode_chunk;
use request::{foreign_request, partition, source_retention};
use response::own_files::keep_own_files;

/// Generates the code of one module, without bounds.
///
/// # Errors
/// When the plugin cannot make code of these sources, or types are used that no crate holds.
pub fn generate(plugin: &Plugin, request: &Request<'_>) -> Result<Generated, GenerateError> {
    let mut generated = Generated::default();
    for answer in Plan::new(plugin, request)?.run(&Bounds::none(), |_, answer| answer)? {
        generated.files.extend(answer.files);
    }
    generated.files.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(generated)
}

/// Generates the code of one module with an external generator, whose output `plugin` describes. It runs on the calling
/// thread, under its own limits.
///
/// # Errors
/// As [`generate()`].
pub fn generate_with(
    generator: &dyn Generator,
    plugin: &Plugin,
    request: &Request<'_>,
) -> Result<Generated, GenerateError> {
    preflight::check(plugin, generator.extern_path_style(), request)?;
    // Names without a form in Rust are refused; what an external generator makes of two of one name is its own choice.
    rust_naming::namesakes::namesakes(plugin.family, request.descriptors, request.module)?;
    let externs = request.extern_entries(plugin, generator)?;
    let options = options::Options::read_list(plugin, request.options)?.texts();
    let options: Vec<_> = options.iter().chain(externs.iter().map(|entry| &entry.option)).map(String::as_str).collect();
    let whole = partition::whole(request);
    let generated = run_with(generator, plugin, encode_chunk(generator, request, &whole, &options)?)?;
    keep_own_files(plugin, generator.extern_path_style(), request, &whole, generated)
}

/// Checks an encoded `CodeGeneratorRequest` of a client as our own requests: refuses one on which the plugin would
/// panic or never finish.
///
/// # Errors
/// When the request cannot be read, or the plugin cannot handle it.
pub fn check_request(plugin: &Plugin, request: &[u8]) -> Result<(), GenerateError> {
    let generator = find(plugin)?;
    foreign_request::check(plugin, generator, request)
}

/// The encoded `CodeGeneratorRequest` of another program without options of source retention, which plugins never see.
///
/// # Errors
/// When the request cannot be read.
pub fn without_source_options(plugin: &Plugin, request: Vec<u8>) -> Result<Vec<u8>, GenerateError> {
    source_retention::strip(request).map_err(|error| error::unreadable(plugin, error.to_string()))
}

/// The encoded `CodeGeneratorRequest` of another program with files that the plugin can read: prost knows no editions.
///
/// # Errors
/// When the request cannot be read, or says what the plugin cannot do with files of an edition.
pub fn with_lowered_editions(plugin: &Plugin, request: Vec<u8>) -> Result<Vec<u8>, GenerateError> {
    let generator = find(plugin)?;
    foreign_request::lower(plugin, generator, generator.field_types.is_some(), request)
}

/// The most bytes of memory that answering a `CodeGeneratorRequest` of another program takes.
///
/// # Errors
/// When the request cannot be read, or the plugin is not embedded.
pub fn request_cost(plugin: &Plugin, request: &[u8]) -> Result<u64, GenerateError> {
    let unreadable = |error: prost::DecodeError| error::unreadable(plugin, error.to_string());
    cost::request(&find(plugin)?.rates, request).map_err(unreadable)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::testing::{module, set};

    fn plugin(name: &str) -> Plugin {
        let reference = format!("community/neoeinstein-{name}").parse().unwrap();
        Catalogue::embedded().unwrap().find(&reference).unwrap().clone()
    }

    fn made(name: &str, files: &[(&str, &str, &str)]) -> Result<Generated, GenerateError> {
        let plugin = plugin(name);
        let externs = ["acme/app", "acme/lib"].map(|name| ExternCrate {
            module: module(name),
            lib_name: format!("{}_prost", name.replace('/', "_")),
            numbered: None,
        });
        let (descriptors, module) = (set(files), module("acme/app"));
        let options = &plugin.options;
        generate(&plugin, &Request { descriptors: &descriptors, module: &module, externs: &externs, options })
    }

    fn names(generated: &Generated) -> Vec<&str> {
        generated.files.iter().map(|file| file.name.as_str()).collect()
    }

    const LIB: (&str, &str, &str) = (
        "acme/lib",
        "lib.proto",
        "package lib.type; message Money {} service Bank { rpc Pay(Money) returns (Money); }",
    );
    const APP: (&str, &str, &str) = (
        "acme/app",
        "app.proto",
        "package app.v1; import \"lib.proto\"; message Cart { lib.type.Money sum = 1; }
         service Shop { rpc Buy(Cart) returns (lib.type.Money); }",
    );

    #[test]
    fn only_own_packages_are_made_and_others_are_referred_to() {
        let prost = made("prost", &[LIB, APP]).unwrap();
        assert_eq!(names(&prost), ["app.v1.rs"]);
        let text = &prost.files[0].content;
        assert!(text.contains("::acme_lib_prost::lib::r#type::Money>") && text.contains("FILE_DESCRIPTOR_SET"));
        let tonic = made("tonic", &[LIB, APP]).unwrap();
        assert_eq!(names(&tonic), ["app.v1.tonic.rs"]);
        let text = &tonic.files[0].content;
        assert!(
            text.contains("::acme_app_prost::app::v1::Cart") && text.contains("::acme_lib_prost::lib::r#type::Money")
        );
    }

    #[test]
    fn a_package_of_two_modules_keeps_its_own_types_only() {
        let lib =
            ("acme/lib", "lib.proto", "package p; message Money {} service Bank { rpc Pay(Money) returns (Money); }");
        let app = (
            "acme/app",
            "app.proto",
            "package p; import \"lib.proto\"; message Cart { Money sum = 1; } service Shop { rpc Buy(Cart) returns (Money); }",
        );
        let prost = made("prost", &[lib, app]).unwrap();
        assert!(
            prost.files[0].content.contains("pub struct Cart") && !prost.files[0].content.contains("pub struct Money")
        );
        let tonic = made("tonic", &[lib, app]).unwrap();
        assert!(tonic.files[0].content.contains("ShopClient") && !tonic.files[0].content.contains("BankClient"));
    }

    #[test]
    fn files_without_a_package_are_own_too() {
        let bare = ("acme/app", "a.proto", "message A {} service S { rpc R(A) returns (A); }");
        assert_eq!(names(&made("prost", &[bare]).unwrap()), ["_"]);
        assert_eq!(names(&made("tonic", &[bare]).unwrap()), [".tonic.rs"]);
    }

    #[test]
    fn a_plugins_own_message_reaches_the_user() {
        let mut plugin = plugin("prost");
        plugin.options = vec!["extern_path=.a=::b".into(), "extern_path=.a=::c".into()];
        let (descriptors, module) = (set(&[LIB]), module("acme/lib"));
        let request =
            Request { descriptors: &descriptors, module: &module, externs: &[], options: &plugin.options.clone() };
        let error = generate(&plugin, &request).unwrap_err();
        assert!(matches!(error, GenerateError::Refused { .. }), "{error}");
    }

    #[test]
    fn two_runs_give_the_same_bytes() {
        let many: Vec<_> = (0..12).map(|i| (format!("{i}.proto"), format!("package p{i}; message M {{}}"))).collect();
        let files: Vec<_> = many.iter().map(|(path, source)| ("acme/app", path.as_str(), source.as_str())).collect();
        assert_eq!(made("prost", &files).unwrap(), made("prost", &files).unwrap());
    }
}
