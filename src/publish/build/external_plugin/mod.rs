//! Plugins that are executables: one process per request, with limits on time, memory and output. The process reads the
//! request from standard input, as `protoc` sends it. Its environment holds only `PATH`, its directory is empty, and it
//! has no network where the system lets an ordinary user take network access away.
//!
//! The digest of every output is stored by the digest of its request. A plugin with another output for the same request
//! is reported. The new output is used all the same: the plugin may have been fixed, and published crates never change.

mod nondeterminism;

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use prost::Message as _;
use prost_types::compiler::CodeGeneratorResponse;
use prost_types::compiler::code_generator_response::File;

use super::confined_program::program::{self, ProgramError};
use super::confined_program::run::{self as process, Limited, Stopped};
use super::confined_program::sandbox::{self, Confined};
use crate::generate::{ExternPathStyle, Generator, GeneratorError, PluginRequest};
use crate::model::{ExternalPlugin, Plugin, PluginRef};
pub(in crate::publish) use nondeterminism::Watched;

/// The most lines of a plugin's standard error that a message quotes.
const COMPLAINT_LINES: usize = 10;

/// The most bytes of an unreadable answer that a message quotes.
const ANSWER_BYTES: usize = 40;

/// The limits on a plugin's process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExternalLimits {
    /// Time from start to exit.
    pub time: Duration,
    /// Address space in bytes.
    pub memory: u64,
    /// Bytes of its response.
    pub output: u64,
}

impl Default for ExternalLimits {
    fn default() -> Self {
        Self { time: Duration::from_secs(120), memory: 4 << 30, output: 1 << 30 }
    }
}

/// A plugin whose program was not found.
#[derive(Debug, thiserror::Error)]
#[error("the command of plugin {plugin} cannot be run: {reason}")]
pub struct ExternalError {
    /// The plugin.
    pub plugin: PluginRef,
    /// Why the command cannot be run.
    pub reason: ProgramError,
}

/// The plugins that are executables, each ready to be run.
#[derive(Debug, Clone, Default)]
pub struct Externals(BTreeMap<PluginRef, External>);

impl Externals {
    /// Finds the programs of `plugins`; each runs within `limits`.
    ///
    /// # Errors
    /// When a program does not exist or cannot be run.
    pub fn find(plugins: &[ExternalPlugin], limits: ExternalLimits) -> Result<Self, ExternalError> {
        if !plugins.is_empty() && !sandbox::can_take_network_away() {
            tracing::warn!("plugins of the configuration run with network: this system does not let it be taken away");
        }
        let ready = |plugin: &ExternalPlugin| {
            let (described, command) = (plugin.plugin(), &plugin.command);
            let reference = described.reference();
            let failed = |reason| ExternalError { plugin: reference.clone(), reason };
            let program = program::find(command.first().map_or("", String::as_str)).map_err(failed)?;
            let arguments = command.iter().skip(1).cloned().collect();
            let stop = Stop(Arc::new(|| false));
            Ok((reference, External { program, arguments, plugin: described, limits, stop }))
        };
        plugins.iter().map(ready).collect::<Result<_, _>>().map(Self)
    }

    /// The executable of `plugin`, if it is an external plugin.
    pub(in crate::publish) fn get(&self, plugin: &Plugin) -> Option<&External> {
        self.0.get(&plugin.reference())
    }
}

/// A plugin that is an executable.
#[derive(Debug, Clone)]
pub(in crate::publish) struct External {
    program: PathBuf,
    arguments: Vec<String>,
    plugin: Plugin,
    limits: ExternalLimits,
    stop: Stop,
}

/// Returns true when the output is no longer needed.
#[derive(Clone)]
struct Stop(Arc<dyn Fn() -> bool + Send + Sync>);

impl fmt::Debug for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Stop")
    }
}

impl External {
    /// The same plugin with a limit of `time` on a run. The run ends early when `stop` returns true.
    pub(in crate::publish) fn within(&self, time: Duration, stop: impl Fn() -> bool + Send + Sync + 'static) -> Self {
        let limits = ExternalLimits { time: self.limits.time.min(time), ..self.limits };
        Self { limits, stop: Stop(Arc::new(stop)), ..self.clone() }
    }

    fn answer(&self, request: &[u8]) -> Result<Vec<u8>, GeneratorError> {
        let directory = tempfile::tempdir()
            .map_err(|e| GeneratorError::NotStarted(format!("could not make a directory for it: {e}")))?;
        let ExternalLimits { time, memory, output } = self.limits;
        let confined = Confined { memory, time, directory: directory.path() };
        let mut command = sandbox::command(&self.program, &self.arguments, &confined);
        let limited = Limited { time, output, stop: &*self.stop.0 };
        let ended = process::run(&mut command, request.to_vec(), &limited).map_err(|why| self.stopped(&why))?;
        if ended.status.success() {
            return Ok(ended.output);
        }
        let said = last_lines(&ended.complaint, COMPLAINT_LINES);
        let said = if said.is_empty() { "said nothing".into() } else { format!("said: {said}") };
        Err(GeneratorError::Failed(format!("it ended with {} and {said}", ended.status)))
    }

    fn stopped(&self, why: &Stopped) -> GeneratorError {
        let ExternalLimits { time, output, .. } = self.limits;
        GeneratorError::Failed(match why {
            Stopped::System { .. } | Stopped::Asked => return GeneratorError::NotStarted(why.to_string()),
            Stopped::TooSlow => {
                let seconds = time.as_secs_f32();
                format!("it did not end within {seconds} seconds; `--plugin-timeout` gives plugins more time")
            }
            Stopped::TooMuch => {
                format!("its answer is larger than {output} bytes; `--max-plugin-answer-bytes` allows more")
            }
        })
    }
}

/// The failure of a plugin whose answer cannot be read, with the beginning of what it answered.
fn unreadable(answer: &[u8], error: &prost::DecodeError) -> GeneratorError {
    let start = String::from_utf8_lossy(&answer[..answer.len().min(ANSWER_BYTES)]);
    GeneratorError::Failed(format!(
        "its answer begins with {start:?} and is not a google.protobuf.compiler.CodeGeneratorResponse: {error}"
    ))
}

/// The last `count` lines of a text.
fn last_lines(text: &str, count: usize) -> &str {
    let start = text.rmatch_indices('\n').nth(count.saturating_sub(1)).map_or(0, |(at, _)| at + 1);
    &text[start..]
}

impl Generator for External {
    fn generate(&self, request: &PluginRequest) -> Result<Vec<File>, GeneratorError> {
        let answer = self.answer(request.encoded())?;
        let response = CodeGeneratorResponse::decode(&answer[..]).map_err(|error| unreadable(&answer, &error))?;
        match response.error {
            Some(error) => Err(GeneratorError::Refused(error)),
            None => Ok(response.file),
        }
    }

    fn extern_path_style(&self) -> ExternPathStyle {
        ExternPathStyle::of_family(self.plugin.family, !self.plugin.dependencies.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generate::{GenerateError, Request, generate_with};
    use crate::model::Generated;
    use crate::model::testing::{module, set};

    fn external(script: &str, limits: ExternalLimits) -> External {
        let text = "name = \"acme/dto\"\nversion = \"v1.0.0\"\ncommand = \"sh\"\n";
        let mut plugin: ExternalPlugin = toml_edit::de::from_str(text).unwrap();
        plugin.command = ["sh", "-c", script].map(str::to_owned).to_vec();
        let described = plugin.plugin();
        Externals::find(&[plugin], limits).unwrap().get(&described).unwrap().clone()
    }

    fn failed(script: &str, limits: ExternalLimits) -> String {
        match answered(&external(script, limits)).unwrap_err() {
            GeneratorError::Failed(message) => message,
            other => panic!("{other:?}"),
        }
    }

    fn answered(external: &External) -> Result<Vec<File>, GeneratorError> {
        external.generate(&PluginRequest::new(&external.plugin, vec![]).unwrap())
    }

    /// Prints a response with one file, `name`, that holds ten letters.
    fn echo(name: &str) -> Result<Generated, GenerateError> {
        let script = format!(r#"input=$(cat); printf '\172\022\012\004{name}\172\012%s' "abcdefghij""#);
        let external = external(&script, ExternalLimits::default());
        let (descriptors, module) = (set(&[("acme/app", "a.proto", "package a; message M {}")]), module("acme/app"));
        let request = Request { descriptors: &descriptors, module: &module, externs: &[], options: &[] };
        generate_with(&external, &external.plugin, &request)
    }

    #[test]
    fn an_executable_answers_like_an_embedded_plugin() {
        assert_eq!(echo("a.rs").unwrap().files[0].content, "abcdefghij");
    }

    #[test]
    fn names_that_lead_outside_are_refused() {
        for name in ["/a/b", "../b"] {
            let error = echo(name).unwrap_err();
            assert!(matches!(error, GenerateError::Response { .. }), "{error}");
        }
    }

    #[test]
    fn one_that_breaks_down_is_quoted() {
        let said = failed("echo no such option >&2; exit 3", ExternalLimits::default());
        assert_eq!(said, "it ended with exit status: 3 and said: no such option");
        assert_eq!(failed("exit 3", ExternalLimits::default()), "it ended with exit status: 3 and said nothing");
        let said = failed("echo hello", ExternalLimits::default());
        let expected =
            r#"its answer begins with "hello\n" and is not a google.protobuf.compiler.CodeGeneratorResponse"#;
        assert!(said.starts_with(expected), "{said}");
    }

    #[test]
    fn of_many_words_the_last_lines_are_told() {
        assert_eq!(last_lines("one\ntwo\nthree", 2), "two\nthree");
        assert_eq!(last_lines("one", 2), "one");
        assert_eq!(last_lines("", 2), "");
    }

    #[test]
    fn limits_hold_and_are_named() {
        let small = ExternalLimits { output: 1000, ..ExternalLimits::default() };
        let said = failed("yes", small);
        assert_eq!(said, "its answer is larger than 1000 bytes; `--max-plugin-answer-bytes` allows more");
        let small = ExternalLimits { memory: 64 << 20, ..ExternalLimits::default() };
        assert!(failed("head -c 200000000 /dev/zero | tail -c 190000000 >/dev/null", small).starts_with("it ended"));
        let quick = external("sleep 100", ExternalLimits::default()).within(Duration::from_millis(300), || false);
        let said = answered(&quick).unwrap_err();
        assert!(
            matches!(said, GeneratorError::Failed(text) if text.contains("within 0.3 seconds; `--plugin-timeout`"))
        );
    }

    #[test]
    fn the_environment_of_the_server_stays_with_it() {
        let said = failed("env >&2; ls -A >&2; exit 1", ExternalLimits::default());
        assert!(!said.contains("HOME=") && said.contains("PATH="), "{said}");
    }
}
