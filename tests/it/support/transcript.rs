//! One run of a program, and expectations about it.

use std::fmt;
use std::io::{Seek, Write};
use std::process::{Command, ExitStatus, Output, Stdio};
use std::time::{Duration, Instant};

/// The result of a program.
pub(crate) struct Transcript {
    command: String,
    status: ExitStatus,
    pub(crate) stdout: String,
    /// With an error in JSON as the line that people get without `--json`.
    pub(crate) stderr: String,
    /// The code of an error in JSON.
    code: Option<String>,
    /// The findings of an error in JSON, if it has some.
    findings: Option<serde_json::Value>,
}

/// Runs `command` to its end, with nothing on its standard input.
pub(crate) fn run(command: &mut Command) -> Transcript {
    run_with_input(command, "")
}

/// Runs `command` to its end, with `input` on its standard input.
pub(crate) fn run_with_input(command: &mut Command, input: &str) -> Transcript {
    let line = describe(command);
    let failed = |error| -> Output { panic!("could not run {line}: {error}") };
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(input.as_bytes()).and_then(|()| file.rewind()).unwrap();
    let output = command.stdin(file).output().unwrap_or_else(failed);
    Transcript::new(line, &output)
}

/// Runs a program that should end by itself soon. If it does not, it is killed, and has no exit code.
pub(crate) fn run_briefly(command: &mut Command) -> Transcript {
    let line = describe(command);
    let command = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap_or_else(|error| panic!("could not run {line}: {error}"));
    let deadline = Instant::now() + Duration::from_secs(20);
    while child.try_wait().unwrap().is_none() {
        if Instant::now() > deadline {
            let _ = child.kill();
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    let output = child.wait_with_output().unwrap();
    Transcript::new(line, &output)
}

fn describe(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let line: Vec<_> = words.map(|word| word.to_string_lossy()).collect();
    let dir = command.get_current_dir().map_or_else(String::new, |dir| format!(" (in {})", dir.display()));
    format!("{}{dir}", line.join(" "))
}

impl Transcript {
    fn new(command: String, output: &Output) -> Self {
        let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
        let mut stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        let (mut code, mut findings) = (None, None);
        let start = stderr.trim_end().rfind('\n').map_or(0, |end| end + 1);
        if let Ok(last) = serde_json::from_str::<serde_json::Value>(&stderr[start..])
            && let Some(message) = last["error"]["message"].as_str()
        {
            code = last["error"]["code"].as_str().map(str::to_owned);
            findings = last["error"].get("findings").cloned();
            stderr.replace_range(start.., &format!("error: {message}\n"));
        }
        Self { command, status: output.status, stdout, stderr, code, findings }
    }

    /// Expects an error in JSON with this code.
    #[track_caller]
    pub(crate) fn with_code(self, code: &str) -> Self {
        assert_eq!(self.code.as_deref(), Some(code), "{self}");
        self
    }

    /// The findings of an error in JSON.
    #[track_caller]
    pub(crate) fn findings(&self) -> &serde_json::Value {
        self.findings.as_ref().unwrap_or_else(|| panic!("no findings: {self}"))
    }

    /// Whether it succeeded (exit code 0).
    pub(crate) fn succeeded(&self) -> bool {
        self.status.success()
    }

    /// Expects success (exit code 0).
    #[track_caller]
    pub(crate) fn ok(self) -> Self {
        self.exits(0)
    }

    /// Expects a refusal (exit code 1).
    #[track_caller]
    pub(crate) fn refused(self) -> Self {
        self.exits(1)
    }

    /// Expects that it could not run (exit code 2).
    #[track_caller]
    pub(crate) fn could_not_run(self) -> Self {
        self.exits(2)
    }

    /// Expects a failure with any exit code, for cargo, which ends with 101.
    #[track_caller]
    pub(crate) fn fails(self) -> Self {
        assert!(!self.status.success(), "this should have failed:\n{self}");
        self
    }

    #[track_caller]
    fn exits(self, code: i32) -> Self {
        assert_eq!(self.status.code(), Some(code), "another exit code was expected:\n{self}");
        self
    }

    /// Expects this text in standard error.
    #[track_caller]
    pub(crate) fn says(self, text: &str) -> Self {
        assert!(self.stderr.contains(text), "{text:?} is missing on standard error:\n{self}");
        self
    }

    /// Expects this text in standard output.
    #[track_caller]
    pub(crate) fn prints(self, text: &str) -> Self {
        assert!(self.stdout.contains(text), "{text:?} is missing on standard output:\n{self}");
        self
    }

    /// Expects that standard output is this text, apart from white space at line ends.
    #[track_caller]
    pub(crate) fn prints_exactly(self, text: &str) -> Self {
        assert_eq!(self.stdout.trim_end(), text, "{self}");
        self
    }

    /// Expects an empty standard error.
    #[track_caller]
    pub(crate) fn says_nothing(self) -> Self {
        assert!(self.stderr.is_empty(), "nothing was to be said:\n{self}");
        self
    }

    /// Standard output as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> serde_json::Value {
        match serde_json::from_str(&self.stdout) {
            Ok(value) => value,
            Err(error) => panic!("standard output is not JSON ({error}):\n{self}"),
        }
    }
}

impl fmt::Display for Transcript {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { command, status, stdout, stderr, .. } = self;
        write!(f, "$ {command}\n{status}\n--- standard output\n{stdout}\n--- standard error\n{stderr}\n---")
    }
}
