//! A cargo project that uses crates of a registry.
//!
//! Each consumer has a cargo home of its own, so it has no cached index, crates or login of the registry. Crates of
//! crates.io come from the sources that `tests/setup` vendored, so no test requests crates.io. All consumers share a
//! target directory, so these crates are compiled once. Packages have different names, because cargo puts the programs
//! of one target directory side by side.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use tempfile::TempDir;

use super::inputs::input;
use super::registry::Registry;
use super::transcript::{Transcript, run};

/// Makes package names differ within this process; the process id makes them differ between test runs.
static COUNT: AtomicU32 = AtomicU32::new(0);

/// A scratch project with `src/main.rs`.
pub(crate) struct Consumer {
    directory: TempDir,
    environment: Vec<(String, String)>,
}

/// The cargo configuration that replaces crates.io by the vendored sources.
fn vendored() -> String {
    let directory = input("vendor");
    let directory = directory.to_str().unwrap();
    format!("[source.crates-io]\nreplace-with = \"vendored\"\n\n[source.vendored]\ndirectory = {directory:?}\n")
}

/// A cargo home with the vendored sources.
pub(crate) fn cargo_home() -> TempDir {
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join("config.toml"), vendored()).unwrap();
    home
}

impl Consumer {
    /// A project of edition 2024, set up for `registry` with the output of `registry env`.
    pub(crate) fn new(registry: &Registry) -> Self {
        Self::of_edition(registry, "2024")
    }

    /// As [`Self::new`], in another edition.
    pub(crate) fn of_edition(registry: &Registry, edition: &str) -> Self {
        let printed = registry.cli(["env", "--json"]).ok().json();
        let printed = printed.as_object().expect("an object of variables");
        let environment = printed.iter().map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned()));
        Self::in_environment(environment.collect(), edition)
    }

    /// A project whose only set-up is these variables.
    pub(crate) fn in_environment(environment: Vec<(String, String)>, edition: &str) -> Self {
        let consumer = Self { directory: tempfile::tempdir().unwrap(), environment };
        let name = format!("consumer-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let manifest =
            format!("[package]\nname = \"{name}\"\nversion = \"0.0.0\"\nedition = \"{edition}\"\n\n[dependencies]\n");
        consumer
            .file("Cargo.toml", &manifest)
            .file("home/config.toml", &vendored())
            .file("src/main.rs", "fn main() {}\n")
    }

    /// Sets another variable.
    pub(crate) fn with(mut self, variable: &str, value: &str) -> Self {
        self.environment.push((variable.into(), value.into()));
        self
    }

    /// Removes a variable of the set-up.
    pub(crate) fn without(mut self, variable: &str) -> Self {
        let before = self.environment.len();
        self.environment.retain(|(name, _)| name != variable);
        assert!(self.environment.len() < before, "{variable} is not set");
        self
    }

    /// Adds or replaces a file of the project.
    pub(crate) fn file(self, path: &str, content: &str) -> Self {
        self.write(path, content);
        self
    }

    /// Adds or replaces a file of the project.
    pub(crate) fn write(&self, path: &str, content: &str) {
        let path = self.path(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }

    /// The text of a file of the project.
    pub(crate) fn read(&self, path: &str) -> String {
        let path = self.path(path);
        std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("could not read {}: {error}", path.display()))
    }

    /// A path in the project; its cargo home is `home`.
    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.directory.path().join(path)
    }

    /// Runs cargo in the project.
    pub(crate) fn cargo<S: AsRef<std::ffi::OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Transcript {
        run(self.command().args(arguments))
    }

    /// `cargo add` of a crate of the registry.
    #[track_caller]
    pub(crate) fn add(&self, name: &str) -> &Self {
        self.cargo(["add", "--quiet", "--registry", "buf", name]).ok();
        self
    }

    /// `cargo add` of a crate of crates.io that `tests/inputs/Cargo.toml` names, with features.
    #[track_caller]
    pub(crate) fn add_public(&self, name: &str, features: &str) -> &Self {
        self.cargo(["add", "--quiet", name, "--features", features]).ok();
        self
    }

    /// `cargo build`, expected to be free of warnings.
    #[track_caller]
    pub(crate) fn build(&self) -> Transcript {
        let built = self.cargo(["build", "--quiet"]).ok();
        assert!(!built.stderr.contains("warning"), "warnings:\n{built}");
        built
    }

    /// `cargo run`.
    #[track_caller]
    pub(crate) fn run(&self) -> Transcript {
        self.cargo(["run", "--quiet"]).ok()
    }

    /// The version of a crate in the project's `Cargo.lock`.
    #[track_caller]
    pub(crate) fn locked(&self, name: &str) -> String {
        let lock: toml_edit::DocumentMut = self.read("Cargo.lock").parse().unwrap();
        let packages = lock["package"].as_array_of_tables().unwrap();
        let package = packages.iter().find(|package| package["name"].as_str() == Some(name));
        package.unwrap_or_else(|| panic!("{name} is not in {lock}"))["version"].as_str().unwrap().to_owned()
    }

    /// A cargo command in the project, without arguments.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO"));
        for (name, _) in std::env::vars_os() {
            let ours = ["CARGO", "BUF_", "REGISTRY_", "RUST_LOG"];
            if name.to_str().is_some_and(|name| ours.iter().any(|prefix| name.starts_with(prefix))) {
                command.env_remove(name);
            }
        }
        let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/consumers");
        command
            .current_dir(self.directory.path())
            .env("CARGO_HOME", self.path("home"))
            .env("CARGO_TARGET_DIR", target)
            .env("CARGO_INCREMENTAL", "0")
            .env("CARGO_PROFILE_DEV_DEBUG", "0")
            .envs(self.environment.iter().map(|(name, value)| (name, value)));
        command
    }
}
