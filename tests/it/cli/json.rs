//! What programs rely on: JSON from every command, exit codes, and a reader that goes away.

use std::process::Stdio;

use crate::support::{Module, Registry, pets, registry_command, run};

/// Every command that prints a result, but `serve` and `exec`, with arguments that work on a registry with acme/pets.
const COMMANDS: &[&str] = &[
    "audit --since 1d",
    "compare acme/pets ./sources",
    "completions bash",
    "config",
    "env",
    "export --local-registry crates",
    "generate sources --module acme/pets --out generated",
    "init sources",
    "interest list acme/pets",
    "interest remove acme/pets --plugin community/neoeinstein-prost",
    "label list acme/pets",
    "label move acme/pets next --to main",
    "label archive acme/pets next",
    "label unarchive acme/pets next",
    "man pages",
    "mirror buf.build/acme/pets --from sources",
    "module create acme/more",
    "module deprecate acme/more",
    "module undeprecate acme/more",
    "module update acme/more --description more",
    "module update acme/more --breaking off",
    "module delete acme/more --yes",
    "module info acme/pets",
    "module list",
    "open acme/pets",
    "organization create more",
    "organization update more --description more",
    "organization delete more --yes",
    "organization deleted",
    "organization free gone",
    "organization info acme",
    "organization list",
    "organization member list acme",
    "organization member remove acme pat",
    "organization member set acme pat --role writer",
    "plugin list",
    "push sources --module acme/pets",
    "sdk export acme_pets_community_neoeinstein-prost exported",
    "search pets",
    "sdk generate acme/pets --plugin community/neoeinstein-prost",
    "sdk info acme/pets",
    "sdk list acme/pets",
    "sdk retry acme/pets",
    "sdk status acme/pets",
    "sdk unyank acme/pets VERSION",
    "sdk usage acme_pets_community_neoeinstein-prost",
    "sdk version acme/pets",
    "sdk yank acme/pets VERSION",
    "status",
    "token create --note ci --expires 30d",
    "token list",
    "token revoke TOKEN_ID",
    "user create sam",
    "user disable pat",
    "user enable pat",
    "user list",
    "user update pat --breaking off",
    "webhook create acme/pets --url https://localhost:1/other",
    "webhook list acme/pets",
    "webhook deliveries WEBHOOK_ID",
    "webhook delete WEBHOOK_ID",
    "whoami",
];

/// Commands whose JSON other tests read: `cli::find`, `cli::login`, `cli::plugin_install`, `watch::status`, `webhooks`, and
/// `upkeep` for those on data directories.
const READ_ELSEWHERE: &[&str] = &[
    "backup",
    "doctor",
    "gc",
    "healthcheck",
    "login",
    "logout",
    "migrate",
    "plugin install",
    "repair",
    "restore",
    "server list",
    "server use",
    "verify",
    "webhook test",
];

/// Whether a command only writes down what it is told, without asking the server.
fn asks_no_server(line: &str) -> bool {
    matches!(line, "env" | "init sources")
}

/// Whether a command has nothing to do with a server, and no flag for one.
fn has_no_server(line: &str) -> bool {
    matches!(line, "config" | "completions bash" | "man pages") || line.starts_with("generate ")
}

/// Whether a command does what it does only once, so that a second time is refused.
fn is_once(line: &str) -> bool {
    ["create", "delete", "remove", "free", " acme/more", "update more", "sdk export"]
        .iter()
        .any(|word| line.contains(word))
}

/// A registry with acme/pets, whose sources lie in `sources` where commands run, and what fills in a line of the table.
fn registry() -> (Registry, impl Fn(&str) -> String) {
    let registry = Registry::start();
    let pushed = Module::new("acme/pets").file("pets.proto", pets("name")).push(&registry);
    let version = pushed.sdk("community/neoeinstein-prost").version.clone();
    registry.cli(["sdk", "generate", "acme/pets", "--plugin", "community/neoeinstein-prost"]).ok();
    registry.user_token("pat");
    registry.cli(["organization", "create", "gone"]).ok();
    let gone = serde_json::json!({ "organizationRefs": [{ "name": "gone" }] });
    registry.call("buf.registry.owner.v1.OrganizationService/DeleteOrganizations", &gone).ok();
    let home = registry.command().get_current_dir().unwrap().to_owned();
    std::fs::create_dir(home.join("sources")).unwrap();
    std::fs::write(home.join("sources/pets.proto"), pets("name")).unwrap();
    let token = registry.cli(["token", "create", "--json"]).ok().json();
    let id = token["id"].as_str().unwrap().to_owned();
    let webhook = ["webhook", "create", "acme/pets", "--url", "https://localhost:1/hook", "--json"];
    let webhook = registry.cli(webhook).ok().json()["id"].as_str().unwrap().to_owned();
    (registry, move |line| line.replace("TOKEN_ID", &id).replace("VERSION", &version).replace("WEBHOOK_ID", &webhook))
}

/// The names of the subcommands that a help text lists.
fn listed(help: &str) -> Vec<String> {
    let commands = help.split("Commands:\n").nth(1).unwrap_or_default();
    let lines = commands.lines().take_while(|line| line.starts_with("  "));
    let names = lines.filter_map(|line| line.split_whitespace().next());
    names.filter(|name| !matches!(*name, "help" | "serve" | "exec")).map(str::to_owned).collect()
}

#[test]
fn every_command_has_a_row() {
    let home = tempfile::tempdir().unwrap();
    let help = |words: &[&str]| run(registry_command(home.path()).args(words).arg("-h")).ok().stdout;
    for command in listed(&help(&[])) {
        let below = listed(&help(&[&command]));
        let rows = if below.is_empty() {
            vec![command]
        } else {
            below.iter().map(|name| format!("{command} {name}")).collect()
        };
        for row in rows {
            let known =
                COMMANDS.iter().chain(READ_ELSEWHERE).any(|line| format!("{line} ").starts_with(&format!("{row} ")));
            assert!(known, "`registry {row}` is not in the table of this test");
        }
    }
}

#[test]
fn every_command_prints_json_and_nothing_else() {
    let (registry, fill) = registry();
    for line in COMMANDS {
        let line = fill(line);
        let json = registry.cli(line.split(' ').chain(["--json"])).ok().json();
        assert!(json.is_object() || json.is_array(), "{line}: {json}");
        if !is_once(&line) {
            registry.cli(["--json"].into_iter().chain(line.split(' '))).ok().json();
        }
    }
}

#[test]
fn every_command_tells_done_from_refused_from_impossible() {
    let (registry, fill) = registry();
    for line in COMMANDS {
        let line = fill(line);
        if !has_no_server(&line) {
            let nobody = ["--server", "http://127.0.0.1:1"];
            let unreachable = registry.cli(line.split(' ').chain(nobody));
            if asks_no_server(&line) {
                unreachable.ok()
            } else {
                unreachable.could_not_run().says("http://127.0.0.1:1")
            };
        }
        if !has_no_server(&line) && !asks_no_server(&line) {
            let stranger = ["--token", "reg_000000000000000000000000000000000000000000000000"];
            registry.cli(line.split(' ').chain(stranger)).refused().says("the token is unknown");
        }
        registry.cli(line.split(' ').chain(["--no-such-flag"])).could_not_run().says("--no-such-flag");
    }
}

#[test]
fn a_reader_that_has_enough_is_no_failure_of_any_command() {
    let (registry, fill) = registry();
    for line in COMMANDS.iter().filter(|line| !is_once(line)) {
        let mut command = registry.command();
        command.args(fill(line).split(' '));
        // The reader is gone before the program starts, so its first line fails.
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let ended = command.stdin(Stdio::null()).stdout(writer).output().unwrap();
        assert_eq!(ended.status.code(), Some(0), "{line}: {}", String::from_utf8_lossy(&ended.stderr));
    }
}

#[test]
fn what_env_prints_sets_a_shell_up() {
    let (registry, _) = registry();
    let script = r#"eval "$("$0" env)" && printf '%s\n' "$CARGO_REGISTRIES_BUF_INDEX" "$CARGO_REGISTRIES_BUF_TOKEN""#;
    let mut shell = std::process::Command::new("sh");
    shell.args(["-c", script]).arg(registry.command().get_program()).env_clear();
    shell.env("REGISTRY_URL", &registry.url).env("REGISTRY_TOKEN", &registry.token);
    shell.env("HOME", registry.command().get_current_dir().unwrap());
    let printed = run(&mut shell).ok().stdout;
    assert_eq!(printed, format!("{}\nBearer {}\n", registry.cargo_index, registry.token));
}

#[test]
fn config_says_where_each_value_comes_from() {
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join("registry.toml"), "max-files = 7\n").unwrap();
    let mut command = registry_command(home.path());
    command.args(["config", "--json", "--config", "registry.toml", "--workers", "3"]).env("REGISTRY_PUSH_WAIT", "5");
    let text = run(&mut command).ok().json().to_string();
    for part in ["--workers", "REGISTRY_PUSH_WAIT", "registry.toml"] {
        assert!(text.contains(part), "{part} is missing in {text}");
    }
    std::fs::write(home.path().join("registry.toml"), "max-flies = 7\n").unwrap();
    let mut mistyped = registry_command(home.path());
    run(mistyped.args(["config", "--config", "registry.toml"])).could_not_run().says("max-files");
}
