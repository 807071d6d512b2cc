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

/// What a test can choose about its registry.
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

    /// Keeps the data in `directory`, which outlives the registry. The first start there makes a token; later ones
    /// are given that.
    pub(crate) fn keep(&mut self, directory: &Path, token: Option<&str>) -> &mut Self {
        self.kept = Some((directory.to_owned(), token.map(str::to_owned)));
        self
    }

    /// Starts the program by another one, which is given its command line as arguments.
    pub(crate) fn under(&mut self, wrapper: &[&str]) -> &mut Self {
        self.wrapper = wrapper.iter().map(|word| (*word).to_owned()).collect();
        self
    }
}

/// A registry that is killed when the test ends, and its data removed unless they are kept. If the test failed, its log is printed.
pub(crate) struct Registry {
    /// Base URL, without a slash at its end.
    pub(crate) url: String,
    /// What cargo takes as the index.
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

/// The built program in a home of its own, without a word from the environment of this test run.
pub(crate) fn registry_command(home: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_registry"));
    command.env_clear().env("HOME", home).env("PATH", std::env::var_os("PATH").unwrap_or_default()).current_dir(home);
    command
}

impl Registry {
    /// Starts one as it comes.
    pub(crate) fn start() -> Self {
        Self::with(|_| {})
    }

    /// Starts one with other options.
    #[track_caller]
    pub(crate) fn with(choose: impl FnOnce(&mut Options)) -> Self {
        Self::try_with(choose).unwrap_or_else(|failure| panic!("{failure}"))
    }

    /// Starts one that may end before it is ready; then says what it printed and logged.
    pub(crate) fn try_with(choose: impl FnOnce(&mut Options)) -> Result<Self, String> {
        let mut options = Options { arguments: Vec::new(), kept: None, wrapper: Vec::new(), environment: Vec::new() };
        choose(&mut options);
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

    /// `HOST:PORT`, as names of modules begin.
    pub(crate) fn host(&self) -> &str {
        self.url.split_once("://").expect("a URL").1
    }

    /// Runs `registry mirror` of what is at `other`: the rest of a name there.
    pub(crate) fn mirror(&self, other: &Self, what: &str) -> Transcript {
        let wanted = format!("{}/{what}", other.host());
        self.cli(["mirror", &wanted, "--from", &other.url, "--source-token", &other.token, "--json"])
    }

    /// Runs the command line against this registry.
    pub(crate) fn cli<S: AsRef<std::ffi::OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Transcript {
        run(self.command().args(arguments))
    }

    /// The command line, set up for this registry, still to be given its arguments.
    pub(crate) fn command(&self) -> Command {
        let mut command = registry_command(self.home.path());
        command.env("REGISTRY_URL", &self.url).env("REGISTRY_TOKEN", &self.token);
        command
    }

    /// The token of a new user who is nobody in particular.
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

    /// A call of `package.Service/Method` with this registry's token.
    pub(crate) fn call(&self, method: &str, request: &serde_json::Value) -> Answer {
        let headers = vec![self.authorization(), "content-type: application/json".into()];
        http::send(&self.url, "POST", &format!("/{method}"), headers, request.to_string().as_bytes())
    }

    /// The header line that shows the token.
    pub(crate) fn authorization(&self) -> String {
        format!("authorization: Bearer {}", self.token)
    }

    /// Sends the process a signal, `TERM` or `INT`.
    pub(crate) fn signal(&self, name: &str) {
        signal(self.process.id(), name);
    }

    /// It still answers, and logged no fault of its own.
    #[track_caller]
    pub(crate) fn is_well(&self) {
        assert_eq!(self.get("/readyz").status, 200);
        let log = self.log();
        assert!(!log.contains("ERROR") && !log.contains("panicked"), "{log}");
    }

    /// What it logged until now.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.home.path().join("log")).unwrap_or_default()
    }

    /// Ends it at once; nobody listens any more.
    pub(crate) fn stop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    /// The process, for tests that stop it in their own way.
    pub(crate) fn process(&mut self) -> &mut Child {
        &mut self.process
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        // It had no chance to remove what it kept.
        if !self.keeps {
            let _ = std::fs::remove_dir_all(&self.data_dir);
        }
        if std::thread::panicking() {
            eprintln!("--- log of the registry at {}\n{}\n---", self.url, self.log());
        }
    }
}

/// Sends a process a signal, by the shell's own `kill`: not every machine has a program of that name.
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
        // Read on, so that the program never finds its output closed.
        lines.for_each(drop);
    });
    receive.recv_timeout(START).ok().flatten().and_then(Result::ok).unwrap_or_default()
}
