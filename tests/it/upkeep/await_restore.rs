//! A server that waits for a backup, and the command that sends one.

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};

use serde_json::Value;
use sha2::Digest as _;

use crate::support::{
    Module, Registry, Transcript, eventually, http, kennel, registry_command, run, run_with_input, signal,
};
use crate::upkeep::{Filled, on};

/// A server that was started with `--await-restore`.
struct Waiting {
    process: Child,
    lines: std::io::Lines<BufReader<std::process::ChildStdout>>,
    log: PathBuf,
    home: tempfile::TempDir,
    url: String,
    token: String,
    data: PathBuf,
}

impl Waiting {
    fn on(data: &Path, flags: &[&str]) -> Self {
        let home = tempfile::tempdir().unwrap();
        let log = home.path().join("log");
        let mut command = registry_command(home.path());
        command.args(["serve", "--json", "--await-restore", "--listen", "127.0.0.1:0", "--data-dir"]).arg(data);
        command.args(flags).stdout(Stdio::piped()).stderr(File::create(&log).unwrap());
        let mut process = command.spawn().unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let mut waiting =
            Self { process, lines, log, home, url: String::new(), token: String::new(), data: data.to_owned() };
        let told = waiting.line();
        told["url"].as_str().unwrap().clone_into(&mut waiting.url);
        told["restore_token"].as_str().unwrap().clone_into(&mut waiting.token);
        waiting
    }

    /// The next line that it prints.
    #[track_caller]
    fn line(&mut self) -> Value {
        let line = self.lines.next().unwrap_or_else(|| panic!("no line; {}", self.log())).unwrap();
        serde_json::from_str(&line).unwrap()
    }

    fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap()
    }

    fn get(&self, path: &str) -> http::Answer {
        http::send(&self.url, "GET", path, vec![], &[])
    }

    /// `registry restore FILE` into this server.
    fn restore(&self, token: &str, file: &Path) -> Transcript {
        let mut command = registry_command(self.home.path());
        command.arg("restore").arg(file).args(["--server", &self.url]).env("REGISTRY_TOKEN", token);
        run(&mut command)
    }

    /// The names in its data directory, beside the lock.
    fn names(&self) -> Vec<String> {
        let names = std::fs::read_dir(&self.data).unwrap().map(|entry| entry.unwrap().file_name());
        names.map(|name| name.into_string().unwrap()).filter(|name| name != "lock").collect()
    }

    /// An upload that has begun, and announces `length` bytes.
    fn begin(&self, length: usize, bytes: &[u8]) -> std::net::TcpStream {
        let headers = [format!("authorization: Bearer {}", self.token), format!("content-length: {length}")];
        let mut upload = http::connect(&self.url).unwrap();
        upload.write_all(http::head("PUT", "/admin/restore", &headers).as_bytes()).unwrap();
        upload.write_all(bytes).unwrap();
        upload
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        _ = self.process.kill();
        _ = self.process.wait();
        if std::thread::panicking() {
            eprintln!("--- log of the waiting registry\n{}\n---", self.log());
        }
    }
}

#[test]
fn a_registry_moves_to_another_machine_over_the_network() {
    let old = Registry::start();
    let pushed = Module::new("acme/pets").file("pets.proto", kennel("name")).push(&old);
    let work = tempfile::tempdir().unwrap();
    let file = work.path().join("registry.db");
    let data = work.path().join("data");
    let server = ["backup", "--server", &old.url, "--token", &old.token];
    run(registry_command(work.path()).args(server).arg(&file)).ok();

    let mut waiting = Waiting::on(&data, &[]);
    waiting.get("/healthz").ok();
    assert_eq!(waiting.get("/readyz").is(503).text().lines().count(), 1);
    for path in ["/", "/acme/pets", "/gen/cargo/config.json", "/metrics"] {
        let text = waiting.get(path).is(503).text();
        assert!(text.starts_with("this registry waits for a backup") && text.lines().count() == 1, "{path}: {text}");
    }
    let mut command = registry_command(work.path());
    command.arg("restore").arg(&file).args(["--server", &waiting.url, "--token-stdin", "--json"]);
    let restored = run_with_input(&mut command, &format!("{}\n", waiting.token)).ok().json();
    assert_eq!((&restored["commits"], &restored["directory"]), (&1.into(), &data.to_str().unwrap().into()));
    let ready = waiting.line();
    assert_eq!(ready["url"].as_str(), Some(waiting.url.as_str()), "{ready}");
    assert!(ready["token"].is_null(), "the users are those of the backup: {ready}");

    let new = |path: &str| http::send(&waiting.url, "GET", path, vec![old.authorization()], &[]).ok().body;
    for plugin in ["community/neoeinstein-prost", "community/neoeinstein-tonic"] {
        let sdk = pushed.sdk(plugin);
        let path = format!("/gen/cargo/api/v1/crates/{}/{}/download", sdk.name, sdk.version);
        assert_eq!(new(&path), old.get(&path).ok().body);
    }
    on(&data, &["verify"]).ok();
    let mut audit = registry_command(work.path());
    audit.args(["audit", "--action", "store.restore", "--json", "--server", &waiting.url, "--token", &old.token]);
    let audited = run(&mut audit).ok();
    audited.prints("store.restore").prints("127.0.0.1");
    waiting.restore(&waiting.token, &file).refused().says("does not wait for a backup");
    assert!(!waiting.log().contains(&waiting.token));
    signal(waiting.process.id(), "TERM");
    assert!(waiting.process.wait().unwrap().success());
}

#[test]
fn what_is_refused_leaves_nothing_and_the_server_waits_on() {
    let filled = Filled::new();
    let work = tempfile::tempdir().unwrap();
    let (file, other) = (work.path().join("registry.db"), work.path().join("other.db"));
    on(filled.data.path(), &["backup", file.to_str().unwrap()]).ok();
    let whole = std::fs::read(&file).unwrap();
    let most = (whole.len() + 1000).to_string();
    let mut waiting = Waiting::on(&work.path().join("data"), &["--max-store-bytes", &most]);
    let nothing = |waiting: &Waiting| assert_eq!(waiting.names(), Vec::<String>::new());

    waiting.restore("reg_nothing", &file).refused().says("and with no other");
    nothing(&waiting);
    let mut changed = whole.clone();
    changed[whole.len() / 3] ^= 4;
    std::fs::write(&other, changed).unwrap();
    waiting.restore(&waiting.token, &other).refused().says("the backup is damaged");
    std::fs::write(&other, &whole[..whole.len() / 2]).unwrap();
    waiting.restore(&waiting.token, &other).refused().says("is not a whole backup");
    std::fs::write(&other, [&whole[..], &[0; 2000]].concat()).unwrap();
    waiting.restore(&waiting.token, &other).refused().says("--max-store-bytes");
    let pieces = work.path().join("pieces");
    on(filled.data.path(), &["backup", pieces.to_str().unwrap(), "--incremental"]).ok();
    let folders = std::fs::read_dir(pieces.join("pieces")).unwrap().map(|folder| folder.unwrap().path());
    let piece = folders.flat_map(|folder| std::fs::read_dir(folder).unwrap()).next().unwrap().unwrap().path();
    std::fs::write(&piece, "changed").unwrap();
    waiting.restore(&waiting.token, &pieces).refused().says("this backup is damaged: the piece");
    eventually("nothing is left", || waiting.names().is_empty());

    // A second upload beside one that goes on, which is cut off then.
    let upload = waiting.begin(whole.len(), &whole[..whole.len() / 2]);
    eventually("the upload has begun", || !waiting.names().is_empty());
    waiting.restore(&waiting.token, &file).refused().says("another backup is being received");
    drop(upload);
    eventually("nothing is left", || waiting.names().is_empty());
    let log = waiting.log();
    assert!(log.contains("no backup was taken; waiting for another"), "{log}");

    waiting.restore(&waiting.token, &file).ok().prints("holds 3 commits");
    waiting.line();
    on(&waiting.data.clone(), &["verify"]).ok();
}

#[test]
fn a_backup_that_was_damaged_before_is_found_by_comparing_all_of_it() {
    let filled = Filled::new();
    let work = tempfile::tempdir().unwrap();
    let data = filled.copy();
    let damage = "UPDATE blobs SET content = CAST(content || x'07' AS BLOB)";
    rusqlite::Connection::open(data.path().join("registry.db")).unwrap().execute_batch(damage).unwrap();
    let file = work.path().join("registry.db");
    // The program makes no such backup any more: this is what an older one wrote.
    let database = std::fs::read(data.path().join("registry.db")).unwrap();
    let seal = sha2::Sha256::digest(&database);
    std::fs::write(&file, [&database, seal.as_slice(), b"registry backup\n"].concat()).unwrap();
    let waiting = Waiting::on(&work.path().join("data"), &[]);
    waiting.restore(&waiting.token, &file).refused().says("take an earlier backup");
    eventually("nothing is left", || waiting.names().is_empty());
    waiting.get("/readyz").is(503);
}

#[test]
fn a_server_waits_on_an_empty_directory_alone_and_ends_when_told_so() {
    let filled = Filled::new();
    let home = tempfile::tempdir().unwrap();
    let serve = |data: &Path| {
        let mut command = registry_command(home.path());
        command.args(["serve", "--await-restore", "--listen", "127.0.0.1:0", "--data-dir"]).arg(data);
        command
    };
    run(&mut serve(filled.data.path())).could_not_run().says("is not an empty directory");
    run(serve(home.path()).arg("--ephemeral")).could_not_run();

    let data = home.path().join("data");
    std::fs::create_dir(&data).unwrap();
    // What a killed server left.
    std::fs::create_dir(data.join(".registry-restore-x")).unwrap();
    let mut waiting = Waiting::on(&data, &[]);
    assert_eq!(waiting.names(), Vec::<String>::new());
    run(&mut serve(&data)).could_not_run().says("is in use");
    let upload = waiting.begin(5000, &[0; 100]);
    eventually("the upload has begun", || !waiting.names().is_empty());
    signal(waiting.process.id(), "TERM");
    assert!(waiting.process.wait().unwrap().success());
    assert_eq!(waiting.names(), Vec::<String>::new());
    drop(upload);
}

#[test]
fn the_text_of_a_waiting_server_can_be_followed() {
    let home = tempfile::tempdir().unwrap();
    let mut command = registry_command(home.path());
    command.args(["serve", "--await-restore", "--listen", "127.0.0.1:0"]).stdout(Stdio::piped());
    let mut process = command.stderr(Stdio::null()).spawn().unwrap();
    let lines = BufReader::new(process.stdout.take().unwrap()).lines();
    let text: Vec<_> = lines.map(Result::unwrap).take_while(|line| !line.contains("--token-stdin")).collect();
    process.kill().unwrap();
    process.wait().unwrap();
    assert!(text[0].starts_with("registry waits at http://"), "{text:?}");
    assert_eq!(text.iter().filter(|line| line.starts_with("  reg_")).count(), 1, "{text:?}");
}
