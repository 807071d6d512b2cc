//! A running registry: the built program, temporary data, a free port.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use tempfile::TempDir;

use super::http::{self, Answer};
use super::transcript::{Transcript, run};

/// How long a start may take before the test gives up; a start takes milliseconds.
const START: Duration = Duration::from_secs(30);

/// The options of a registry.
pub(crate) struct Options {
    arguments: Vec<String>,
    kept: Option<(PathBuf, Option<String>)>,
    wrapper: Vec<String>,
    environment: Vec<(String, String)>,
}

impl Options {
    /// Sets a variable of the program's environment.
    pub(crate) fn variable(&mut self, name: &str, value: &str) -> &mut Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// A flag of `registry serve`, with its value.
    pub(crate) fn flag(&mut self, name: &str, value: &str) -> &mut Self {
        self.arguments.push(format!("--{name}={value}"));
        self
    }

    /// Keeps the data in `directory`, which outlives the registry. The first start creates a token; later starts must
    /// be given this token.
    pub(crate) fn keep(&mut self, directory: &Path, token: Option<&str>) -> &mut Self {
        self.kept = Some((directory.to_owned(), token.map(str::to_owned)));
        self
    }

    /// Without a choice of the test, the store is in the data directory, or where `REGISTRY_TEST_STORE` wants it.
    fn choose_store(&mut self) {
        // Those that are about the database of a data directory.
        let own = ["--store=", "--max-store-bytes=", "--backup-dir=", "--await-restore"];
        let is_about_store = |argument: &String| own.iter().any(|flag| argument.starts_with(flag));
        if self.arguments.iter().any(is_about_store) {
            return;
        }
        let kept = self.kept.as_ref().map(|(directory, _)| directory.as_path());
        if let Some(address) = wanted_store(kept) {
            self.flag("store", &address);
        }
    }

    /// Starts the program through another program, which gets the command line as its arguments.
    pub(crate) fn under(&mut self, wrapper: &[&str]) -> &mut Self {
        self.wrapper = wrapper.iter().map(|word| (*word).to_owned()).collect();
        self
    }
}

/// A running registry. At the end of the test it is killed, and its data are removed unless the test keeps them. If the
/// test failed, the registry's log is printed.
pub(crate) struct Registry {
    /// Base URL, without a slash at its end.
    pub(crate) url: String,
    /// The URL of the index for cargo.
    pub(crate) cargo_index: String,
    /// An administrator's token.
    pub(crate) token: String,
    /// The administrator.
    pub(crate) user: String,
    pub(crate) data_dir: PathBuf,
    process: Child,
    home: TempDir,
    keeps: bool,
}

/// The built program with a home of its own, and without the environment of the test run.
pub(crate) fn registry_command(home: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_registry"));
    command.env_clear().env("HOME", home).env("PATH", std::env::var_os("PATH").unwrap_or_default()).current_dir(home);
    command
}

impl Registry {
    /// Starts a registry with default settings.
    pub(crate) fn start() -> Self {
        Self::with(|_| {})
    }

    /// Starts a registry with options.
    #[track_caller]
    pub(crate) fn with(choose: impl FnOnce(&mut Options)) -> Self {
        Self::try_with(choose).unwrap_or_else(|failure| panic!("{failure}"))
    }

    /// Starts a registry that may end before it is ready; the error is its output and log.
    pub(crate) fn try_with(choose: impl FnOnce(&mut Options)) -> Result<Self, String> {
        let mut options = Options { arguments: Vec::new(), kept: None, wrapper: Vec::new(), environment: Vec::new() };
        choose(&mut options);
        options.choose_store();
        let home = tempfile::tempdir().unwrap();
        let log = File::create(home.path().join("log")).unwrap();
        let mut process =
            serve(home.path(), &options).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(log).spawn().unwrap();
        let line = first_line(&mut process);
        let ready: serde_json::Value = match serde_json::from_str(&line) {
            Ok(ready) => ready,
            Err(error) => {
                let _ = process.kill();
                let _ = process.wait();
                let log = std::fs::read_to_string(home.path().join("log")).unwrap_or_default();
                return Err(format!("the registry did not start ({error}); it printed {line:?} and logged:\n{log}"));
            }
        };
        let text = |key: &str| ready[key].as_str().unwrap_or_else(|| panic!("no {key} in {line}")).to_owned();
        let known = options.kept.as_ref().and_then(|(_, token)| token.clone());
        Ok(Self {
            url: text("url"),
            cargo_index: text("cargo_index"),
            user: if known.is_some() { String::new() } else { text("user") },
            token: known.unwrap_or_else(|| text("token")),
            keeps: options.kept.is_some(),
            data_dir: text("data_dir").into(),
            process,
            home,
        })
    }

    /// `HOST:PORT`, with which names of modules begin.
    pub(crate) fn host(&self) -> &str {
        self.url.split_once("://").expect("a URL").1
    }

    /// Runs `registry mirror` of a module of `other`, whose name follows the host.
    pub(crate) fn mirror(&self, other: &Self, what: &str) -> Transcript {
        let wanted = format!("{}/{what}", other.host());
        self.cli(["mirror", &wanted, "--from", &other.url, "--source-token", &other.token, "--json"])
    }

    /// Runs the command line against this registry.
    pub(crate) fn cli<S: AsRef<std::ffi::OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Transcript {
        run(self.command().args(arguments))
    }

    /// A `registry` command that is set up for this registry, without arguments.
    pub(crate) fn command(&self) -> Command {
        let mut command = registry_command(self.home.path());
        command.env("REGISTRY_URL", &self.url).env("REGISTRY_TOKEN", &self.token);
        command
    }

    /// The token of a new user without roles.
    #[track_caller]
    pub(crate) fn user_token(&self, name: &str) -> String {
        let user = serde_json::json!({ "values": [{ "name": name }] });
        self.call("buf.registry.owner.v1.UserService/CreateUsers", &user).ok();
        let created = self.cli(["token", "create", "--user", name, "--json"]).ok().json();
        created["token"].as_str().unwrap().to_owned()
    }

    /// A request with this registry's token.
    pub(crate) fn get(&self, path: &str) -> Answer {
        http::send(&self.url, "GET", path, vec![self.authorization()], &[])
    }

    /// A form that is sent with this registry's token.
    pub(crate) fn submit(&self, path: &str, fields: &str) -> Answer {
        let kind = "content-type: application/x-www-form-urlencoded".into();
        http::send(&self.url, "POST", path, vec![self.authorization(), kind], fields.as_bytes())
    }

    /// A call of `package.Service/Method` with this registry's token.
    pub(crate) fn call(&self, method: &str, request: &serde_json::Value) -> Answer {
        let headers = vec![self.authorization(), "content-type: application/json".into()];
        http::send(&self.url, "POST", &format!("/{method}"), headers, request.to_string().as_bytes())
    }

    /// The number of jobs in a state, by `/metrics`.
    #[track_caller]
    pub(crate) fn jobs(&self, state: &str) -> u64 {
        let text = self.get("/metrics").ok().text();
        let jobs = text.lines().filter(|line| line.starts_with("registry_sdk_jobs{"));
        let jobs = jobs.filter(|line| line.contains(&format!("state=\"{state}\"")));
        jobs.map(|line| line.rsplit(' ').next().unwrap().parse::<u64>().unwrap()).sum()
    }

    /// The header line with the token.
    pub(crate) fn authorization(&self) -> String {
        format!("authorization: Bearer {}", self.token)
    }

    /// Sends the process a signal, `TERM` or `INT`.
    pub(crate) fn signal(&self, name: &str) {
        signal(self.process.id(), name);
    }

    /// Expects that it still responds, and logged no internal error.
    #[track_caller]
    pub(crate) fn is_well(&self) {
        assert_eq!(self.get("/readyz").status, 200);
        let log = self.log();
        assert!(!log.contains("ERROR") && !log.contains("panicked"), "{log}");
    }

    /// The home of the user who runs it.
    pub(crate) fn home(&self) -> &Path {
        self.home.path()
    }

    /// Its log so far.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.home.path().join("log")).unwrap_or_default()
    }

    /// Kills it.
    pub(crate) fn stop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    /// The process, for tests that stop it differently.
    pub(crate) fn process(&mut self) -> &mut Child {
        &mut self.process
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        // A killed registry does not remove its temporary data.
        if !self.keeps {
            let _ = std::fs::remove_dir_all(&self.data_dir);
        }
        if std::thread::panicking() {
            eprintln!("--- log of the registry at {}\n{}\n---", self.url, self.log());
        }
    }
}

/// The address of the store that takes the place of the one in `directory`, if `REGISTRY_TEST_STORE` says so.
#[cfg(all(feature = "cluster", unix))]
fn wanted_store(directory: Option<&Path>) -> Option<String> {
    super::postgres::address_in_place_of(directory)
}

#[cfg(not(all(feature = "cluster", unix)))]
fn wanted_store(_: Option<&Path>) -> Option<String> {
    None
}

/// Sends a signal to a process, with the shell's built-in `kill`: not every system has a program of that name.
pub(crate) fn signal(process: u32, name: &str) {
    run(Command::new("sh").args(["-c", &format!("kill -{name} {process}")])).ok();
}

fn serve(home: &Path, options: &Options) -> Command {
    let program = registry_command(home);
    let mut command = match options.wrapper.split_first() {
        None => program,
        Some((wrapper, arguments)) => {
            let mut command = Command::new(wrapper);
            command.args(arguments).arg(program.get_program()).env_clear().current_dir(home);
            command.envs(program.get_envs().filter_map(|(name, value)| Some((name, value?))));
            command
        }
    };
    command.arg("serve");
    if !options.arguments.iter().any(|argument| argument.starts_with("--listen=")) {
        command.args(["--listen", "127.0.0.1:0"]);
    }
    match &options.kept {
        Some((directory, _)) => command.arg("--json").arg("--data-dir").arg(directory),
        None => command.arg("--ephemeral"),
    };
    command.args(&options.arguments).envs(options.environment.iter().map(|(name, value)| (name, value)));
    command
}

/// The first line that the program prints; empty if it prints none in time.
fn first_line(process: &mut Child) -> String {
    let stdout = process.stdout.take().expect("standard output is piped");
    let (send, receive) = mpsc::channel();
    std::thread::spawn(move || {
        let mut lines = BufReader::new(stdout).lines();
        let _ = send.send(lines.next());
        // Keeps reading, so that the program never finds its output closed.
        lines.for_each(drop);
    });
    receive.recv_timeout(START).ok().flatten().and_then(Result::ok).unwrap_or_default()
}
