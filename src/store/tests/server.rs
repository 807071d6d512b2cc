//! A server of PostgreSQL for tests: on a socket in a temporary directory, and gone with it.

use std::io::{Read as _, Write as _};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

/// Debian's `nobody`: the server refuses to run as root.
const NOBODY: u32 = 65534;

/// Says on its standard output when the server is ready. A line on its standard input is a signal that ends the server,
/// or `start`. The server ends with its standard input too: also when whoever started it was killed.
const SCRIPT: &str = r#"
    start() {
        : >"$1/log"
        "$0" -D "$1" -k "$1" -c listen_addresses= -c max_connections=300 $2 >>"$1/log" 2>&1 </dev/null &
        pid=$!
        until [ -S "$1/.s.PGSQL.5432" ] && grep -q 'ready to accept' "$1/log"; do
            kill -0 $pid || exit 1
            sleep 0.02
        done
        echo ready
    }
    trap 'kill -QUIT $pid; wait $pid; rm -rf "$1"' EXIT
    start "$@"
    while read -r word; do
        if [ "$word" = start ]; then start "$@"; else kill "-$word" $pid; wait $pid; echo ended; fi
    done
"#;

/// A server whose power may fail, and one that need not be so careful.
const CAREFUL: &str = "-c fsync=on -c full_page_writes=on -c synchronous_commit=on";
const QUICK: &str = "-c fsync=off -c full_page_writes=off -c synchronous_commit=off";

/// Mounts a disk of so many MiB in the directory, and starts the rest, as another user than root once more.
const MOUNT: &str = r#"
    mount -t tmpfs -o "size=$0m,mode=1777" none "$1" && shift
    exec unshare --map-user=65534 --map-group=65534 "$@"
"#;

/// How a server is stopped, by the signal.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Stop {
    /// It ends all transactions, and writes everything down.
    Fast,
    /// As when the power fails.
    Immediate,
}

/// A running server, for its user `registry`.
pub(crate) struct Server {
    process: Child,
    dir: TempDir,
}

impl Server {
    pub(crate) fn start() -> Self {
        Self::start_with(QUICK, None)
    }

    /// One with a disk of so many MiB at [`Server::small_disk`]; none where the system forbids mounts.
    pub(crate) fn start_with_small_disk(mebibytes: u32) -> Option<Self> {
        let mut probe = Command::new("unshare");
        if rustix::process::geteuid().is_root() {
            probe.uid(NOBODY).gid(NOBODY);
        }
        probe.args(["--map-root-user", "--mount", "unshare", "--map-user=65534", "true"]).current_dir("/");
        if !probe.output().is_ok_and(|output| output.status.success()) {
            eprintln!("skipped: this system does not let tests mount anything");
            return None;
        }
        Some(Self::start_with(QUICK, Some(mebibytes)))
    }

    /// One that keeps what it has committed, however it ends.
    pub(crate) fn start_careful() -> Self {
        Self::start_with(CAREFUL, None)
    }

    fn start_with(settings: &str, small_disk: Option<u32>) -> Self {
        let dir = tempfile::Builder::new().prefix("registry-postgres-").tempdir().unwrap();
        let [data, disk] = ["data", "disk"].map(|name| dir.path().join(name));
        std::fs::create_dir(&data).unwrap();
        std::fs::create_dir(&disk).unwrap();
        let is_root = rustix::process::geteuid().is_root();
        if is_root {
            for path in [dir.path(), &data, &disk] {
                std::os::unix::fs::chown(path, Some(NOBODY), Some(NOBODY)).unwrap();
            }
        }
        let as_user = |program: &Path| {
            let mut command = Command::new(program);
            if is_root {
                command.uid(NOBODY).gid(NOBODY);
            }
            command.current_dir(&data);
            command
        };
        let made = as_user(&program("initdb"))
            // By default texts are compared as people do, so that what the store compares otherwise shows.
            .args(["--locale-provider=icu", "--icu-locale=en-US", "-D"])
            .arg(&data)
            .args(["--auth=trust", "--username=registry", "--encoding=UTF8", "--locale=C", "--no-sync"])
            .output()
            .unwrap();
        assert!(made.status.success(), "initdb: {}", String::from_utf8_lossy(&made.stderr));
        let mut command = as_user(Path::new(if small_disk.is_some() { "unshare" } else { "/bin/sh" }));
        if let Some(mebibytes) = small_disk {
            command.args(["--map-root-user", "--mount", "sh", "-c", MOUNT]).arg(mebibytes.to_string());
            command.arg(&disk).arg("/bin/sh");
        }
        let process = command
            .args(["-c", SCRIPT])
            .arg(program("postgres"))
            .arg(&data)
            .arg(settings)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut server = Self { process, dir };
        server.expect("ready");
        server
    }

    /// Stops it, while it may be in use.
    pub(crate) fn stop(&mut self, how: Stop) {
        let signal = match how {
            Stop::Fast => "INT",
            Stop::Immediate => "QUIT",
        };
        self.say(signal);
        self.expect("ended");
    }

    /// Starts it again, with what it has kept.
    pub(crate) fn start_again(&mut self) {
        self.say("start");
        self.expect("ready");
    }

    fn say(&mut self, word: &str) {
        writeln!(self.process.stdin.as_mut().unwrap(), "{word}").unwrap();
    }

    fn expect(&mut self, expected: &str) {
        let mut word = [0; 6];
        let read = self.process.stdout.as_mut().unwrap().read_exact(&mut word);
        let log = || std::fs::read_to_string(self.socket_dir().join("log")).unwrap_or_default();
        assert!(read.is_ok() && word.trim_ascii() == expected.as_bytes(), "PostgreSQL is not {expected}: {}", log());
    }

    /// Where its small disk is, if it has one: the place for a tablespace.
    pub(crate) fn small_disk(&self) -> PathBuf {
        self.dir.path().join("disk")
    }

    /// The directory of its socket.
    pub(crate) fn socket_dir(&self) -> PathBuf {
        self.dir.path().join("data")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
}

/// A program of PostgreSQL, from the path or where Debian keeps it.
fn program(name: &str) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let of_debian = versions.map(|version| version.path().join("bin"));
    let found = std::env::split_paths(&path).chain(of_debian).map(|dir| dir.join(name)).find(|file| file.is_file());
    found.unwrap_or_else(|| panic!("PostgreSQL's `{name}` is not on this machine; run tests/setup, which installs it"))
}
