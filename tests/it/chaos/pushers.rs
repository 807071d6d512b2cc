//! Clients that push one version after another, several at a time, until the registry is gone.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use super::ledger::{Acknowledged, Ledger};
use super::random::Random;
use crate::support::http::{self, Answer};
use crate::support::{Registry, upload};

/// The modules that are pushed to; files of the last one import a file of the first.
pub(crate) const MODULES: [&str; 3] = ["acme/pets", "acme/farm", "acme/shop"];

/// Where pushes go; one that names no label goes to the default one.
const LABELS: [&str; 3] = ["main", "next", "release/1"];

/// How clients reach a registry; it may be gone.
pub(crate) struct Door {
    url: String,
    authorization: String,
}

impl Door {
    pub(crate) fn of(registry: &Registry) -> Self {
        Self { url: registry.url.clone(), authorization: registry.authorization() }
    }

    /// Calls an RPC with JSON.
    pub(crate) fn call(&self, method: &str, request: &serde_json::Value) -> Option<Answer> {
        let headers = vec![self.authorization.clone(), "content-type: application/json".into()];
        http::try_send(&self.url, "POST", &format!("/{method}"), headers, request.to_string().as_bytes())
    }
}

/// Numbers that no two pushes share, so that each is a commit of its own.
static NUMBER: AtomicU64 = AtomicU64::new(0);

/// Pushes until the registry does not answer, or `stop` is set. A refusal is passed to `refused`.
pub(crate) fn push_on(door: &Door, ledger: &Ledger, stop: &AtomicBool, mut random: Random, refused: impl Fn(&Answer)) {
    while !stop.load(Ordering::Relaxed) {
        let module = *random.one(&MODULES);
        let label = *random.one(&LABELS);
        let files = files(module, NUMBER.fetch_add(1, Ordering::Relaxed));
        let mut request = request(module, &files);
        if random.below(2) == 0 || label != "main" {
            request["contents"][0]["scopedLabelRefs"] = serde_json::json!([{ "name": label }]);
        }
        if module == MODULES[2] {
            let Some(dependency) = ledger.any_commit_of(MODULES[0]) else { continue };
            request["depCommitIds"] = serde_json::json!([dependency]);
        }
        let Some(answer) = door.call("buf.registry.module.v1.UploadService/Upload", &request) else { return };
        if answer.status != 200 {
            refused(&answer);
            continue;
        }
        let commit = &answer.json()["commits"][0];
        let text = |value: &serde_json::Value| value.as_str().expect("a text in the reply").to_owned();
        let (id, digest) = (text(&commit["id"]), text(&commit["digest"]["value"]));
        let push = Acknowledged { module: module.into(), label: label.into(), digest, files };
        ledger.acknowledge(&id, push);
    }
}

fn request(module: &str, files: &[(String, String)]) -> serde_json::Value {
    let (owner, name) = module.split_once('/').expect("owner/name");
    let files: Vec<_> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    upload(owner, name, &files)
}

/// The sources of version `number` of a module: one file that never changes, and one that always does.
fn files(module: &str, number: u64) -> Vec<(String, String)> {
    let name = module.split_once('/').expect("owner/name").1;
    let head = format!("syntax = \"proto3\";\npackage acme.{name}.v1;\n");
    let (import, field) = match module == MODULES[2] {
        true => ("import \"acme/pets/v1/still.proto\";\n", "acme.pets.v1.Still"),
        false => ("", "string"),
    };
    let still = format!("{head}message Still {{ string name = 1; }}\n");
    let changing = format!(
        "{head}{import}message Number{number} {{ {field} of = 1; }}\n\
         service Service{number} {{ rpc Call(Number{number}) returns (Number{number}); }}\n"
    );
    vec![(format!("acme/{name}/v1/changing.proto"), changing), (format!("acme/{name}/v1/still.proto"), still)]
}
