//! Whatever is written as a plugin's option, nothing of the machine that it runs on comes back: no file, and no variable
//! of the environment. A plugin or option that is new in the catalogue is tried here without a word.

use std::collections::BTreeSet;

use prost::Message as _;
use prost_types::compiler::CodeGeneratorRequest;

use super::*;
use crate::generate::{ExternCrate, Request, generate, with_module_options};
use crate::model::testing::{module, set};
use crate::model::{Generated, Plugin};
use crate::module::read_options;
use crate::publish::RemoteCall;

const SOURCE: &str = "syntax = \"proto3\"; package acme.v1; enum Kind { KIND_NONE = 0; }
    message Pet { string name = 1; bytes picture = 2; map<string, Kind> kinds = 3; }
    service Pets { rpc Get(Pet) returns (stream Pet); }";

/// A variable of the environment that cargo sets for tests, and no generated code holds.
const VARIABLE: &str = "CARGO_PKG_DESCRIPTION";

/// A file and a variable that must not be read.
struct Canary {
    file: tempfile::NamedTempFile,
    texts: [String; 2],
}

impl Canary {
    fn new() -> Self {
        let file = tempfile::NamedTempFile::new().unwrap();
        let text = "a secret of the server";
        std::fs::write(file.path(), format!("[package]\nname = \"{text}\"\n")).unwrap();
        Self { file, texts: [text.to_owned(), std::env::var(VARIABLE).unwrap()] }
    }

    fn values(&self) -> Vec<String> {
        let path = self.file.path().to_str().unwrap();
        vec![
            path.to_owned(),
            format!(".={path}"),
            format!(".=#[doc = include_str!({path:?})]"),
            format!(".=#[cfg_attr(all()\\, doc = include!({path:?}))]"),
            "/proc/self/environ".to_owned(),
            "true".to_owned(),
            format!("${{{VARIABLE}}}"),
            format!(".=#[doc = env!({VARIABLE:?})]"),
        ]
    }

    fn check(&self, tried: &str, outcome: &Result<impl std::fmt::Debug, String>) {
        let said = match outcome {
            Ok(made) => format!("{made:?}"),
            Err(error) => error.clone(),
        };
        let told = self.texts.iter().find(|text| said.contains(*text));
        assert_eq!(told, None, "{tried} told it");
    }
}

/// The ways to write an option that one reader or another might take for the option itself.
fn spellings(name: &str, value: &str) -> Vec<String> {
    vec![
        format!("{name}={value}"),
        format!(" {name}={value}"),
        format!("\t{name}={value}"),
        format!("\n{name}={value}"),
        format!("\r\n{name}={value}"),
        format!("\u{a0}{name}={value}"),
        format!("\u{feff}{name}={value}"),
        format!("{name} ={value}"),
        format!("{name}\t={value}"),
        format!("{name}= {value}"),
        format!("={name}={value}"),
        format!("=={name}={value}"),
        format!("{name}=={value}"),
        format!("{name}={value}="),
        format!("{name}={value} "),
        format!("{name}={value}\t"),
        format!("{name}={value}\0"),
        format!("{name}=\"{value}\""),
        format!("\"{name}\"={value}"),
        format!("'{name}={value}'"),
        format!("bytes=.\\,{name}={value}"),
        format!("extern_path=.a=::b\\,{name}={value}"),
        format!("type_attribute=.=#[a]\\,{name}={value}"),
        format!("type_attribute=.=#[a]\\{name}={value}"),
        format!("include_file=a=b\\={name}={value}"),
        format!("{name},{name}={value}"),
        format!("{name}={value},{name}={value}"),
        format!("{}={value}", name.to_uppercase()),
        format!("\\{name}={value}"),
        name.to_owned(),
    ]
}

/// Every known option of every plugin that is built in, in every spelling and with every value.
fn every_option(catalogue: &Catalogue, canary: &Canary, mut each: impl FnMut(&Plugin, &str)) {
    for plugin in catalogue.plugins() {
        for name in plugin.known_options.keys() {
            for value in canary.values() {
                spellings(name, &value).iter().for_each(|option| each(plugin, option));
            }
        }
    }
}

#[test]
fn no_option_of_remote_generation_tells_of_the_machine() {
    let (fixture, canary) = (fixture(), Canary::new());
    let catalogue = Catalogue::embedded().unwrap();
    let files = set(&[("acme/app", "a.proto", SOURCE)]).files;
    let call = RemoteCall { limit: Duration::from_secs(60), is_over: Arc::default(), held: Arc::new(()) };
    let mut answered = BTreeSet::new();
    every_option(&catalogue, &canary, |plugin, option| {
        let mut options = plugin.options.clone();
        if plugin.known_options.contains_key("buffa_module") {
            options.push("buffa_module=crate::messages".to_owned());
        }
        options.push(option.to_owned());
        let request = CodeGeneratorRequest {
            file_to_generate: vec!["a.proto".to_owned()],
            parameter: Some(options.join(",")),
            proto_file: files.iter().map(|file| (*file.proto).clone()).collect(),
            ..CodeGeneratorRequest::default()
        };
        let outcome = fixture.running.run_plugin(plugin, request.encode_to_vec(), &call);
        answered.extend(outcome.is_ok().then(|| plugin.reference()));
        canary.check(&format!("{} with {option:?}", plugin.reference()), &outcome.map_err(|e| e.to_string()));
    });
    let all: BTreeSet<_> = catalogue.plugins().iter().map(Plugin::reference).collect();
    assert_eq!(answered, all, "plugins that made something");
}

#[test]
fn no_option_of_registry_yaml_tells_of_the_machine() {
    let (fixture, canary) = (fixture(), Canary::new());
    let catalogue = Catalogue::embedded().unwrap();
    let mut made = BTreeSet::new();
    let mut tried = |plugin: &Plugin, text: &str| {
        let asked = match asked(&fixture.running, plugin, text) {
            Ok(asked) if !made.insert((asked.reference(), asked.options.clone())) => return,
            asked => asked,
        };
        let outcome = asked.and_then(|plugin| generated(&plugin));
        canary.check(&format!("{} with {text}", plugin.reference()), &outcome);
    };
    every_option(&catalogue, &canary, |plugin, option| {
        tried(plugin, &format!("options: {{ {}: [{option:?}] }}", plugin.name));
    });
    for plugin in catalogue.plugins() {
        for value in canary.values() {
            let attribute = value.trim_start_matches(".=");
            for key in ["bytes", "btree_map"] {
                tried(plugin, &format!("{key}: [{value:?}]"));
            }
            for key in ["type_attribute", "field_attribute"] {
                tried(plugin, &format!("{key}: {{ .: {attribute:?} }}"));
            }
        }
    }
    assert!(!made.is_empty(), "nothing was made at all");
}

/// `plugin` as it runs for a module with this `registry.yaml`.
fn asked(publisher: &Publisher, plugin: &Plugin, options: &str) -> Result<Plugin, String> {
    let text = Bytes::from(format!("version: v1\n{options}\n"));
    let file = ModuleFile { path: "registry.yaml".parse().unwrap(), content: text.clone() };
    commit_options::check(publisher.catalogue(), &[], Some(&file)).map_err(|error| error.to_string())?;
    let options = read_options("registry.yaml".into(), &text).map_err(|error| error.to_string())?;
    with_module_options(plugin, &options).map_err(|error| error.to_string())
}

fn generated(plugin: &Plugin) -> Result<Generated, String> {
    let (descriptors, module) = (set(&[("acme/app", "a.proto", SOURCE)]), module("acme/app"));
    let externs = [ExternCrate { module: module.clone(), lib_name: "acme_app".to_owned(), numbered: None }];
    let externs = if plugin.dependencies.is_empty() { &[] } else { &externs[..] };
    let request = Request { descriptors: &descriptors, module: &module, externs, options: &plugin.options };
    generate(plugin, &request).map_err(|error| error.to_string())
}
