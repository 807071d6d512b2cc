//! Public modules, pushed until their crates stand in the index, beside making the crates by hand: cold, and after a
//! change of one file.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use registry::client::{Client, UploadContent};
use registry::model::{Limits, ModuleFile, ModuleName, Sha256Digest, Snapshot, TokenSecret};
use registry::wire::buf::registry::module::v1::ModuleVisibility;

use super::cost::{self, Cost};
use super::hand::Hand;
use super::pushing::{ask, authorization, proto_files};
use super::support::Registry;
use super::table::Table;
use super::{opentelemetry as otel, support};

/// The npm package with all of googleapis, and the digest of its archive.
const GOOGLEAPIS: (&str, &str) =
    ("google-proto-files@5.0.3", "73a90e656be2ef3ba03fabc82bbb3b5213d29bd4ceb41e25364250d25606200c");

/// How long the index may take; a page is waited for much shorter than the largest module takes.
const PATIENCE: Duration = Duration::from_secs(300);

pub(crate) fn common_protos(table: &mut Table) {
    rows(table, "googleapis-common-protos", &proto_files(&support::googleapis()), "google/type/money.proto");
}

pub(crate) fn opentelemetry(table: &mut Table) {
    let changed = "opentelemetry/proto/common/v1/common.proto";
    rows(table, "opentelemetry-proto", &proto_files(&otel::sources()), changed);
}

pub(crate) fn googleapis(table: &mut Table) {
    rows(table, "googleapis", &proto_files(&all_of_googleapis()), "google/cloud/kms/v1/service.proto");
    by_buffa(table);
}

/// All of googleapis by buffa: what is larger than a crate may be is to be refused soon, and all of it would be made within
/// the bounds too.
fn by_buffa(table: &mut Table) {
    for (what, limit) in [("refused for its size", "400MiB"), ("made as a whole", "4GiB")] {
        let out = tempfile::tempdir().unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_registry"));
        command.arg("generate").arg(all_of_googleapis()).args(["--module", "bench/measured"]);
        command.args(["--plugin", "anthropics/buffa"]).arg("--out").arg(out.path());
        command.env("REGISTRY_MAX_SDK_BYTES", limit).env("HOME", out.path());
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let (took, is_made) = cost::whatever_comes_of(&mut command);
        assert_eq!(is_made, what == "made as a whole", "{command:?}");
        table.row(&format!("googleapis by buffa, {what}"), took.to_string(), "budget 60 s".into(), took.wall / 60.0);
        table.row("… memory", format!("{:.0} MB", took.peak), "budget 2 GiB".into(), took.peak / 2048.0);
    }
}

/// The sources of all of googleapis, fetched now if they are not there.
pub(crate) fn all_of_googleapis() -> PathBuf {
    let (package, digest) = GOOGLEAPIS;
    let inputs = super::directory().join("inputs");
    let root = inputs.join("googleapis");
    if root.exists() {
        return root;
    }
    std::fs::create_dir_all(&inputs).unwrap();
    let mut pack = Command::new("npm");
    pack.args(["pack", "--silent", package]).current_dir(&inputs);
    assert!(pack.status().unwrap().success(), "could not fetch {package} from npm");
    let archive = inputs.join(package.replace('@', "-") + ".tgz");
    let found = Sha256Digest::of(&std::fs::read(&archive).unwrap()).to_string();
    assert_eq!(found, digest, "{package} is not what it was");
    let unpacked = tempfile::tempdir_in(&inputs).unwrap();
    let status = Command::new("tar").arg("-xzf").arg(&archive).arg("-C").arg(unpacked.path()).status();
    assert!(status.unwrap().success(), "could not unpack {package}");
    // Protobuf's own tests, in an edition that is not out yet.
    std::fs::remove_dir_all(unpacked.path().join("package/google/protobuf")).unwrap();
    std::fs::rename(unpacked.path().join("package"), &root).unwrap();
    root
}

fn rows(table: &mut Table, what: &str, files: &[ModuleFile], changed: &str) {
    let mut pushing = Pushing::new();
    let (cold, first) = pushing.push(files);
    let sizes = ["prost", "tonic"].map(|plugin| pushing.size(plugin));
    let mut after = files.to_vec();
    let file = after.iter_mut().find(|file| file.path.as_str() == changed).unwrap();
    file.content = [&file.content[..], b"\nmessage AddedByTheBench {\n  string name = 1;\n}\n"].concat().into();
    let (warm, warm_first) = pushing.push(&after);
    drop(pushing);

    let hand = Hand::new(files);
    let by_hand = hand.make();
    let count = files.len();
    let beside = format!("by hand {by_hand}");
    table.row(
        &format!("{what}, {count} files, cold, prost and tonic"),
        cold.to_string(),
        beside,
        cold.wall / by_hand.wall,
    );
    table.row(
        "… memory",
        format!("{:.0} MB", cold.peak),
        format!("by hand {:.0} MB", by_hand.peak),
        cold.peak / by_hand.peak,
    );
    table.row("… first crate in the index", format!("{first:.2} s"), String::new(), first / by_hand.wall);
    let beside = format!("by hand {:.2} s, as cold", by_hand.wall);
    table.row("… after a change of one file", warm.to_string(), beside, warm.wall / by_hand.wall);
    table.row("… first crate in the index", format!("{warm_first:.2} s"), "budget 2 s".into(), warm_first / 2.0);
    for (plugin, size) in ["prost", "tonic"].into_iter().zip(sizes) {
        let by_hand = hand.size(plugin);
        table.row(
            &format!("… size of the {plugin} crate"),
            format!("{size:.1} MB"),
            format!("by hand {by_hand:.1} MB"),
            size / by_hand,
        );
    }
}

/// A registry with one module.
pub(crate) struct Pushing {
    pub(crate) registry: Registry,
    runtime: tokio::runtime::Runtime,
    client: Client,
    module: ModuleName,
}

impl Pushing {
    pub(crate) fn new() -> Self {
        let registry = Registry::with(|options| _ = options.flag("push-wait", "1"));
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let client = Client::new(&registry.url, TokenSecret::presented(&registry.token)).unwrap();
        let module: ModuleName = "bench/measured".parse().unwrap();
        runtime.block_on(client.create_organization(module.owner())).unwrap();
        runtime.block_on(client.create_module(&module, ModuleVisibility::MODULE_VISIBILITY_PUBLIC, None)).unwrap();
        Self { registry, runtime, client, module }
    }

    /// Pushes until both crates are in the index; also says after how many seconds the first was.
    pub(crate) fn push(&mut self, files: &[ModuleFile]) -> (Cost, f64) {
        let snapshot = Snapshot::new(files.to_vec(), &Limits::default()).unwrap();
        let module = self.module.clone();
        let content = UploadContent {
            module,
            snapshot,
            labels: vec![],
            source_control_url: String::new(),
            breaking: registry::model::BreakingConfig::default(),
        };
        let pid = self.registry.process().id();
        let (before, started) = (cost::cpu_of(pid), Instant::now());
        let uploaded = self.runtime.block_on(self.client.upload(vec![content], &[])).unwrap();
        let version = uploaded.commits[0].short().to_string();
        self.wait_for("prost", &version, started);
        let first = started.elapsed().as_secs_f64();
        self.wait_for("tonic", &version, started);
        let wall = started.elapsed().as_secs_f64();
        (Cost { wall, cpu: cost::cpu_of(pid) - before, peak: cost::memory(pid, "VmHWM") }, first)
    }

    /// What a plugin's crate is called.
    pub(crate) fn crate_name(&self, plugin: &str) -> String {
        format!("{}_{}_community_neoeinstein-{plugin}", self.module.owner(), self.module.name())
    }

    fn index(&self, plugin: &str) -> (u16, String) {
        let name = self.crate_name(plugin);
        ask(
            &self.registry,
            &format!("/gen/cargo/{}/{}/{name}", &name[..2], &name[2..4]),
            &authorization(&self.registry),
        )
    }

    fn wait_for(&self, plugin: &str, version: &str, started: Instant) {
        while started.elapsed() < PATIENCE {
            let (status, body) = self.index(plugin);
            if status == 200 && body.contains(version) {
                return;
            }
        }
        panic!("{} is not in the index", self.crate_name(plugin));
    }

    /// Bytes of the newest crate in MB.
    fn size(&self, plugin: &str) -> f64 {
        let (_, body) = self.index(plugin);
        let line: serde_json::Value = serde_json::from_str(body.lines().last().unwrap()).unwrap();
        let name = self.crate_name(plugin);
        let path = format!("/gen/cargo/api/v1/crates/{name}/{}/download", line["vers"].as_str().unwrap());
        self.registry.get(&path).body.len() as f64 / 1e6
    }
}
