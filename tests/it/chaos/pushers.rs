//! Clients that push one version after another, several at a time, until the registry is gone.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::ledger::{Acknowledged, Ledger};
use super::random::Random;
use crate::support::http::{self, Answer};
use crate::support::{Registry, upload};

/// The modules that are pushed to; files of the last one import a file of the first.
pub(crate) const MODULES: [&str; 3] = ["acme/pets", "acme/farm", "acme/shop"];

/// Where pushes go; one that names no label goes to the default one.
const LABELS: [&str; 3] = ["main", "next", "release/1"];

const UPLOAD: &str = "buf.registry.module.v1.UploadService/Upload";

/// How long a client of several nodes waits for the answer of one of them.
const PATIENCE: Duration = Duration::from_secs(3);

/// How clients reach a registry; it may be gone.
#[derive(Clone)]
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

    /// As [`Self::call`], of a node that may be there and not answer.
    fn call_within(&self, patience: Duration, method: &str, request: &serde_json::Value) -> Option<Answer> {
        let headers = vec![self.authorization.clone(), "content-type: application/json".into()];
        let body = request.to_string();
        http::try_send_within(patience, &self.url, "POST", &format!("/{method}"), headers, body.as_bytes())
    }
}

/// Numbers that no two pushes share, so that each is a commit of its own.
static NUMBER: AtomicU64 = AtomicU64::new(0);

/// Pushes until the registry does not answer, or `stop` is set. A refusal is passed to `refused`.
pub(crate) fn push_on(door: &Door, ledger: &Ledger, stop: &AtomicBool, mut random: Random, refused: impl Fn(&Answer)) {
    while !stop.load(Ordering::Relaxed) {
        let Some(push) = Push::choose(ledger, &mut random) else { continue };
        let Some(answer) = door.call(UPLOAD, &push.request) else { return };
        if answer.status == 200 { push.note(ledger, &answer) } else { refused(&answer) }
    }
}

/// The doors of the nodes of a cluster. A node that is started again has another one.
#[derive(Default)]
pub(crate) struct Doors(Mutex<BTreeMap<usize, Door>>);

impl Doors {
    /// The node of this number is reached there from now on.
    pub(crate) fn open(&self, node: usize, door: Door) {
        self.0.lock().unwrap().insert(node, door);
    }

    fn one(&self, random: &mut Random) -> Door {
        let doors: Vec<Door> = self.0.lock().unwrap().values().cloned().collect();
        random.one(&doors).clone()
    }
}

/// Pushes to one node or another until `stop` is set. What is refused, or not answered in time, is pushed again, and
/// passed to `retried`.
pub(crate) fn push_to_any(
    doors: &Doors,
    ledger: &Ledger,
    stop: &AtomicBool,
    mut random: Random,
    retried: impl Fn(Option<&Answer>),
) {
    while !stop.load(Ordering::Relaxed) {
        let Some(push) = Push::choose(ledger, &mut random) else { continue };
        while !stop.load(Ordering::Relaxed) {
            let answer = doors.one(&mut random).call_within(PATIENCE, UPLOAD, &push.request);
            if let Some(answer) = answer.as_ref().filter(|answer| answer.status == 200) {
                push.note(ledger, answer);
                break;
            }
            retried(answer.as_ref());
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

/// A push that is not acknowledged yet.
struct Push {
    module: &'static str,
    label: &'static str,
    files: Vec<(String, String)>,
    request: serde_json::Value,
    begun: Instant,
}

impl Push {
    /// Any push; none if it would import files of a module that has no commit yet.
    fn choose(ledger: &Ledger, random: &mut Random) -> Option<Self> {
        let module = *random.one(&MODULES);
        let label = *random.one(&LABELS);
        let files = files(module, NUMBER.fetch_add(1, Ordering::Relaxed));
        let mut request = request(module, &files);
        if random.below(2) == 0 || label != "main" {
            request["contents"][0]["scopedLabelRefs"] = serde_json::json!([{ "name": label }]);
        }
        if module == MODULES[2] {
            request["depCommitIds"] = serde_json::json!([ledger.any_commit_of(MODULES[0])?]);
        }
        Some(Self { module, label, files, request, begun: Instant::now() })
    }

    /// Notes that `answer` acknowledged it.
    fn note(self, ledger: &Ledger, answer: &Answer) {
        let commit = &answer.json()["commits"][0];
        let text = |value: &serde_json::Value| value.as_str().expect("a text in the reply").to_owned();
        let (id, digest) = (text(&commit["id"]), text(&commit["digest"]["value"]));
        let Self { module, label, files, begun, .. } = self;
        let (module, label) = (module.into(), label.into());
        ledger.acknowledge(&id, Acknowledged { module, label, digest, files, begun, done: Instant::now() });
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
