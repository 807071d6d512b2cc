//! Start, memory, and pushes until the crates are in the index.

use std::time::{Duration, Instant};

use bytes::Bytes;
use registry::client::{Client, UploadContent};
use registry::model::{Limits, ModuleFile, ModuleName, Snapshot, TokenSecret};
use registry::wire::buf::registry::module::v1::ModuleVisibility;

use super::load::{Connection, Shot};
use super::support::{Registry, googleapis};
use super::table::{Table, median};

/// How often each thing is measured.
const RUNS: usize = 9;

/// From starting the process to its first answer, and what it takes when idle.
pub(crate) fn start(table: &mut Table) {
    let mut times = vec![];
    let mut registry = None;
    for _ in 0..RUNS {
        let started = Instant::now();
        let running = Registry::start();
        let (status, _) = ask(&running, "/healthz", "");
        assert_eq!(status, 200);
        times.push(started.elapsed().as_secs_f64() * 1e3);
        registry = Some(running);
    }
    let time = median(times);
    table.row("start to first answer", format!("{time:.1} ms"), "budget 30 ms".into(), time / 30.0);
    let mut registry = registry.unwrap();
    std::thread::sleep(Duration::from_millis(300));
    let memory = resident_mb(registry.process().id());
    table.row("idle memory", format!("{memory:.1} MB"), "budget 25 MB".into(), memory / 25.0);
}

/// Pushes until the crates of prost and tonic can be downloaded.
pub(crate) fn push(table: &mut Table) {
    let registry = Registry::start();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let client = Client::new(&registry.url, TokenSecret::presented(&registry.token)).unwrap();
    let create = |name: &ModuleName| {
        let organization = runtime.block_on(client.create_organization(name.owner()));
        organization.unwrap();
        runtime.block_on(client.create_module(name, ModuleVisibility::MODULE_VISIBILITY_PUBLIC, None)).unwrap();
    };

    let pets: ModuleName = "acme/pets".parse().unwrap();
    create(&pets);
    let mut times = vec![];
    for run in 0..RUNS {
        let snapshot = ten_files(run);
        times.push(until_served(&registry, &runtime, &client, &pets, snapshot));
    }
    let time = median(times) * 1e3;
    table.row("push of 10 files to crates in the index", format!("{time:.0} ms"), "budget 60 ms".into(), time / 60.0);

    let name: ModuleName = "googleapis/googleapis".parse().unwrap();
    create(&name);
    let files = proto_files(&googleapis());
    let count = files.len();
    let mut times = vec![];
    for run in 0..3 {
        let mut files = files.clone();
        files.push(file("bench/run.proto", format!("syntax = \"proto3\";\nmessage Run{run} {{}}\n")));
        let snapshot = Snapshot::new(files, &Limits::default()).unwrap();
        times.push(until_served(&registry, &runtime, &client, &name, snapshot));
    }
    let time = median(times) * 1e3;
    let what = format!("push of googleapis-common-protos ({count} files)");
    table.row(&what, format!("{time:.0} ms"), "by hand 280 ms, on another machine".into(), time / 280.0);
}

/// Seconds from sending the upload until both crates stand in the index.
pub(crate) fn until_served(
    registry: &Registry,
    runtime: &tokio::runtime::Runtime,
    client: &Client,
    module: &ModuleName,
    snapshot: Snapshot,
) -> f64 {
    let started = Instant::now();
    let content = UploadContent {
        module: module.clone(),
        snapshot,
        labels: vec![],
        source_control_url: String::new(),
        breaking: registry::model::BreakingConfig::default(),
    };
    let uploaded = runtime.block_on(client.upload(vec![content], &[])).unwrap();
    let short = uploaded.commits[0].short().to_string();
    for plugin in ["prost", "tonic"] {
        let name = format!("{}_{}_community_neoeinstein-{plugin}", module.owner(), module.name());
        let path = format!("/gen/cargo/{}/{}/{name}", &name[..2], &name[2..4]);
        let (status, body) = ask(registry, &path, &authorization(registry));
        assert!(status == 200 && body.contains(&short), "{name} is not in the index: {status} {body}");
    }
    started.elapsed().as_secs_f64()
}

/// Ten files of three messages and a service each.
pub(crate) fn ten_files(run: usize) -> Snapshot {
    let source = |number: usize| {
        let text = format!(
            "syntax = \"proto3\";\npackage acme.pets.v{number};\n\
             // A pet of run {run}.\nmessage Pet {{ string name = 1; repeated string tags = 2; Kind kind = 3; }}\n\
             enum Kind {{ KIND_UNSPECIFIED = 0; KIND_DOG = 1; }}\n\
             message GetPetRequest {{ string name = 1; }}\nmessage GetPetResponse {{ Pet pet = 1; }}\n\
             service PetService {{ rpc GetPet(GetPetRequest) returns (GetPetResponse); }}\n"
        );
        file(&format!("acme/pets/v{number}/pets.proto"), text)
    };
    Snapshot::new((1..=10).map(source).collect(), &Limits::default()).unwrap()
}

fn file(path: &str, text: String) -> ModuleFile {
    ModuleFile { path: path.parse().unwrap(), content: Bytes::from(text) }
}

/// All sources below `root`.
pub(crate) fn proto_files(root: &std::path::Path) -> Vec<ModuleFile> {
    let mut files = vec![];
    let mut open = vec![root.to_path_buf()];
    while let Some(dir) = open.pop() {
        for entry in std::fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "proto") {
                let name = path.strip_prefix(root).unwrap().to_str().unwrap();
                files.push(file(name, std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    files
}

/// The header line that says who asks.
pub(crate) fn authorization(registry: &Registry) -> String {
    format!("authorization: Bearer {}\r\n", registry.token)
}

/// One request on a connection of its own.
pub(crate) fn ask(registry: &Registry, path: &str, headers: &str) -> (u16, String) {
    let mut connection = Connection::open(address(registry));
    let (status, body) = connection.send(&Shot::get(path, headers, 200).head);
    (status, String::from_utf8_lossy(body).into_owned())
}

/// Where a registry listens.
pub(crate) fn address(registry: &Registry) -> std::net::SocketAddr {
    let port = registry.url.rsplit(':').next().unwrap().parse().unwrap();
    ([127, 0, 0, 1], port).into()
}

/// Resident memory of a process in MB.
fn resident_mb(pid: u32) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap() / 1024.0
}
