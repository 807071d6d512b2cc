//! Who may do what: every route, form and RPC for every kind of caller (`routes.rs`, `forms.rs`, `rpcs.rs`), private
//! modules, roles, and tokens themselves.

mod callers;
mod expected;
mod forms;
mod routes;
mod rpcs;
mod subjects;

pub(crate) use rpcs::requests;

use serde_json::{Value, json};

use crate::support::http::{self, Answer};
use crate::support::{Module, Registry, Transcript, eventually, pets, run, upload};

const INDEX: &str = "/gen/cargo/ac/me/acme_pets_community_neoeinstein-prost";

fn create_token(registry: &Registry, arguments: &[&str]) -> Value {
    registry.cli(["token", "create", "--json"].iter().chain(arguments)).ok().json()
}

fn bearer(token: &Value) -> String {
    let secret = token["token"].as_str().or(token["secret"].as_str()).expect("a secret");
    format!("authorization: Bearer {secret}")
}

/// A registry with acme/pets, private.
fn with_pets() -> (Registry, String) {
    let registry = Registry::start();
    let pushed = Module::new("acme/pets").file("pets.proto", pets("name")).push(&registry);
    (registry, pushed.commit)
}

fn post(registry: &Registry, method: &str, headers: &[String], request: &Value) -> Answer {
    let headers = headers.iter().cloned().chain(["content-type: application/json".into()]).collect();
    http::send(&registry.url, "POST", &format!("/{method}"), headers, request.to_string().as_bytes())
}

/// A user who is nobody special, with a token of scope write.
struct Stranger<'a> {
    registry: &'a Registry,
    token: String,
}

impl<'a> Stranger<'a> {
    fn to(registry: &'a Registry, name: &str) -> Self {
        let request = json!({ "values": [{ "name": name }] });
        registry.call("buf.registry.owner.v1.UserService/CreateUsers", &request).ok();
        let token = create_token(registry, &["--user", name]);
        Self { registry, token: token["token"].as_str().unwrap().to_owned() }
    }

    fn cli(&self, line: &str) -> Transcript {
        run(self.registry.command().args(line.split(' ')).args(["--token", &self.token]))
    }

    fn push(&self, module: &Module, name: &str) -> Transcript {
        let mut command = self.registry.command();
        run(command.arg("push").arg(module.directory()).args(["--module", name, "--token", &self.token]))
    }

    fn headers(&self) -> Vec<String> {
        vec![format!("authorization: Bearer {}", self.token)]
    }

    fn get(&self, path: &str) -> Answer {
        http::send(&self.registry.url, "GET", path, self.headers(), &[])
    }
}

#[test]
fn a_private_module_does_not_exist_for_others() {
    let (registry, commit) = with_pets();
    let version = registry.cli(["sdk", "version", "acme/pets"]).ok().stdout.trim().to_owned();
    let sam = Stranger::to(&registry, "sam");
    // The same words as for a module that is not there, so that nobody can probe for names.
    for command in ["module info", "sdk list", "sdk version", "label list"] {
        let hidden = sam.cli(&format!("{command} acme/pets")).refused();
        let absent = sam.cli(&format!("{command} acme/none")).refused();
        assert_eq!(hidden.stderr, absent.stderr.replace("acme/none", "acme/pets"), "{command}");
    }
    let pushed = sam.push(&Module::new("acme/pets").file("a.proto", pets("name")), "acme/pets").refused();
    assert!(pushed.stderr.contains("acme/pets is not in this registry"), "{pushed}");
    sam.cli("module info acme/pest").refused().says("acme/pest is not in this registry\n");
    assert_eq!(sam.cli("module list --json").ok().json(), json!([]));
    assert_eq!(sam.cli("module list --owner acme --json").ok().json(), json!([]));

    let page = sam.get(INDEX);
    let absent = sam.get(&INDEX.replace("acme_pets", "acme_none"));
    assert_eq!((page.status, page.text()), (absent.status, absent.text().replace("none", "pets")));
    let download = format!("/gen/cargo/api/v1/crates/acme_pets_community_neoeinstein-prost/{version}/download");
    assert_eq!((sam.get(&download).status, registry.get(&download).status), (404, 200));
    let search = sam.get("/gen/cargo/api/v1/crates?q=pets").ok().json();
    assert_eq!(search, json!({ "crates": [], "meta": { "total": 0 } }));
    by_commit_id(&sam, &commit);
}

/// Commit ids are no keys either.
fn by_commit_id(sam: &Stranger<'_>, commit: &str) {
    let reference = json!({ "resourceRefs": [{ "id": commit }] });
    let download = json!({ "values": [{ "resourceRef": { "id": commit } }] });
    let mut dependant = upload("sam", "mine", &[("a.proto", &pets("name"))]);
    dependant["depCommitIds"] = json!([commit]);
    sam.cli("module create sam/mine").ok();
    for (method, request) in [
        ("buf.registry.module.v1.CommitService/GetCommits", &reference),
        ("buf.registry.module.v1.GraphService/GetGraph", &reference),
        ("buf.registry.module.v1.DownloadService/Download", &download),
        ("buf.registry.module.v1.UploadService/Upload", &dependant),
    ] {
        let answer = post(sam.registry, method, &sam.headers(), request);
        assert_eq!(answer.status, 404, "{method}: {}", answer.text());
        assert!(!answer.text().contains("pets"), "{method} tells the name: {}", answer.text());
    }
}

#[test]
fn roles_in_an_organization_widen_step_by_step() {
    use registry::store::{Member, Role, Store, StoreOptions};
    let (registry, _) = with_pets();
    let sam = Stranger::to(&registry, "sam");
    let store = Store::open(&registry.data_dir, StoreOptions::default()).unwrap();
    let owner = |name: &str| store.owner(&name.parse().unwrap()).unwrap().unwrap().id;
    let sources = Module::new("acme/pets").file("pets.proto", pets("other"));
    for (role, may_push, may_create) in
        [(Role::Reader, false, false), (Role::Writer, true, false), (Role::Admin, true, true)]
    {
        store
            .transaction("test", |tx| tx.set_member(&Member { organization: owner("acme"), user: owner("sam"), role }))
            .unwrap();
        sam.cli("module info acme/pets").ok();
        assert_eq!(sam.get(INDEX).status, 200, "{role:?}");
        let pushed = sam.push(&sources, "acme/pets");
        if may_push {
            pushed.ok()
        } else {
            pushed.refused().says("you may not push to module acme/pets")
        };
        let created = sam.cli("module create acme/more");
        if may_create {
            created.ok()
        } else {
            created.refused().says("you may not")
        };
    }
}

#[test]
fn anonymous_reads_open_public_modules_and_nothing_else() {
    let registry = Registry::with(|options| {
        options.flag("anonymous-reads", "true");
    });
    Module::new("acme/pets").argument("--visibility=public").file("pets.proto", pets("name")).push(&registry);
    Module::new("acme/cats").file("cats.proto", pets("name")).push(&registry);
    let get = |path: &str, headers: Vec<String>| http::send(&registry.url, "GET", path, headers, &[]);
    let config = get("/gen/cargo/config.json", vec![]).ok().json();
    assert_eq!(config["auth-required"], false);
    get(INDEX, vec![]).ok();
    let private = get(&INDEX.replace("pets", "cats"), vec![]);
    assert!(private.status == 422 && private.text().contains("--anonymous-reads"), "{}", private.text());
    let search = get("/gen/cargo/api/v1/crates?q=acme", vec![]).ok().text();
    assert!(search.contains("acme_pets") && !search.contains("acme_cats"), "{search}");
    let list = |method: &str, request: &Value| post(&registry, method, &[], request);
    let listed = list("buf.registry.module.v1.ModuleService/ListModules", &json!({})).ok().text();
    assert!(listed.contains("pets") && !listed.contains("cats"), "{listed}");
    assert_eq!(list("registry.v1.TokenService/ListTokens", &json!({})).status, 401);
    // A token that is not valid is a mistake that its user wants to hear of.
    assert_eq!(get(INDEX, vec!["authorization: Bearer reg_x".into()]).status, 401);
}

#[test]
fn a_token_makes_no_token_above_itself() {
    let (registry, _) = with_pets();
    let sam = Stranger::to(&registry, "sam");
    sam.cli("token create --scope read").ok();
    sam.cli("token create --scope admin").refused().says("cannot be made with a token of a lower scope");
    sam.cli("token create --user sam --scope write").ok();
    sam.cli(&format!("token create --user {}", registry.user))
        .refused()
        .says("you may not manage the tokens of others");
    sam.cli(&format!("token list --user {}", registry.user)).refused().says("you may not manage the tokens of others");
    let theirs = create_token(&registry, &[]);
    sam.cli(&format!("token revoke {}", theirs["id"].as_str().unwrap()))
        .refused()
        .says("does not exist, or is not yours");
    let listed = sam.cli("token list --json").ok().json();
    assert!(listed.as_array().unwrap().iter().all(|token| token["user"] == "sam"), "{listed}");
    let reader = create_token(&registry, &["--scope", "read"]);
    let mut create = registry.command();
    create.args(["token", "create", "--scope", "read", "--token", reader["token"].as_str().unwrap()]);
    run(&mut create).refused().says("this token may only read");
    registry
        .cli(["token", "create", "--user", "sam", "--scope", "admin"])
        .refused()
        .says("sam is not an administrator");
}

#[test]
fn revoking_over_the_api_takes_effect_at_once() {
    let (registry, _) = with_pets();
    for _ in 0..5 {
        let token = create_token(&registry, &["--scope", "read"]);
        let status = || http::send(&registry.url, "GET", INDEX, vec![bearer(&token)], &[]).status;
        assert_eq!(status(), 200);
        registry.cli(["token", "revoke", token["id"].as_str().unwrap()]).ok();
        assert_eq!(status(), 401);
    }
}

#[test]
fn tokens_on_the_data_directory_of_a_running_server_count() {
    let (registry, _) = with_pets();
    let local = |arguments: &[&str]| {
        let mut command = registry.command();
        command.env_remove("REGISTRY_URL").env_remove("REGISTRY_TOKEN").arg("token").args(arguments);
        run(command.arg("--json").arg("--data-dir").arg(&registry.data_dir)).ok().json()
    };
    let token = local(&["create", "--scope", "read"]);
    let status = || http::send(&registry.url, "GET", INDEX, vec![bearer(&token)], &[]).status;
    assert_eq!(status(), 200);
    local(&["revoke", token["id"].as_str().unwrap()]);
    eventually("the server hears of it", || status() == 401);
}

#[test]
fn secrets_are_in_no_log() {
    for format in ["text", "json"] {
        let registry = Registry::with(|options| {
            options.flag("log-level", "trace").flag("log-format", format);
        });
        Module::new("acme/pets").file("pets.proto", pets("name")).push(&registry);
        let created = create_token(&registry, &["--scope", "read"]);
        let secrets = [registry.token.clone(), created["token"].as_str().unwrap().to_owned(), "reg_unknown".into()];
        for secret in &secrets {
            for header in ["Bearer ", "", "Digest ", "Basic x:", "Bearer x "] {
                let headers = vec![format!("authorization: {header}{secret}")];
                http::send(&registry.url, "GET", INDEX, headers.clone(), &[]);
                post(&registry, "registry.v1.TokenService/ListTokens", &headers, &json!({}));
            }
            http::send(&registry.url, "GET", &format!("/gen/cargo/api/v1/crates?q=x&token={secret}"), vec![], &[]);
        }
        registry.cli(["token", "revoke", created["id"].as_str().unwrap()]).ok();
        let log = registry.log();
        assert!(log.contains("ListTokens"), "the requests are not in the log:\n{log}");
        for secret in &secrets {
            assert!(!log.contains(secret), "{secret} is in the {format} log:\n{log}");
        }
    }
}
