//! A running registry: the built program, temporary data, a free port.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use tempfile::TempDir;

use super::transcript::{Transcript, run};
use super::wire::Post;

/// How long a start may take before the test gives up; a start takes milliseconds.
const START: Duration = Duration::from_secs(30);

/// What a test can choose about its registry.
pub(crate) struct Options {
    arguments: Vec<String>,
}

impl Options {
    /// A flag of `registry serve`, with its value.
    pub(crate) fn flag(&mut self, name: &str, value: &str) -> &mut Self {
        self.arguments.push(format!("--{name}={value}"));
        self
    }
}

/// A registry that is killed when the test ends. If the test failed, its log is printed.
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
    pub(crate) fn with(choose: impl FnOnce(&mut Options)) -> Self {
        let mut options = Options { arguments: Vec::new() };
        choose(&mut options);
        let home = tempfile::tempdir().unwrap();
        let log = File::create(home.path().join("log")).unwrap();
        let mut process = registry_command(home.path())
            .args(["serve", "--ephemeral", "--listen", "127.0.0.1:0"])
            .args(&options.arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap();
        let line = first_line(&mut process);
        let ready: serde_json::Value = serde_json::from_str(&line).unwrap_or_else(|error| {
            let _ = process.kill();
            let log = std::fs::read_to_string(home.path().join("log")).unwrap_or_default();
            panic!("the registry did not start ({error}); it printed {line:?} and logged:\n{log}")
        });
        let text = |key: &str| ready[key].as_str().unwrap_or_else(|| panic!("no {key} in {line}")).to_owned();
        Self {
            url: text("url"),
            cargo_index: text("cargo_index"),
            token: text("token"),
            user: text("user"),
            data_dir: text("data_dir").into(),
            process,
            home,
        }
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
        let reply = Post::json(self, "buf.registry.owner.v1.UserService/CreateUsers", &user).send();
        assert_eq!(reply.status, 200, "{}", String::from_utf8_lossy(&reply.body));
        let created = self.cli(["token", "create", "--user", name, "--json"]).ok().json();
        created["token"].as_str().unwrap().to_owned()
    }

    /// What a path answers to the administrator.
    #[track_caller]
    pub(crate) fn download(&self, path: &str) -> Vec<u8> {
        let reply = Post::to(self, path.trim_start_matches('/')).get();
        assert_eq!(reply.status, 200, "{}", reply.head);
        reply.body
    }

    /// What it logged until now.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.home.path().join("log")).unwrap_or_default()
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
        let _ = std::fs::remove_dir_all(&self.data_dir);
        if std::thread::panicking() {
            eprintln!("--- log of the registry at {}\n{}\n---", self.url, self.log());
        }
    }
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
