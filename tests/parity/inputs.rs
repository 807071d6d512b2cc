//! What is generated: the edge cases of the fixtures, and two sets of schemas that many projects use.

use std::path::Path;

use registry::model::DescriptorSet;

use crate::opentelemetry;
use crate::sdk::{self, Module};

/// Compiled files, and those of them that code is wanted for.
pub(crate) struct Input {
    /// What it is called in messages.
    pub(crate) name: String,
    /// All files, dependencies first.
    pub(crate) descriptors: DescriptorSet,
    /// Names of the files that code is wanted for.
    pub(crate) wanted: Vec<String>,
}

/// All inputs.
pub(crate) fn all() -> Vec<Input> {
    modules().iter().map(input).collect()
}

/// The modules, each behind those that it imports from.
pub(crate) fn modules() -> Vec<Module> {
    let googleapis = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/test-inputs/googleapis");
    assert!(
        googleapis.exists(),
        "{} is missing: run `make parity`, which runs tests/setup first",
        googleapis.display()
    );
    let public = |name, sources| Module { name, deps: &[], sources: Some(sources) };
    let public = [public("googleapis", googleapis), public("opentelemetry", opentelemetry::sources())];
    sdk::MODULES.into_iter().chain(public).collect()
}

fn input(module: &Module) -> Input {
    let descriptors = sdk::compile(module);
    let name = sdk::module_name(module.name);
    let wanted = descriptors.of_module(&name).map(|file| file.proto.name().to_owned()).collect();
    Input { name: name.to_string(), descriptors, wanted }
}
