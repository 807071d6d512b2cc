//! Tries one reader, in a process that it may end.

use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use fastrand::Rng;
use registry::fuzzing::FuzzTarget;
use rustix::process::{Resource, Rlimit, setrlimit};

use crate::{corpus, mutate};

/// Longest time for one input, on a machine that is busy.
const LONGEST: Duration = Duration::from_secs(10);

/// Address space of the process in bytes.
const MEMORY: u64 = 4 << 30;

/// Stack of the thread that reads: that of a server's thread.
const STACK: usize = 2 << 20;

/// Most inputs that are kept to make new ones of, beside the corpus.
const KEPT: usize = 256;

/// Executions so far.
static EXECUTIONS: AtomicU64 = AtomicU64::new(0);

/// Gives the reader its corpus, and then new inputs for some seconds.
pub(crate) fn run(target: &'static FuzzTarget, seconds: u64, seed: u64) -> ExitCode {
    let memory = Some(MEMORY);
    setrlimit(Resource::As, Rlimit { current: memory, maximum: memory }).unwrap();
    let inputs = corpus::inputs(target.name);
    let (count, started) = (inputs.len(), Instant::now());
    let body = move || read(target, inputs, started + Duration::from_secs(seconds), seed);
    let reader = std::thread::Builder::new().stack_size(STACK).spawn(body).unwrap();
    let mut seen = (0, Instant::now());
    while !reader.is_finished() {
        std::thread::sleep(Duration::from_millis(50));
        let executions = EXECUTIONS.load(Ordering::Relaxed);
        if executions != seen.0 {
            seen = (executions, Instant::now());
        } else if seen.1.elapsed() > LONGEST {
            eprintln!("{}: one input takes longer than {} s", target.name, LONGEST.as_secs());
            return ExitCode::FAILURE;
        }
    }
    if reader.join().is_err() {
        return ExitCode::FAILURE;
    }
    let (executions, spent) = (EXECUTIONS.load(Ordering::Relaxed), started.elapsed().as_secs_f32());
    println!("{:22} {count:>8} {executions:>12} {spent:>8.1}", target.name);
    ExitCode::SUCCESS
}

fn read(target: &FuzzTarget, mut inputs: Vec<Vec<u8>>, end: Instant, seed: u64) {
    let file = File::create(corpus::current(target.name)).unwrap();
    let one = |input: &[u8]| {
        // Written before it is tried: afterwards there may be nobody left to write it.
        file.set_len(input.len() as u64).unwrap();
        file.write_all_at(input, 0).unwrap();
        (target.run)(input);
        EXECUTIONS.fetch_add(1, Ordering::Relaxed);
    };
    inputs.iter().for_each(|input| one(input));
    let corpus = inputs.len();
    let mut random = Rng::with_seed(seed);
    while Instant::now() < end {
        let input = mutate::input(&mut random, &inputs, target.words);
        one(&input);
        // Nobody knows which are worth it, so chance keeps some.
        if random.u8(..16) == 0 {
            if inputs.len() == corpus + KEPT {
                inputs.swap_remove(corpus + random.usize(..KEPT));
            }
            inputs.push(input);
        }
    }
}
