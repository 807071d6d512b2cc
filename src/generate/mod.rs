//! The plugin catalogue and the embedded plugins: descriptors become Rust files.
//!
//! [`generate()`] is the way for crates: it builds the request that `protoc` would send, with the options of the
//! catalogue and one `extern_path` per package of another module, and keeps the files of the module's own
//! packages. [`run`] is the way for remote generation: somebody else's request, answered as it is.

mod catalogue;
mod chunks;
mod cost;
mod descriptor_sets;
mod error;
mod externs;
mod fields;
pub(crate) mod fuzzing;
mod generator;
mod isolate;
mod options;
mod outside;
mod plan;
mod plugin_request;
mod plugins;
mod preflight;
mod request;
mod response;
mod retention;
mod size;
mod wishes;

use std::any::Any;
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

pub use catalogue::{Catalogue, CatalogueError, UnknownPlugin};
pub use error::GenerateError;
pub use externs::ExternCrate;
pub use generator::{Generator, NoAnswer, Spelling, Taken};
pub use plan::{Bounds, Cost, Fingerprint, Plan};
pub use plugin_request::PluginRequest;
pub use wishes::with_wishes;

use prost_types::compiler::code_generator_response::File;

use crate::model::{DescriptorFile, DescriptorSet, Generated, ModuleName, Plugin, declared_types, rust_modules};
use chunks::Chunk;
use generator::Embedded;
use isolate::Failure;

/// What a plugin is asked to do.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// The module's files and all that they import, dependencies first.
    pub descriptors: &'a DescriptorSet,
    /// The module whose code is wanted.
    pub module: &'a ModuleName,
    /// Where the types of other modules are; for stubs also those of the module itself.
    pub externs: &'a [ExternCrate],
    /// Options as after `--name_opt=`, one each; usually those of the catalogue.
    pub options: &'a [String],
}

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

/// Generates the code of one module with a generator that is not embedded: `plugin` describes what it makes. It is
/// called on the calling thread, so its limits are its own.
///
/// # Errors
/// As [`generate()`].
pub fn generate_with(
    generator: &dyn Generator,
    plugin: &Plugin,
    request: &Request<'_>,
) -> Result<Generated, GenerateError> {
    check_before(generator, request)?;
    let externs = externs::entries(generator.spelling(), request.descriptors, request.module, request.externs)?;
    let options = options::Options::read_list(plugin, request.options)?.texts();
    let options: Vec<_> = options.iter().chain(externs.iter().map(|entry| &entry.option)).map(String::as_str).collect();
    let whole = chunks::whole(request);
    let generated = run_with(generator, plugin, encode(generator, request, &whole, &options)?)?;
    finish(plugin, generator.spelling(), request, &whole, generated)
}

/// Runs a generator that is not embedded on an encoded `CodeGeneratorRequest`, as [`run`] does with embedded ones.
///
/// # Errors
/// When an option is not right, or the generator refuses or breaks down.
pub fn run_with(generator: &dyn Generator, plugin: &Plugin, request: Vec<u8>) -> Result<Generated, GenerateError> {
    let files = generator.generate(&PluginRequest::new(plugin, request)?).map_err(|why| no_answer(plugin, why))?;
    merged(plugin, files)
}

fn no_answer(plugin: &Plugin, why: NoAnswer) -> GenerateError {
    match why {
        NoAnswer::Refused(message) => GenerateError::Refused { plugin: plugin.reference(), message },
        NoAnswer::Failed(message) => GenerateError::Panicked { plugin: plugin.reference(), message },
        NoAnswer::NotStarted(why) => {
            GenerateError::NotStarted { plugin: plugin.reference(), source: std::io::Error::other(why) }
        }
    }
}

/// Refuses what the generator would break down on, or make code of that does not compile.
fn check_before(generator: &dyn Generator, request: &Request<'_>) -> Result<(), GenerateError> {
    preflight::check_names(generator.taken(), request)?;
    preflight::check(generator.spelling(), request)
}

/// Refuses an encoded `CodeGeneratorRequest` from outside that the plugin would break down on, or never finish: what
/// is checked of our own requests is checked of others', too.
///
/// # Errors
/// When the request cannot be read, or names what the plugin cannot do.
pub fn check_request(plugin: &Plugin, request: &[u8]) -> Result<(), GenerateError> {
    let generator = find(plugin)?;
    outside::check(plugin, generator, request)
}

/// An encoded `CodeGeneratorRequest` from outside as plugins are to see it: without the options that are for the
/// source alone.
///
/// # Errors
/// When the request cannot be read.
pub fn without_source_options(plugin: &Plugin, request: Vec<u8>) -> Result<Vec<u8>, GenerateError> {
    retention::strip(request).map_err(|error| outside::unreadable(plugin, error.to_string()))
}

/// Keeps the files of own packages, and sees to it that none is missing.
fn finish(
    plugin: &Plugin,
    spelling: Spelling,
    request: &Request<'_>,
    chunk: &Chunk<'_>,
    mut generated: Generated,
) -> Result<Generated, GenerateError> {
    if let Some(insertion) = generated.insertions.first() {
        let reason = format!("it inserts into file {:?}, which is not there", insertion.name);
        return Err(GenerateError::Response { plugin: plugin.reference(), reason });
    }
    let own = own_modules(request);
    generated.files.retain(|file| own.contains(&file_modules(plugin, &file.name)));
    if !spelling.is_stubs() {
        check_complete(plugin, request, chunk, &generated)?;
    }
    Ok(generated)
}

fn merged(plugin: &Plugin, files: Vec<File>) -> Result<Generated, GenerateError> {
    response::merge(files).map_err(|reason| GenerateError::Response { plugin: plugin.reference(), reason })
}

/// Runs a plugin on an encoded `CodeGeneratorRequest` and returns all that it makes, text for other plugins' files
/// too. A plugin that does not answer within `limit` is given up, and goes on until it ends by itself: `held` is
/// dropped then.
///
/// # Errors
/// When an option is not right, or the plugin refuses, breaks down, or has not answered after `limit`.
pub fn run(
    plugin: &Plugin,
    request: Vec<u8>,
    limit: Option<Duration>,
    held: Arc<dyn Any + Send + Sync>,
) -> Result<Generated, GenerateError> {
    let generator = find(plugin)?;
    let request = PluginRequest::new(plugin, request)?;
    let name = || plugin.reference();
    let work = move || {
        let answer = generator.generate(&request);
        drop((request, held));
        answer
    };
    let answer = isolate::run(limit, work).map_err(|failure| match failure {
        Failure::Panicked(message) => GenerateError::Panicked { plugin: name(), message },
        Failure::TimedOut => GenerateError::TimedOut { plugin: name(), limit: limit.unwrap_or_default() },
        Failure::NoThread(source) => GenerateError::NotStarted { plugin: name(), source },
    })?;
    merged(plugin, answer.map_err(|why| no_answer(plugin, why))?)
}

/// What answering an encoded `CodeGeneratorRequest` from outside takes in memory, in bytes, at most.
///
/// # Errors
/// When the request cannot be read, or the plugin is not embedded.
pub fn request_cost(plugin: &Plugin, request: &[u8]) -> Result<u64, GenerateError> {
    let unreadable = |error: prost::DecodeError| outside::unreadable(plugin, error.to_string());
    cost::request(&find(plugin)?.rates, request).map_err(unreadable)
}

fn find(plugin: &Plugin) -> Result<&'static Embedded, GenerateError> {
    generator::embedded(&plugin.generator)
        .ok_or_else(|| GenerateError::NoGenerator { plugin: plugin.reference(), generator: plugin.generator.clone() })
}

/// The request for the files of `chunk`.
fn encode(
    generator: &dyn Generator,
    request: &Request<'_>,
    chunk: &Chunk<'_>,
    options: &[&str],
) -> Result<Vec<u8>, GenerateError> {
    let own = request.descriptors.of_module(request.module).map(|file| file.proto.name());
    let names: Vec<_> = own.filter(|name| chunk.contains(name)).collect();
    let shown = |file| shown_to(generator, chunk, file);
    let files = request.descriptors.files.iter().map(shown).collect::<Result<Vec<_>, _>>()?;
    Ok(request::encode(&names, options, &files))
}

/// A file as the generator is to see it.
fn shown_to<'a>(
    generator: &dyn Generator,
    chunk: &Chunk<'_>,
    file: &'a DescriptorFile,
) -> Result<Cow<'a, [u8]>, GenerateError> {
    // A generator of stubs makes them for every file that it is shown.
    let left_out = match (generator.splits(), generator.spelling().is_stubs()) {
        (true, true) => &[request::SOURCE_CODE_INFO, request::SERVICE][..],
        (true, false) => &[request::SOURCE_CODE_INFO],
        (false, true) => &[request::SERVICE],
        (false, false) => &[],
    };
    if left_out.is_empty() || chunk.contains(file.proto.name()) {
        return Ok(Cow::Borrowed(&file.encoded));
    }
    request::without(&file.encoded, left_out)
        .map(Cow::Owned)
        .map_err(|e| GenerateError::Descriptor { file: file.proto.name().into(), reason: e.to_string() })
}

/// The Rust modules of the module's own packages.
fn own_modules(request: &Request<'_>) -> BTreeSet<Vec<String>> {
    request.descriptors.packages_of(request.module).into_iter().map(rust_modules).collect()
}

/// The Rust modules of the package that a file was made for. Its name is the package's, with the plugin's own
/// ending; files without a package have a name that no package has.
fn file_modules(plugin: &Plugin, name: &str) -> Vec<String> {
    let stem = name.strip_suffix(".rs").unwrap_or(name);
    let ending = plugin.submodule.as_ref().map(|submodule| format!(".{submodule}")).unwrap_or_default();
    let package = stem.strip_suffix(&ending).unwrap_or(stem);
    if package == plugin.root_file() { Vec::new() } else { rust_modules(package) }
}

/// Every package that declares types must have a file, or its users would miss them without a word.
fn check_complete(
    plugin: &Plugin,
    request: &Request<'_>,
    chunk: &Chunk<'_>,
    generated: &Generated,
) -> Result<(), GenerateError> {
    let made: BTreeSet<_> = generated.files.iter().map(|file| file_modules(plugin, &file.name)).collect();
    let declares =
        |file: &&DescriptorFile| chunk.contains(file.proto.name()) && !declared_types(&file.proto).is_empty();
    let mut files = request.descriptors.of_module(request.module).filter(declares);
    let lost = files.find(|file| !made.contains(&rust_modules(file.proto.package())));
    match lost {
        Some(file) => Err(GenerateError::Lost { plugin: plugin.reference(), package: file.proto.package().into() }),
        None => Ok(()),
    }
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
        let externs = ["acme/app", "acme/lib"]
            .map(|name| ExternCrate { module: module(name), lib_name: format!("{}_prost", name.replace('/', "_")) });
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
