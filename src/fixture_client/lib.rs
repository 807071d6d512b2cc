//! Starts the program `registry` with temporary data, for tests; it ends with the value.
//!
//! ```no_run
//! let registry = registry_fixture::Registry::options().seed("proto", "acme/pets").start()?;
//! std::process::Command::new("cargo").arg("fetch").envs(registry.env()).status()?;
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! The program is the one that `REGISTRY_PROGRAM` names, else `registry` in `PATH`.

mod json;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::{self, BufRead as _, BufReader, Error};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use json::Value;

/// A running registry. Dropping it ends the program.
#[derive(Debug)]
pub struct Registry {
    process: Child,
    program: OsString,
    ready: BTreeMap<String, Value>,
    env: BTreeMap<String, String>,
}

/// What a registry starts with.
#[derive(Debug, Clone, Default)]
pub struct Options {
    arguments: Vec<OsString>,
}

impl Options {
    /// Pushes a directory as the public module `owner/name` before the start is done.
    #[must_use]
    pub fn seed(mut self, directory: impl AsRef<Path>, module: &str) -> Self {
        let mut seed = directory.as_ref().as_os_str().to_owned();
        seed.push("=");
        seed.push(module);
        self.arguments.extend(["--seed".into(), seed]);
        self
    }

    /// A flag of `registry serve`, such as `--anonymous-reads`.
    #[must_use]
    pub fn flag(mut self, flag: impl Into<OsString>) -> Self {
        self.arguments.push(flag.into());
        self
    }

    /// Starts the registry, and waits until the crates of its seeds are served. What the program says goes to standard
    /// error.
    ///
    /// # Errors
    /// When there is no such program, or it ends before it is ready.
    pub fn start(self) -> io::Result<Registry> {
        let program = std::env::var_os("REGISTRY_PROGRAM").unwrap_or_else(|| "registry".into());
        let mut command = Command::new(&program);
        command.args(["serve", "--ephemeral", "--log-level", "warn"]).args(self.arguments);
        let started = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let mut process = started.map_err(|error| {
            let shown = program.display();
            Error::new(error.kind(), format!("could not start {shown}: {error}; REGISTRY_PROGRAM names another"))
        })?;
        let mut line = String::new();
        if let Some(stdout) = process.stdout.take() {
            BufReader::new(stdout).read_line(&mut line)?;
        }
        if line.is_empty() {
            let status = process.wait()?;
            return Err(Error::other(format!("the registry ended before it was ready ({status}); it has said why")));
        }
        let ready =
            json::object(&line).ok_or_else(|| Error::other(format!("this is no line of a registry: {line}")))?;
        let env = match ready.get("env") {
            Some(Value::Object(env)) => {
                env.iter().filter_map(|(k, v)| Some((k.clone(), v.text()?.to_owned()))).collect()
            }
            _ => return Err(Error::other("the program registry is older than this crate")),
        };
        Ok(Registry { process, program, ready, env })
    }
}

impl Registry {
    /// Starts a registry without modules.
    ///
    /// # Errors
    /// As [`Options::start`].
    pub fn start() -> io::Result<Self> {
        Options::default().start()
    }

    /// What a registry starts with, to add to.
    #[must_use]
    pub fn options() -> Options {
        Options::default()
    }

    /// Pushes a directory as the public module `owner/name`, which is created if it does not exist.
    ///
    /// # Errors
    /// When the program refuses; it has said why on standard error.
    pub fn push_dir(&self, directory: impl AsRef<Path>, module: &str) -> io::Result<()> {
        let mut push = Command::new(&self.program);
        push.arg("push").arg(directory.as_ref()).args(["--create", "--visibility", "public", "--module", module]);
        let status = push.envs(&self.env).stdin(Stdio::null()).stdout(Stdio::null()).status()?;
        match status.success() {
            true => Ok(()),
            false => Err(Error::other(format!("{module} was not pushed ({status})"))),
        }
    }

    /// The address, without a slash at its end.
    #[must_use]
    pub fn url(&self) -> &str {
        self.field("url")
    }

    /// The index for cargo, `sparse+http://…/`.
    #[must_use]
    pub fn cargo_index(&self) -> &str {
        self.field("cargo_index")
    }

    /// The variables with which cargo (as registry `buf`), `buf` and `registry` use this registry.
    #[must_use]
    pub fn env(&self) -> &BTreeMap<String, String> {
        &self.env
    }

    fn field(&self, name: &str) -> &str {
        self.ready.get(name).and_then(Value::text).unwrap_or_default()
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        // The program ends when its input does, and removes its data.
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
}
