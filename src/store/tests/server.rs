//! A server of PostgreSQL for tests: on a socket in a temporary directory, and gone with it.

use std::io::Read as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

/// Debian's `nobody`: the server refuses to run as root.
const NOBODY: u32 = 65534;

/// Says on its standard output when the server is ready, and ends it when its standard input ends: also when whoever
/// started it was killed.
const SCRIPT: &str = r#"
    "$0" -D "$1" -k "$1" -c listen_addresses= -c fsync=off -c full_page_writes=off -c synchronous_commit=off \
        -c max_connections=300 >"$1/log" 2>&1 </dev/null &
    pid=$!
    trap 'kill -QUIT $pid; wait $pid; rm -rf "$1"' EXIT
    until [ -S "$1/.s.PGSQL.5432" ] && grep -q 'ready to accept' "$1/log"; do
        kill -0 $pid || exit 1
        sleep 0.02
    done
    echo ready
    cat >/dev/null
"#;

/// A running server, for its user `registry`.
pub(crate) struct Server {
    process: Child,
    dir: TempDir,
}

impl Server {
    pub(crate) fn start() -> Self {
        let dir = tempfile::Builder::new().prefix("registry-postgres-").tempdir().unwrap();
        let data = dir.path().join("data");
        std::fs::create_dir(&data).unwrap();
        let is_root = rustix::process::geteuid().is_root();
        if is_root {
            for path in [dir.path(), &data] {
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
        let mut process = as_user(Path::new("/bin/sh"))
            .args(["-c", SCRIPT])
            .arg(program("postgres"))
            .arg(&data)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut word = [0; 5];
        let ready = process.stdout.as_mut().unwrap().read_exact(&mut word);
        let log = || std::fs::read_to_string(data.join("log")).unwrap_or_default();
        assert!(ready.is_ok() && word == *b"ready", "PostgreSQL does not start: {}", log());
        Self { process, dir }
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
