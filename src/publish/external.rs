//! Plugins that are executables: one process per answer, with limits on time, memory and output. The process gets
//! the request on its standard input as from `protoc`, an empty environment but for `PATH`, an empty directory of
//! its own, and no network where the system lets an ordinary user take it away.

use std::io::{Read, Write as _};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::OnceLock;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use prost::Message as _;
use prost_types::compiler::CodeGeneratorResponse;
use prost_types::compiler::code_generator_response::File;

use crate::generate::{Generator, Spelling};
use crate::model::{ExternalPlugin, Family};

/// Most bytes of the error stream that are kept for the message.
const COMPLAINT: u64 = 4096;

/// How often an ending process is looked at.
const POLL: Duration = Duration::from_millis(5);

/// What a process may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExternalLimits {
    /// Time from start to exit.
    pub time: Duration,
    /// Address space in bytes.
    pub memory: u64,
    /// Bytes of its answer.
    pub output: u64,
}

impl Default for ExternalLimits {
    fn default() -> Self {
        Self { time: Duration::from_secs(120), memory: 4 << 30, output: 1 << 30 }
    }
}

/// A plugin that is an executable.
#[derive(Debug, Clone)]
pub struct External {
    plugin: ExternalPlugin,
    limits: ExternalLimits,
}

impl External {
    /// The plugin of a configuration. The command is not looked for before it is needed.
    #[must_use]
    pub fn new(plugin: ExternalPlugin, limits: ExternalLimits) -> Self {
        Self { plugin, limits }
    }

    fn command(&self, directory: &tempfile::TempDir) -> Command {
        // `ulimit` is the shell's; `exec` leaves no shell behind.
        let script = format!("ulimit -v {} && exec \"$@\"", self.limits.memory / 1024);
        let mut words = vec!["sh".to_owned(), "-c".to_owned(), script, "plugin".to_owned()];
        words.extend(self.plugin.command.iter().cloned());
        if can_take_network_away() {
            words.splice(0..0, NO_NETWORK.map(str::to_owned));
        }
        let mut command = Command::new(&words[0]);
        command.args(&words[1..]).current_dir(directory.path()).env_clear();
        if let Some(path) = std::env::var_os("PATH") {
            command.env("PATH", path);
        }
        // A group of its own, so that what the plugin starts can be ended with it.
        command.process_group(0).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    fn answer(&self, request: &[u8]) -> Result<Vec<u8>, String> {
        let directory = tempfile::tempdir().map_err(|e| format!("could not make a directory for it: {e}"))?;
        let started = Instant::now();
        let mut child = self.command(&directory).spawn().map_err(|e| format!("could not start it: {e}"))?;
        let streams = Streams::of(&mut child, request.to_vec(), self.limits.output);
        let process = Process(child);
        let answer = match streams.output.recv_timeout(self.limits.time) {
            Ok(answer) => answer,
            Err(RecvTimeoutError::Timeout) => return Err(self.too_slow()),
            Err(RecvTimeoutError::Disconnected) => return Err("its answer could not be read".to_owned()),
        };
        if answer.len() as u64 > self.limits.output {
            return Err(format!("its answer is larger than the limit of {} bytes", self.limits.output));
        }
        let left = self.limits.time.saturating_sub(started.elapsed());
        let status = process.exit_within(left)?.ok_or_else(|| self.too_slow())?;
        if status.success() {
            return Ok(answer);
        }
        let complaint = streams.complaint.recv_timeout(POLL * 20).unwrap_or_default();
        let complaint = String::from_utf8_lossy(&complaint);
        Err(format!("it ended with {status} and said: {}", complaint.trim()))
    }

    fn too_slow(&self) -> String {
        format!("it did not end within {} seconds", self.limits.time.as_secs_f32())
    }
}

impl Generator for External {
    fn generate(&self, request: &[u8]) -> Result<Vec<File>, String> {
        let answer = self.answer(request)?;
        let response = CodeGeneratorResponse::decode(&answer[..])
            .map_err(|e| format!("its answer is not a CodeGeneratorResponse: {e}"))?;
        match response.error {
            Some(error) => Err(error),
            None => Ok(response.file),
        }
    }

    fn spelling(&self) -> Spelling {
        match (self.plugin.family, self.plugin.dependencies.is_empty()) {
            (Family::Prost, true) => Spelling::Messages,
            (Family::Prost, false) => Spelling::Stubs,
            (Family::Buffa, true) => Spelling::BuffaMessages,
            (Family::Buffa, false) => Spelling::BuffaStubs,
        }
    }
}

/// Runs a command in a namespace without network.
const NO_NETWORK: [&str; 4] = ["unshare", "--user", "--map-current-user", "--net"];

/// Whether this system lets an ordinary user do that; asked once.
fn can_take_network_away() -> bool {
    static CAN: OnceLock<bool> = OnceLock::new();
    *CAN.get_or_init(|| {
        let mut trial = Command::new(NO_NETWORK[0]);
        trial.args(&NO_NETWORK[1..]).arg("true");
        let quiet = trial.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        quiet.status().is_ok_and(|status| status.success())
    })
}

/// What a process says, read beside it: one that is not read from would wait for ever.
struct Streams {
    output: Receiver<Vec<u8>>,
    complaint: Receiver<Vec<u8>>,
}

impl Streams {
    fn of(child: &mut Child, request: Vec<u8>, limit: u64) -> Self {
        if let Some(mut input) = child.stdin.take() {
            // A plugin that ends without reading all of it is no error here.
            thread::spawn(move || _ = input.write_all(&request));
        }
        Self { output: read(child.stdout.take(), limit + 1), complaint: read(child.stderr.take(), COMPLAINT) }
    }
}

/// Reads at most `limit` bytes.
fn read(stream: Option<impl Read + Send + 'static>, limit: u64) -> Receiver<Vec<u8>> {
    let (sender, receiver) = channel();
    if let Some(stream) = stream {
        thread::spawn(move || {
            let mut bytes = Vec::new();
            if stream.take(limit).read_to_end(&mut bytes).is_ok() {
                let _ = sender.send(bytes);
            }
        });
    }
    receiver
}

/// A running process; when it is dropped, it and all that it started are ended.
struct Process(Child);

impl Process {
    fn exit_within(mut self, limit: Duration) -> Result<Option<ExitStatus>, String> {
        let started = Instant::now();
        loop {
            match self.0.try_wait() {
                Ok(Some(status)) => return Ok(Some(status)),
                Ok(None) if started.elapsed() < limit => thread::sleep(POLL),
                Ok(None) => return Ok(None),
                Err(e) => return Err(format!("could not wait for it: {e}")),
            }
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let group = format!("-{}", self.0.id());
        let mut end = Command::new("kill");
        let quiet = end.args(["-KILL", "--", &group]).stdout(Stdio::null()).stderr(Stdio::null());
        let _ = quiet.status();
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generate::{GenerateError, Request, generate_with};
    use crate::model::testing::{module, set};

    fn external(script: &str, limits: ExternalLimits) -> External {
        let text = "name = \"acme/dto\"\nversion = \"v1.0.0\"\ncommand = []\n";
        let mut plugin: ExternalPlugin = toml_edit::de::from_str(text).unwrap();
        plugin.command = ["sh", "-c", script].map(str::to_owned).to_vec();
        External::new(plugin, limits)
    }

    fn refused(script: &str, limits: ExternalLimits) -> String {
        external(script, limits).generate(b"request").unwrap_err()
    }

    /// Prints a response with one file, `name`, that holds what came in.
    fn echo(name: &str) -> String {
        format!(r#"input=$(cat); printf '\172\022\012\004{name}\172\012%s' "abcdefghij""#)
    }

    fn quick() -> ExternalLimits {
        ExternalLimits { time: Duration::from_millis(300), ..ExternalLimits::default() }
    }

    #[test]
    fn an_executable_answers_like_an_embedded_plugin() {
        let external = external(&echo("a.rs"), ExternalLimits::default());
        let (descriptors, module) = (set(&[("acme/app", "a.proto", "package a; message M {}")]), module("acme/app"));
        let request = Request { descriptors: &descriptors, module: &module, externs: &[], options: &[] };
        let generated = generate_with(&external, &external.plugin.plugin(), &request).unwrap();
        assert_eq!(generated.files[0].content, "abcdefghij");
    }

    #[test]
    fn names_that_lead_outside_are_refused() {
        let external = external(&echo("/a/b"), ExternalLimits::default());
        let (descriptors, module) = (set(&[("acme/app", "a.proto", "package a; message M {}")]), module("acme/app"));
        let request = Request { descriptors: &descriptors, module: &module, externs: &[], options: &[] };
        let error = generate_with(&external, &external.plugin.plugin(), &request).unwrap_err();
        assert!(matches!(error, GenerateError::Response { .. }), "{error}");
    }

    #[test]
    fn one_that_hangs_is_ended_with_all_that_it_started() {
        let marker = tempfile::NamedTempFile::new().unwrap();
        let path = marker.path().display();
        let said = refused(&format!("(sleep 1; echo late >{path}) & sleep 100"), quick());
        assert_eq!(said, "it did not end within 0.3 seconds");
        // Its answer is complete, but it stays.
        assert_eq!(refused("exec >&-; sleep 100", quick()), said);
        thread::sleep(Duration::from_millis(1200));
        assert_eq!(std::fs::read_to_string(marker.path()).unwrap(), "");
    }

    #[test]
    fn one_that_breaks_down_is_quoted() {
        let said = refused("echo no such option >&2; exit 3", ExternalLimits::default());
        assert_eq!(said, "it ended with exit status: 3 and said: no such option");
        assert!(
            refused("echo hello", ExternalLimits::default()).starts_with("its answer is not a CodeGeneratorResponse")
        );
        assert!(refused("exec /no/such/plugin", ExternalLimits::default()).contains("/no/such/plugin"));
    }

    #[test]
    fn limits_of_memory_and_output_hold() {
        let small = ExternalLimits { output: 1000, ..ExternalLimits::default() };
        assert_eq!(refused("yes", small), "its answer is larger than the limit of 1000 bytes");
        let small = ExternalLimits { memory: 64 << 20, ..ExternalLimits::default() };
        assert!(refused("head -c 200000000 /dev/zero | tail -c 190000000 >/dev/null", small).starts_with("it ended"));
    }

    #[test]
    fn the_environment_of_the_server_stays_with_it() {
        let said = refused("env >&2; exit 1", ExternalLimits::default());
        assert!(!said.contains("HOME=") && said.contains("PATH="), "{said}");
    }
}
