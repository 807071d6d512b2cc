//! `make fuzz-quick`: gives every reader of `registry::fuzzing` its corpus, and then what chance makes of it, with a
//! stable toolchain and nothing installed. `--seconds N` is how long each has, `--seed N` leads to other inputs, names
//! choose readers. A reader that panics, ends the process, takes too long or too much memory fails, and the input is
//! kept. `make fuzz` searches deeper: it watches which code an input reaches.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, clippy::print_stderr)]

mod corpus;
mod mutate;
mod worker;

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, ExitCode};

use registry::fuzzing::{FuzzTarget, TARGETS};

/// Seconds that each reader has if nobody says otherwise: a minute for all.
const SECONDS: u64 = 3;

/// What the command line asks for. Whatever else stands there is for other tests.
struct Asked {
    seconds: u64,
    seed: u64,
    /// Set in the process that tries one reader.
    worker: bool,
    names: Vec<String>,
}

impl Asked {
    fn read() -> Self {
        let mut asked = Self { seconds: SECONDS, seed: 0, worker: false, names: vec![] };
        let mut arguments = std::env::args().skip(1);
        while let Some(argument) = arguments.next() {
            let mut number = || arguments.next().and_then(|number| number.parse().ok()).expect("a number");
            match argument.as_str() {
                "--seconds" => asked.seconds = number(),
                "--seed" => asked.seed = number(),
                "--worker" => asked.worker = true,
                flag if flag.starts_with('-') => {}
                name => asked.names.push(name.to_owned()),
            }
        }
        asked
    }
}

fn main() -> ExitCode {
    let asked = Asked::read();
    let chosen = |target: &&FuzzTarget| asked.names.is_empty() || asked.names.iter().any(|name| name == target.name);
    let targets: Vec<_> = TARGETS.iter().filter(chosen).collect();
    if asked.worker {
        return worker::run(targets[0], asked.seconds, asked.seed);
    }
    let known: BTreeSet<_> = TARGETS.iter().map(|target| target.name.to_owned()).collect();
    assert_eq!(corpus::folders(), known, "every reader has a folder in tests/fuzz/corpus, and every folder a reader");
    println!("{:22} {:>8} {:>12} {:>8}", "reader", "corpus", "executions", "seconds");
    let failed = targets.iter().filter(|target| !tried(target, &asked)).count();
    println!("{} passed, {failed} failed", targets.len() - failed);
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Tries one reader in a process of its own, so that nothing that it does ends this one.
fn tried(target: &FuzzTarget, asked: &Asked) -> bool {
    let (seconds, seed) = (asked.seconds.to_string(), asked.seed.to_string());
    let mut worker = Command::new(std::env::current_exe().unwrap());
    worker.args(["--worker", "--seconds", &seconds, "--seed", &seed, target.name]);
    let status = worker.status().unwrap();
    if status.success() {
        return true;
    }
    let current = corpus::current(target.name);
    println!("{:22} FAILED with {status}; the input is {}", target.name, shown(&current));
    false
}

fn shown(path: &Path) -> String {
    path.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap_or(path).display().to_string()
}
