//! What is generated: the edge cases of the fixtures, and two sets of schemas that many projects use.

use std::path::Path;

use registry::model::DescriptorSet;

use crate::{opentelemetry, sdk};

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
    let mut inputs: Vec<_> = sdk::MODULES.iter().map(edge).collect();
    let googleapis = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/test-inputs/googleapis");
    inputs.push(directory("googleapis-common-protos", &googleapis));
    inputs.push(directory("opentelemetry-proto", &opentelemetry::sources()));
    inputs
}

fn edge(module: &sdk::Module) -> Input {
    let descriptors = sdk::compile(module);
    let name = sdk::module_name(module.name);
    let wanted = descriptors.of_module(&name).map(|file| file.proto.name().to_owned()).collect();
    Input { name: name.to_string(), descriptors, wanted }
}

fn directory(name: &str, root: &Path) -> Input {
    assert!(root.exists(), "{} is missing: run `make parity`, which runs tests/setup first", root.display());
    let wanted: Vec<_> = sdk::files_in(root).into_iter().filter(|path| path.ends_with(".proto")).collect();
    Input { name: name.to_owned(), descriptors: sdk::compile_files(&[(root.to_owned(), name)], &wanted), wanted }
}
