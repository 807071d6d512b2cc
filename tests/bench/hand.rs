//! Making the two crates of a module by hand: `buf generate` with the plugins' own executables, tar and gzip.

use std::path::{Path, PathBuf};
use std::process::Command;

use registry::generate::Catalogue;
use registry::model::ModuleFile;

use super::cost::{self, Cost};
use super::executable;

/// A directory with a module's sources, and what was made of them by hand.
pub(crate) struct Hand(tempfile::TempDir);

impl Hand {
    pub(crate) fn new(files: &[ModuleFile]) -> Self {
        let hand = Self(tempfile::tempdir().unwrap());
        for file in files {
            let path = hand.path("proto").join(file.path.as_str());
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, &file.content).unwrap();
        }
        let catalogue = Catalogue::embedded().unwrap();
        let mut template = "version: v2\nplugins:\n".to_owned();
        for (short, options) in [("prost", "[file_descriptor_set]"), ("tonic", "[no_include]")] {
            let plugin = catalogue.find(&format!("community/neoeinstein-{short}").parse().unwrap()).unwrap();
            let executable = executable::of(plugin).unwrap();
            let path = executable.0.display();
            template += &format!("  - local: {path}\n    out: {short}\n    strategy: all\n    opt: {options}\n");
        }
        std::fs::write(hand.path("buf.gen.yaml"), template).unwrap();
        hand
    }

    /// A path in the directory.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Generates and packs.
    pub(crate) fn make(&self) -> Cost {
        let buf = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/test-inputs/buf/buf");
        let pack = |name: &str| format!("cp -r proto {name}/ && tar -cf - {name} | gzip -6 > {name}.crate");
        let script = format!(
            "set -e; rm -rf prost tonic; {} generate proto --timeout 0; {}; {}",
            buf.display(),
            pack("prost"),
            pack("tonic")
        );
        cost::of(Command::new("sh").args(["-c", &script]).current_dir(self.0.path()).env("HOME", self.0.path()))
    }

    /// Bytes of a packed crate in MB.
    pub(crate) fn size(&self, name: &str) -> f64 {
        std::fs::metadata(self.path(&format!("{name}.crate"))).unwrap().len() as f64 / 1e6
    }
}
