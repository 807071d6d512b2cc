//! The requested modules, of every kind, and the facts about them that each caller may know.

use base64::Engine as _;
use serde_json::{Value, json};

use super::callers::{Caller, Kind, User};
use super::create_token;
use crate::support::{Registry, eventually, run};

/// What a user may do with a module.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd)]
pub(super) enum Held {
    /// It does not exist.
    Nothing,
    Read,
    Write,
    Admin,
}
use Held::{Admin, Nothing, Read, Write};

/// What a user holds of a module, and whether the user may read all that it depends on.
pub(super) type Right = (Held, bool);

/// A module, as the rows of the tables name it.
pub(super) struct Subject {
    pub(super) owner: &'static str,
    pub(super) module: &'static str,
    /// Commit and crate version that the rows ask for.
    pub(super) commit: String,
    pub(super) version: String,
    /// The commit of a check plugin of the same name and visibility.
    pub(super) program: String,
    /// What its push needs.
    pub(super) needs: Vec<String>,
    pub(super) source: String,
    /// The commit and the version belonged to a module that was deleted.
    pub(super) gone: bool,
    rights: [Right; 5],
}

/// Module, and what another owner, a reader, a writer, an admin of acme, and the registry's administrator hold of it.
const RIGHTS: [(&str, &str, [Right; 5]); 4] = [
    // A private module.
    ("acme", "pets", [(Nothing, false), (Read, true), (Write, true), (Admin, true), (Admin, true)]),
    // A public module that depends on a private one, as an older program let through.
    ("acme", "shown", [(Read, false), (Read, true), (Write, true), (Admin, true), (Admin, true)]),
    // A private module that depends on a private one of another owner.
    ("acme", "guarded", [(Nothing, false), (Read, false), (Write, false), (Admin, false), (Admin, true)]),
    // A public module where somebody else had a private one, whose commit and version are asked for.
    ("phoenix", "pets", [(Admin, true), (Read, true), (Read, true), (Read, true), (Admin, true)]),
];

/// Words of private sources, and what their module is called, for callers who may not read it.
const WORDS_OF_ACME: &[&str] = &["canary_pets", "vault", "canary_vault"];
const WORDS_OF_BANK: &[&str] = &["coffer", "canary_coffer"];
const WORDS_OF_NOBODY: &[&str] = &["canary_ghost"];

impl Subject {
    pub(super) fn right(&self, user: User) -> Right {
        self.rights[user as usize]
    }

    pub(super) fn fill(&self, template: &str) -> String {
        template
            .replace("OWNER", self.owner)
            .replace("MODULE", self.module)
            .replace("PROGRAM", &self.program)
            .replace("COMMIT", &self.commit)
            .replace("VERSION", &self.version)
            .replace("CRATE", &format!("{}_{}_community_neoeinstein-prost", self.owner, self.module))
            .replace("INDEX", &format!("{}/{}", &self.owner[..2], &self.owner[2..4]))
            .replace("NEEDS", &json!(self.needs).to_string())
            .replace(
                "REFS",
                &json!(self.needs.iter().map(|id| json!({ "commitId": id })).collect::<Vec<_>>()).to_string(),
            )
            .replace("SOURCE", &base64::engine::general_purpose::STANDARD.encode(&self.source))
    }
}

/// What must not stand in any answer to this caller.
pub(super) fn forbidden(caller: &Caller) -> impl Iterator<Item = &'static str> {
    let (acme, bank) = match caller.kind {
        Kind::User { user: User::Site, .. } => (false, false),
        Kind::User { user: User::Other, .. } | Kind::Nobody | Kind::Invalid => (true, true),
        Kind::User { .. } => (false, true),
    };
    let of = |words: &'static [&str], hidden: bool| words.iter().copied().filter(move |_| hidden);
    of(WORDS_OF_NOBODY, true).chain(of(WORDS_OF_ACME, acme)).chain(of(WORDS_OF_BANK, bank))
}

fn source(package: &str, canary: &str, import: &str) -> String {
    let field = if import.is_empty() { String::new() } else { format!(" {import}.v1.Thing thing = 2;") };
    let import = if import.is_empty() { String::new() } else { format!("import \"{import}/v1/thing.proto\";\n") };
    format!("syntax = \"proto3\";\npackage {package}.v1;\n{import}message Thing {{ string {canary} = 1;{field} }}\n")
}

/// Pushes a module, and tells its commit once its crates are there.
fn push(registry: &Registry, token: &str, name: (&str, &str), source: &str, package: &str, needs: &[String]) -> String {
    let (owner, module) = name;
    let encoded = base64::engine::general_purpose::STANDARD.encode(source);
    let files = json!([{ "path": format!("{package}/v1/thing.proto"), "content": encoded }]);
    let content = json!({ "moduleRef": { "name": { "owner": owner, "module": module } }, "files": files });
    let request = json!({ "contents": [content], "depCommitIds": needs });
    let answer = call(registry, token, "buf.registry.module.v1.UploadService/Upload", &request);
    answer["commits"][0]["id"].as_str().unwrap().to_owned()
}

fn call(registry: &Registry, token: &str, method: &str, request: &Value) -> Value {
    let headers = vec![format!("authorization: Bearer {token}"), "content-type: application/json".into()];
    let body = request.to_string();
    crate::support::http::send(&registry.url, "POST", &format!("/{method}"), headers, body.as_bytes()).ok().json()
}

fn create_module(registry: &Registry, token: &str, owner: &str, module: &str, visibility: &str) {
    let value = json!({ "ownerRef": { "name": owner }, "name": module, "visibility": visibility });
    call(registry, token, "buf.registry.module.v1.ModuleService/CreateModules", &json!({ "values": [value] }));
}

const PRIVATE: &str = "MODULE_VISIBILITY_PRIVATE";

/// Everything that the tables ask for.
pub(super) fn subjects(registry: &Registry) -> Vec<Subject> {
    for user in ["otto", "rea", "wil", "ada", "idle"] {
        registry.cli(["user", "create", user]).ok();
    }
    for organization in ["acme", "bank", "phoenix"] {
        registry.cli(["organization", "create", organization]).ok();
    }
    for (user, role) in [("rea", "reader"), ("wil", "writer"), ("ada", "admin")] {
        registry.cli(["organization", "member", "set", "acme", user, "--role", role]).ok();
    }
    let root = registry.token.clone();
    let made = |owner: &str, module: &str, package: &str, canary: &str, import: &str, needs: &[String]| {
        create_module(registry, &root, owner, module, PRIVATE);
        let source = source(package, canary, import);
        let commit = push(registry, &root, (owner, module), &source, package, needs);
        (commit, source)
    };
    let (vault, _) = made("acme", "vault", "keys", "canary_vault", "", &[]);
    let (coffer, _) = made("bank", "coffer", "coins", "canary_coffer", "", &[]);
    let pets = made("acme", "pets", "pets", "canary_pets", "", &[]);
    let shown = made("acme", "shown", "shown", "name", "keys", std::slice::from_ref(&vault));
    let guarded = made("acme", "guarded", "guarded", "name", "coins", std::slice::from_ref(&coffer));
    let ghost = made("phoenix", "pets", "pets", "canary_ghost", "", &[]);
    let pushed = [(pets, vec![]), (shown, vec![vault]), (guarded, vec![coffer]), (ghost, vec![])];
    let mut subjects = vec![];
    for ((owner, module, rights), ((commit, source), needs)) in RIGHTS.into_iter().zip(pushed) {
        let version = registry.cli(["sdk", "version", &format!("{owner}/{module}")]).ok().stdout.trim().to_owned();
        let gone = owner == "phoenix";
        let program = String::new();
        subjects.push(Subject { owner, module, commit, version, program, needs, source, gone, rights });
    }
    make_public_as_before(registry);
    make_again(registry, &mut subjects[3]);
    for subject in &subjects {
        let label = json!({ "name": { "owner": subject.owner, "module": subject.module, "label": "spare" } });
        let head = registry.cli(["label", "list", &format!("{}/{}", subject.owner, subject.module), "--json"]).ok();
        let commit = head.json()[0]["commit"].as_str().unwrap().to_owned();
        let request = json!({ "values": [{ "labelRef": label, "commitId": commit }] });
        call(registry, &root, "buf.registry.module.v1.LabelService/CreateOrUpdateLabels", &request);
    }
    for subject in &mut subjects {
        subject.program = check_plugin(registry, &root, subject);
    }
    subjects
}

/// Creates a check plugin of the name and the visibility of a subject, and pushes a program; its commit.
fn check_plugin(registry: &Registry, token: &str, subject: &Subject) -> String {
    let hidden = subject.rights[0].0 == Nothing;
    let visibility = if hidden { "PLUGIN_VISIBILITY_PRIVATE" } else { "PLUGIN_VISIBILITY_PUBLIC" };
    let value = json!({ "ownerRef": { "name": subject.owner }, "name": subject.module, "visibility": visibility });
    call(registry, token, "buf.registry.plugin.v1beta1.PluginService/CreatePlugins", &json!({ "values": [value] }));
    let plugin = json!({ "name": { "owner": subject.owner, "plugin": subject.module } });
    let content = json!({ "pluginRef": plugin, "content": "AGFzbQEAAAA=", "compressionType": 1 });
    let request = json!({ "contents": [content] });
    let pushed = call(registry, token, "buf.registry.plugin.v1beta1.UploadService/Upload", &request);
    pushed["commits"][0]["id"].as_str().unwrap().to_owned()
}

/// No call does this: it is how a registry may be that an older program served.
fn make_public_as_before(registry: &Registry) {
    let conn = rusqlite::Connection::open(registry.data_dir.join("registry.db")).unwrap();
    let changed = conn.execute("UPDATE modules SET visibility = 'public' WHERE name = 'shown'", []).unwrap();
    assert_eq!(changed, 1);
}

/// Deletes phoenix with its module, whose crate has been downloaded, and has otto make both again.
fn make_again(registry: &Registry, phoenix: &mut Subject) {
    for path in ["/gen/cargo/api/v1/crates/CRATE/VERSION/download", "/gen/cargo/INDEX/CRATE"] {
        registry.get(&phoenix.fill(path)).ok();
    }
    let module = json!({ "moduleRefs": [{ "name": { "owner": "phoenix", "module": "pets" } }] });
    registry.call("buf.registry.module.v1.ModuleService/DeleteModules", &module).ok();
    let organization = json!({ "organizationRefs": [{ "name": "phoenix" }] });
    registry.call("buf.registry.owner.v1.OrganizationService/DeleteOrganizations", &organization).ok();
    registry.cli(["organization", "free", "phoenix"]).ok();
    let otto = create_token(registry, &["--user", "otto"])["token"].as_str().unwrap().to_owned();
    run(registry.command().args(["organization", "create", "phoenix", "--token", &otto])).ok();
    create_module(registry, &otto, "phoenix", "pets", "MODULE_VISIBILITY_PUBLIC");
    phoenix.source = source("pets", "name", "");
    let new = push(registry, &otto, ("phoenix", "pets"), &phoenix.source, "pets", &[]);
    assert_ne!(new, phoenix.commit);
    let index = phoenix.fill("/gen/cargo/INDEX/CRATE");
    eventually("the new module has a crate", || registry.get(&index).status == 200);
}
