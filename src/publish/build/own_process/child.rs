//! The process that answers a task.

use std::io::{self, Read, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use super::protocol::{Answer, Task};
use super::{OUT_OF_MEMORY, THREADS};
use crate::generate::{self, Bounds, Cost, GenerateError};
use crate::publish::build::make_crate::MakeError;
use crate::publish::build::remote_generation;
use crate::publish::build::resource_usage::{Meter, resident};

/// The interval between checks of the memory.
const LOOK: Duration = Duration::from_millis(10);

/// Reads a task, runs it within `memory` bytes, and writes the answer. This process does nothing else: it ends with its
/// parent.
///
/// # Errors
/// When the task cannot be read or the answer cannot be written.
pub fn answer_task(mut input: impl Read, mut output: impl Write, memory: u64) -> io::Result<()> {
    // On other systems, the limits end a process whose parent has ended.
    #[cfg(target_os = "linux")]
    let _ = rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL));
    thread::Builder::new().name("memory".into()).spawn(move || end_beyond(memory))?;
    let threads = thread::available_parallelism().map_or(1, usize::from).min(THREADS);
    // Each thread has a stack, and each call of a generator another one.
    let _ = rayon::ThreadPoolBuilder::new().num_threads(threads).build_global();
    let mut task = Vec::new();
    input.read_to_end(&mut task)?;
    let task = Task::decode(task.into()).map_err(io::Error::other)?;
    let (meter, expected) = (Meter::start(), AtomicU64::new(0));
    let answer = answer(task, memory, &expected)?;
    output.write_all(&answer.encode(meter.read(expected.into_inner())))?;
    output.flush()
}

/// Ends this process when it has more than `memory` bytes of resident memory. The limit on the address space cannot do
/// that: much of the address space is reserved and never touched.
fn end_beyond(memory: u64) {
    while resident().is_none_or(|bytes| bytes <= memory) {
        thread::sleep(LOOK);
    }
    std::process::exit(OUT_OF_MEMORY);
}

/// Runs a task; sets `expected` to the estimate of its memory.
fn answer(task: Task, memory: u64, expected: &AtomicU64) -> io::Result<Answer> {
    match task {
        Task::Crate(input) => {
            let admit = |cost: &Cost| {
                expected.store(cost.memory, Ordering::Relaxed);
                Some(Bounds { calls: cost.calls, ..Bounds::none() })
            };
            match input.make(memory, None, admit) {
                Ok(package) => Ok(Answer::Crate(package)),
                Err(MakeError::Generate(error)) => failed(error),
                Err(error) => Ok(Answer::Failed(error.to_string())),
            }
        }
        Task::Generation { plugin, request } => {
            expected.store(generate::request_cost(&plugin, &request).unwrap_or_default(), Ordering::Relaxed);
            let made = remote_generation::generate_within(&plugin, request.into(), None, Arc::new(()));
            made.map(Answer::Generation).or_else(failed)
        }
    }
}

/// The answer for a failed plugin; an error if the plugin could not be started, because a retry may succeed.
fn failed(error: GenerateError) -> io::Result<Answer> {
    match error {
        GenerateError::NotStarted { .. } => Err(io::Error::other(error)),
        error => Ok(Answer::Failed(error.to_string())),
    }
}
