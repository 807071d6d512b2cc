//! What is generated: the edge cases of the fixtures, and two sets of schemas that many projects use.

use std::path::{Path, PathBuf};
use std::process::Command;

use registry::model::DescriptorSet;

use crate::sdk;

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
    inputs.push(directory("opentelemetry-proto", &opentelemetry()));
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

/// The schemas of OpenTelemetry, which a crate on crates.io carries in its sources.
fn opentelemetry() -> PathBuf {
    const CRATE: &str = "opentelemetry-proto";
    let project = crate::directory().join("inputs");
    let found = project.join("vendor").join(CRATE).join("src/proto").join(CRATE);
    if !found.exists() {
        std::fs::create_dir_all(&project).unwrap();
        std::fs::write(project.join("lib.rs"), "").unwrap();
        let manifest = format!(
            "[package]\nname = \"inputs\"\nedition = \"2024\"\n[workspace]\n[lib]\npath = \"lib.rs\"\n\
             [dependencies]\n{CRATE} = {{ version = \"=0.7.0\", default-features = false }}\n"
        );
        std::fs::write(project.join("Cargo.toml"), manifest).unwrap();
        let mut vendor = Command::new(env!("CARGO"));
        let fetched = vendor.args(["vendor", "--quiet", "vendor"]).current_dir(&project).output().unwrap();
        assert!(fetched.status.success(), "could not fetch {CRATE}: {}", String::from_utf8_lossy(&fetched.stderr));
    }
    found
}
