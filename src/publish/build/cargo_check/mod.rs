//! `verify = "check"`: `cargo check` reads every crate before it is published.
//!
//! The crate and the SDKs that it depends on are written to a temporary directory, so cargo requests nothing from this
//! server; runtime crates come from the sources that cargo's home configures. Checks run one after the other, at low
//! priority, and share a target directory, in which only the runtime crates stay.

mod error;
mod layout;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::time::Duration;

use super::confined_program::program::{ProgramError, find as find_program};
use super::confined_program::run::{self, Ended, Limited, Stopped};
use crate::model::CrateName;
use crate::package::SdkDependency;
use crate::store::{Sdk, SdkCheck, Store};
pub(in crate::publish) use error::CheckError;

/// The maximum of cargo's output, in bytes.
const OUTPUT: u64 = 64 << 20;

/// The number of lines of the compiler's output in a message.
const LINES: usize = 30;

/// The time limit for `cargo --version`.
const VERSION_WITHIN: Duration = Duration::from_secs(60);

/// Environment variables that cargo and its network access need. Cargo does not see the server's other variables.
const PASSED: [&str; 12] = [
    "PATH",
    "HOME",
    "RUSTUP_HOME",
    "RUSTUP_TOOLCHAIN",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "http_proxy",
    "https_proxy",
    "no_proxy",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
];

/// How crates are checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifySettings {
    /// The cargo program: a path, or a name to look up in `PATH`.
    pub cargo: String,
    /// The cargo home, with cargo's configuration and the downloaded crates.
    pub home: PathBuf,
    /// The target directory.
    pub target: PathBuf,
    /// The time limit for the check of one crate.
    pub time: Duration,
}

/// Why crates cannot be checked.
#[derive(Debug, thiserror::Error)]
#[error("crates cannot be checked (setting `verify`): {cargo:?} {reason}; `--verify-cargo` names another cargo")]
pub struct VerifyError {
    /// The cargo program.
    pub cargo: String,
    /// Why it cannot be used.
    pub reason: String,
}

/// A cargo that is ready to check crates.
#[derive(Debug)]
pub struct Verify {
    cargo: PathBuf,
    /// The output of `cargo --version`.
    version: String,
    settings: VerifySettings,
    /// Held by the check that is running.
    running: Mutex<()>,
}

impl Verify {
    /// Finds cargo and reads its version.
    ///
    /// # Errors
    /// When cargo is not found or fails.
    pub fn find(settings: VerifySettings) -> Result<Self, VerifyError> {
        let failed = |reason: String| VerifyError { cargo: settings.cargo.clone(), reason };
        let not_found = |error: ProgramError| failed(format!("was not found: {error}"));
        let cargo = find_program(&settings.cargo).map_err(not_found)?;
        let mut verify = Self { cargo, version: String::new(), settings: settings.clone(), running: Mutex::new(()) };
        let asked = verify.run(&["--version"], Path::new("/"), VERSION_WITHIN);
        match asked {
            Ok(ended) if ended.status.success() => {
                verify.version = String::from_utf8_lossy(&ended.output).trim().to_owned();
                Ok(verify)
            }
            Ok(ended) => Err(failed(format!("ended with {}: {}", ended.status, text(&ended)))),
            Err(why) => Err(failed(format!("could not be run: {why}"))),
        }
    }

    /// Checks a crate that depends on `dependencies`, whose index is at `index_url`.
    pub(in crate::publish) fn check(
        &self,
        store: &Store,
        sdk: &Sdk,
        crate_bytes: &[u8],
        dependencies: &[SdkDependency],
        index_url: &str,
    ) -> Result<SdkCheck, CheckError> {
        let directory = tempfile::tempdir().map_err(|error| CheckError::NotRun(error.to_string()))?;
        let sdks = layout::lay_out(directory.path(), store, crate_bytes, dependencies, index_url)?;
        let running = self.running.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let checked =
            self.run(&["check", "--quiet", "--color=never"], &directory.path().join("crate"), self.settings.time);
        self.clean(directory.path(), std::iter::once(&sdk.crate_name).chain(&sdks));
        drop(running);
        match checked {
            Ok(ended) if ended.status.success() => Ok(SdkCheck { compiler: self.version.clone(), at: sdk.created }),
            Ok(ended) => Err(refusal(&text(&ended))),
            Err(Stopped::TooSlow) => Err(CheckError::TooSlow(self.settings.time)),
            Err(why) => Err(CheckError::NotRun(why.to_string())),
        }
    }

    /// Removes the build output of SDKs, because each SDK is checked once. A failure only wastes disk space.
    fn clean<'a>(&self, directory: &Path, names: impl Iterator<Item = &'a CrateName>) {
        let names: Vec<_> = names.map(ToString::to_string).collect();
        let arguments: Vec<_> = names.iter().flat_map(|name| ["-p", name.as_str()]).collect();
        let clean = [&["clean", "--quiet", "--offline"], arguments.as_slice()].concat();
        if let Err(error) = self.run(&clean, &directory.join("crate"), self.settings.time) {
            tracing::warn!(%error, "could not remove the build output of the check of a crate");
        }
    }

    fn run(&self, arguments: &[&str], directory: &Path, time: Duration) -> Result<Ended, Stopped> {
        // Both streams go to standard output: the first errors matter, and only the end of standard error is kept.
        let mut command = Command::new("nice");
        command.args(["-n", "10", "sh", "-c", "exec \"$@\" 2>&1", "check"]).arg(&self.cargo).args(arguments);
        command.current_dir(directory).env_clear();
        command.envs(PASSED.iter().filter_map(|name| Some((name, std::env::var_os(name)?))));
        command
            .env("CARGO_HOME", &self.settings.home)
            .env("CARGO_TARGET_DIR", &self.settings.target)
            .env("CARGO_INCREMENTAL", "0")
            .env("CARGO_PROFILE_DEV_DEBUG", "0")
            // Cargo caps lints for every crate of a registry, too.
            .env("RUSTFLAGS", "--cap-lints=allow");
        // Cargo would take the first rustc of `PATH`, which need not be of its own toolchain.
        let rustc = self.cargo.with_file_name("rustc");
        if rustc.exists() {
            command.env("RUSTC", rustc);
        }
        let limited = Limited { time, output: OUTPUT, stop: &|| false };
        run::run(&mut command, Vec::new(), &limited)
    }
}

fn text(ended: &Ended) -> String {
    String::from_utf8_lossy(&ended.output).trim().to_owned()
}

/// Tells errors of the compiler from errors of cargo, which ends with the same exit status for both.
fn refusal(said: &str) -> CheckError {
    let told = first_errors(said);
    if said.contains("could not compile `") { CheckError::Compiler(told) } else { CheckError::NotRun(told) }
}

/// The output of a compiler, from its first error on.
fn first_errors(said: &str) -> String {
    let lines: Vec<_> = said.lines().collect();
    let start = lines.iter().position(|line| line.starts_with("error")).unwrap_or_default();
    let mut told = lines[start..].iter().take(LINES).copied().collect::<Vec<_>>().join("\n");
    if lines.len() - start > LINES {
        told.push_str("\n…");
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_what_the_compiler_says_the_first_errors_are_told() {
        assert_eq!(
            first_errors("warning: x\nerror[E0308]: mismatched\n --> a.rs"),
            "error[E0308]: mismatched\n --> a.rs"
        );
        assert_eq!(first_errors("no error here"), "no error here");
        let long = first_errors(&"error: again\n".repeat(100));
        assert_eq!(long.lines().count(), LINES + 1);
    }

    #[test]
    fn a_cargo_that_does_not_come_to_compiling_is_no_fault_of_the_crate() {
        assert!(matches!(refusal("error: x\nerror: could not compile `a` (lib)"), CheckError::Compiler(_)));
        let offline = refusal("error: no matching package named `prost` found").to_string();
        assert!(offline.starts_with("could not check the crate with cargo: error: no matching package"), "{offline}");
    }

    #[test]
    fn a_cargo_that_is_not_there_is_told_at_the_start() {
        let find = |cargo: &str| {
            let directory = PathBuf::from("/nowhere");
            let time = Duration::from_secs(1);
            let settings = VerifySettings { cargo: cargo.into(), home: directory.clone(), target: directory, time };
            Verify::find(settings).unwrap_err().to_string()
        };
        assert!(find("no-such-cargo").contains("\"no-such-cargo\" was not found"), "{}", find("no-such-cargo"));
        assert!(find("false").contains("ended with exit status: 1"), "{}", find("false"));
    }
}
