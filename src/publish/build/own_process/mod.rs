//! Work in a process of its own: this program, started with a hidden command, with limits on memory and time, in a
//! directory of its own and without network where the system lets an ordinary user take network access away. It reads a
//! [`Task`] from standard input and writes an [`Answer`]; it opens no file and no store.

mod child;
mod protocol;

use std::io;
use std::path::PathBuf;
use std::process::ExitStatus;
use std::time::Duration;

use super::confined_program::run::{self, Ended, Limited, Stopped};
use super::confined_program::sandbox::{self, Confined};
use super::confined_program::system::signal;
use super::make_crate::CrateInput;
use super::resource_usage::Usage;
use crate::model::{Plugin, PluginResponse};
use crate::package::Package;
use protocol::{Answer, Task};

pub use child::answer_task;

/// The command of this program that answers a task.
pub const COMMAND: &str = "answer-task";

/// Address space for the program itself and for stacks, in bytes; little of it is touched.
const RESERVED: u64 = 2 << 30;

/// The exit status of a process that exceeded its memory limit.
const OUT_OF_MEMORY: i32 = 12;

/// The number of working threads of such a process.
const THREADS: usize = 4;

/// Why work in a process of its own failed.
#[derive(Debug, thiserror::Error)]
pub enum SubprocessError {
    /// There is no program to start: this is a registry inside another program.
    #[error(
        "it may take more memory than this process has for it (setting `build-memory`), and only the program `registry` \
         can do it in a process of its own"
    )]
    NoProgram,
    /// The process could not be started or waited for.
    #[error("could not {doing} a process for it: {source}")]
    System {
        /// The operation that failed: "start" or "wait for".
        doing: &'static str,
        /// The system's error.
        source: io::Error,
    },
    /// The work takes more memory than the limit.
    #[error("it takes more than {} MiB of memory; `--max-sdk-memory` allows more", .0 >> 20)]
    Memory(u64),
    /// The work takes longer than the limit.
    #[error("it was not done within {} seconds; `--sdk-timeout` gives it more time", .0.as_secs_f32())]
    Time(Duration),
    /// Its result is no longer needed.
    #[error("it was stopped")]
    Stopped,
    /// It ended without an answer.
    #[error("its process ended with {status} and said {said:?}")]
    Died {
        /// How it ended.
        status: ExitStatus,
        /// The end of its error output.
        said: String,
    },
    /// The plugin or the packaging failed, with this message.
    #[error("{0}")]
    Failed(String),
}

impl SubprocessError {
    /// Whether a retry would fail the same way.
    #[must_use]
    pub fn is_final(&self) -> bool {
        match self {
            Self::NoProgram | Self::Memory(_) | Self::Time(_) | Self::Failed(_) => true,
            Self::System { .. } | Self::Stopped | Self::Died { .. } => false,
        }
    }
}

/// The program and limits for work in a process of its own.
#[derive(Debug, Clone)]
pub struct Subprocess {
    /// The program `registry`, if there is one.
    pub program: Option<PathBuf>,
    /// Most memory, in bytes.
    pub memory: u64,
    /// Longest time.
    pub time: Duration,
}

impl Subprocess {
    /// The crate of `input`.
    pub(in crate::publish) fn package(
        &self,
        input: &CrateInput,
        stop: &(dyn Fn() -> bool + Sync),
    ) -> Result<Package, SubprocessError> {
        match self.run(&Task::Crate(Box::new(input.clone())), self.time, stop)? {
            Answer::Crate(package) => Ok(package),
            other => Err(SubprocessError::Failed(other.unexpected())),
        }
    }

    /// The output of `plugin` for the encoded `CodeGeneratorRequest` of a client.
    pub(in crate::publish) fn generate(
        &self,
        plugin: &Plugin,
        request: Vec<u8>,
        limit: Duration,
        stop: &(dyn Fn() -> bool + Sync),
    ) -> Result<PluginResponse, SubprocessError> {
        let task = Task::Generation { plugin: Box::new(plugin.clone()), request: request.into() };
        match self.run(&task, self.time.min(limit), stop)? {
            Answer::Generation(answer) => Ok(answer),
            other => Err(SubprocessError::Failed(other.unexpected())),
        }
    }

    fn run(&self, task: &Task, time: Duration, stop: &(dyn Fn() -> bool + Sync)) -> Result<Answer, SubprocessError> {
        let program = self.program.as_ref().ok_or(SubprocessError::NoProgram)?;
        let system = |source| SubprocessError::System { doing: "start", source };
        let directory = tempfile::tempdir().map_err(system)?;
        let arguments = [COMMAND.to_owned(), "--memory".to_owned(), self.memory.to_string()];
        let confined = Confined { memory: self.memory.saturating_add(RESERVED), time, directory: directory.path() };
        let mut command = sandbox::command(program, &arguments, &confined);
        let limited = Limited { time, output: u64::MAX, stop };
        let ended = run::run(&mut command, task.encode(), &limited).map_err(|why| match why {
            Stopped::System { doing, source } => SubprocessError::System { doing, source },
            Stopped::TooSlow => SubprocessError::Time(time),
            Stopped::TooMuch => SubprocessError::Memory(self.memory),
            Stopped::Asked => SubprocessError::Stopped,
        })?;
        if !ended.status.success() {
            return Err(self.death(ended, time));
        }
        let died = |reason: String| SubprocessError::Died { status: ended.status, said: reason };
        let (answer, Usage { expected_bytes, memory_bytes, cpu_ms }) =
            Answer::decode(ended.output.into()).map_err(died)?;
        tracing::debug!(task = %task.name(), expected_bytes, memory_bytes, cpu_ms, "a process of its own has ended");
        match answer {
            Answer::Failed(reason) => Err(SubprocessError::Failed(reason)),
            answer => Ok(answer),
        }
    }

    /// The reason why the process ended without an answer, as far as it is known.
    fn death(&self, ended: Ended, time: Duration) -> SubprocessError {
        const OUT_OF_TIME: i32 = 24;
        // An allocation failed at the limit on the address space.
        let refused = ended.complaint.contains("memory allocation of");
        if refused || ended.status.code() == Some(OUT_OF_MEMORY) {
            return SubprocessError::Memory(self.memory);
        }
        if signal(ended.status) == Some(OUT_OF_TIME) {
            return SubprocessError::Time(time);
        }
        SubprocessError::Died { status: ended.status, said: ended.complaint }
    }
}

#[cfg(test)]
mod tests;
