//! Libraries of C that are preloaded into a program, so that its system fails or is wrong in ways that nothing else brings
//! about.

use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;

use super::run;

/// Such a library, which is built when it is first needed.
pub(crate) struct Preloaded {
    source: &'static str,
    built: OnceLock<String>,
}

impl Preloaded {
    /// The library of this source, a path from the root of the sources.
    pub(crate) const fn new(source: &'static str) -> Self {
        Self { source, built: OnceLock::new() }
    }

    /// Its path, for `LD_PRELOAD`.
    pub(crate) fn path(&self) -> &str {
        self.built.get_or_init(|| {
            let root = Path::new(env!("CARGO_MANIFEST_DIR"));
            let name = Path::new(self.source).file_stem().unwrap().to_str().unwrap();
            let library = root.join("target").join(format!("{name}-{}.so", std::process::id()));
            let source = root.join(self.source);
            run(Command::new("cc")
                .args(["-shared", "-fPIC", "-O1", "-Wall", "-o"])
                .arg(&library)
                .arg(source)
                .arg("-ldl"))
            .ok();
            library.to_str().unwrap().to_owned()
        })
    }
}
