//! Confines a program: an empty directory, an environment that holds only `PATH`, limits on memory and CPU time, and no
//! network where the system lets an ordinary user take network access away.

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::time::Duration;

/// Runs a command in a namespace without network.
const NO_NETWORK: [&str; 4] = ["unshare", "--user", "--map-current-user", "--net"];

/// The limits of a confined program.
pub(in crate::publish) struct Confined<'a> {
    /// Bytes of address space.
    pub memory: u64,
    /// Time from start to exit, which the waiting thread enforces. The system also enforces this much CPU time for each
    /// processor, in case no thread waits.
    pub time: Duration,
    /// The working directory.
    pub directory: &'a Path,
}

/// A command that runs `program` with `arguments`, confined.
pub(in crate::publish) fn command(program: &Path, arguments: &[String], confined: &Confined<'_>) -> Command {
    let Confined { memory, time, directory } = *confined;
    let processors = std::thread::available_parallelism().map_or(1, usize::from) as u64;
    // `ulimit` is a command of the shell; `exec` replaces the shell by the program.
    let seconds = (time.as_secs() + 1).saturating_mul(processors);
    let script = format!("ulimit -v {} && ulimit -t {seconds} && exec \"$@\"", memory / 1024);
    let shell = ["sh", "-c", &script, "plugin"].map(str::to_owned);
    let without = if can_take_network_away() { &NO_NETWORK[..] } else { &[] };
    let mut words = without.iter().map(|word| (*word).to_owned()).chain(shell);
    let mut command = Command::new(words.next().unwrap_or_default());
    command.args(words).arg(program).args(arguments).current_dir(directory).env_clear();
    if let Some(path) = std::env::var_os("PATH") {
        command.env("PATH", path);
    }
    command
}

/// Whether this system lets an ordinary user run programs without network; checked once.
pub(in crate::publish) fn can_take_network_away() -> bool {
    static CAN: OnceLock<bool> = OnceLock::new();
    *CAN.get_or_init(|| {
        let mut trial = Command::new(NO_NETWORK[0]);
        trial.args(&NO_NETWORK[1..]).arg("true");
        let quiet = trial.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        quiet.status().is_ok_and(|status| status.success())
    })
}
