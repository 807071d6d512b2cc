//! Everything that a registry acknowledged is there, whole, and what it serves fits together.

use std::collections::BTreeMap;
use std::path::Path;

use base64::Engine as _;
use sha2::Digest as _;

use super::ledger::{Acknowledged, Ledger};
use super::pushers::MODULES;
use crate::support::{Answer, Registry, eventually};

/// The eager plugins: each makes a crate of every commit.
const PLUGINS: [&str; 2] = ["prost", "tonic"];

/// Checks `pushes` on a running registry: commit, digest, files, and a place in the history of the label.
#[track_caller]
pub(crate) fn pushes_are_kept(registry: &Registry, pushes: &[(String, Acknowledged)]) {
    let histories: BTreeMap<_, _> =
        pushes.iter().map(|(_, push)| label(push)).map(|at| (at, history(registry, at))).collect();
    for (id, push) in pushes {
        let request = serde_json::json!({ "values": [{ "resourceRef": { "id": id } }] });
        let answer = registry.call("buf.registry.module.v1.DownloadService/Download", &request);
        assert_eq!(answer.status, 200, "acknowledged commit {id} is lost: {}", answer.text());
        let content = &answer.json()["contents"][0];
        assert_eq!(content["commit"]["digest"]["value"], push.digest, "digest of commit {id}");
        assert_eq!(files(content), push.files, "files of commit {id}");
        assert!(histories[&label(push)].contains(id), "label {:?} never came to commit {id}", label(push));
    }
}

fn label(push: &Acknowledged) -> (&str, &str) {
    (&push.module, &push.label)
}

fn files(content: &serde_json::Value) -> Vec<(String, String)> {
    let file = |file: &serde_json::Value| {
        let text = file["content"].as_str().unwrap_or_default();
        let bytes = base64::engine::general_purpose::STANDARD.decode(text).unwrap();
        (file["path"].as_str().unwrap().to_owned(), String::from_utf8(bytes).unwrap())
    };
    content["files"].as_array().unwrap().iter().map(file).collect()
}

/// The commits that a label has pointed at.
fn history(registry: &Registry, (module, label): (&str, &str)) -> Vec<String> {
    let (owner, name) = module.split_once('/').unwrap();
    let label = serde_json::json!({ "owner": owner, "module": name, "label": label });
    let mut request = serde_json::json!({ "pageSize": 250, "labelRef": { "name": label } });
    let mut commits = vec![];
    loop {
        let page = registry.call("buf.registry.module.v1.LabelService/ListLabelHistory", &request).ok().json();
        let values = page["values"].as_array().cloned().unwrap_or_default();
        commits.extend(values.iter().map(|value| value["commit"]["id"].as_str().unwrap().to_owned()));
        match page["nextPageToken"].as_str().unwrap_or_default() {
            "" => return commits,
            token => request["pageToken"] = token.into(),
        }
    }
}

/// Waits until nothing is queued, then downloads every crate that an index page names: each has the checksum of its
/// line, the same as ever before, and every acknowledged commit has a crate of each plugin.
#[track_caller]
pub(crate) fn crates_are_whole(registry: &Registry, ledger: &Ledger) {
    eventually("the queue is empty", || registry.jobs("queued") + registry.jobs("running") == 0);
    ask_for_what_was_given_up(registry);
    let mut served = String::new();
    for (name, page) in index_pages(registry).iter().filter(|(_, page)| page.status == 200) {
        served += &download_all(registry, ledger, name, &page.lines());
    }
    for (id, push) in ledger.all() {
        let short = id.replace('-', "");
        let prefix = push.module.replace('/', "_");
        for plugin in PLUGINS {
            let crate_name = format!("{prefix}_community_neoeinstein-{plugin} ");
            let found = served.lines().any(|line| line.starts_with(&crate_name) && line.contains(&short[..12]));
            assert!(found, "no crate of acknowledged commit {id} by {plugin}");
        }
    }
}

/// The name of each crate that clients can have pushed, with the answer for its index page.
pub(crate) fn index_pages(registry: &Registry) -> Vec<(String, Answer)> {
    let of_module =
        |module: &str| PLUGINS.map(|plugin| format!("{}_community_neoeinstein-{plugin}", module.replace('/', "_")));
    let page = |name: String| {
        let page = registry.get(&format!("/gen/cargo/{}/{}/{name}", &name[..2], &name[2..4]));
        (name, page)
    };
    MODULES.into_iter().flat_map(of_module).map(page).collect()
}

/// A crate that was being made three times when the registry was killed counts as what ended it; a fourth time is when
/// it was killed before it could say so. No other fails here.
fn ask_for_what_was_given_up(registry: &Registry) {
    let failed = |module: &str| -> Vec<serde_json::Value> {
        let listed = registry.cli(["sdk", "list", module, "--json"]).ok().json();
        listed.as_array().unwrap().iter().filter(|sdk| sdk["state"] == "failed").cloned().collect()
    };
    for sdk in MODULES.into_iter().flat_map(failed) {
        let message = sdk["message"].as_str().unwrap_or_default();
        assert!(["3 times", "4 times"].iter().any(|n| message.contains(&format!("the registry ended {n}"))), "{sdk}");
        let request = serde_json::json!({ "crateName": sdk["crate"], "version": sdk["version"], "noWait": true });
        registry.call("registry.v1.SdkService/RetrySdk", &request).ok();
    }
    eventually("what was given up is there", || {
        ["queued", "running", "failed"].iter().all(|state| registry.jobs(state) == 0)
    });
}

/// One line a version: `NAME VERSION`.
fn download_all(registry: &Registry, ledger: &Ledger, name: &str, lines: &[serde_json::Value]) -> String {
    let mut served = String::new();
    for line in lines {
        let version = line["vers"].as_str().unwrap();
        let bytes = registry.get(&format!("/gen/cargo/api/v1/crates/{name}/{version}/download")).ok().body;
        let checksum: String = sha2::Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(line["cksum"], *checksum, "{name} {version} differs from its index line");
        ledger.has_checksum(name, version, &checksum);
        served += &format!("{name} {version}\n");
    }
    served
}

/// Reads the database of a registry that is not running: it is one consistent whole.
#[track_caller]
pub(crate) fn database_is_sound(data_dir: &Path) {
    // With its log: what reads a database after a crash has to recover it.
    let conn = rusqlite::Connection::open(data_dir.join("registry.db")).unwrap();
    let text = |sql: &str| conn.query_row(sql, [], |row| row.get::<_, String>(0));
    assert_eq!(text("PRAGMA integrity_check").unwrap(), "ok");
    let broken = text("SELECT \"table\" FROM pragma_foreign_key_check LIMIT 1");
    assert!(matches!(broken, Err(rusqlite::Error::QueryReturnedNoRows)), "a reference leads nowhere: {broken:?}");
    let mut blobs = conn.prepare("SELECT digest, content FROM blobs").unwrap();
    let mut rows = blobs.query([]).unwrap();
    while let Some(row) = rows.next().unwrap() {
        let (digest, content): (Vec<u8>, Vec<u8>) = (row.get(0).unwrap(), row.get(1).unwrap());
        assert_eq!(sha2::Sha256::digest(content).to_vec(), digest, "a file differs from its digest");
    }
}
