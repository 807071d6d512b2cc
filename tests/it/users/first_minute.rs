//! The first minute of a newcomer: everything that `registry serve` and `registry env` hand out works, and none of it is
//! an administrator's token.

use std::path::Path;
use std::process::Command;

use crate::support::{Buf, Registry, pets, registry_command, run};

/// A registry as a person starts it: it leaves the login in the home.
fn started(data: &Path) -> Registry {
    Registry::with(|options| {
        options.keep(data, None);
    })
}

fn scope_of(registry: &Registry, token: &str) -> String {
    let may = |scope: &str| {
        let create = ["token", "create", "--token", token, "--scope", scope];
        run(registry_command(registry.home()).args(create)).succeeded()
    };
    ["admin", "write"].into_iter().find(|scope| may(scope)).unwrap_or("read").to_owned()
}

#[test]
fn env_and_serve_hand_out_no_administrators_token() {
    let data = tempfile::tempdir().unwrap();
    let registry = started(data.path());
    let printed = run(registry_command(registry.home()).args(["env", "--json"])).ok().json();
    let token = printed["REGISTRY_TOKEN"].as_str().unwrap().to_owned();
    assert_eq!(scope_of(&registry, &token), "write");
    assert_eq!(printed["CARGO_REGISTRIES_BUF_TOKEN"], format!("Bearer {token}"));
    assert_eq!(printed["BUF_TOKEN"], format!("{token}@{}", registry.host()));
    assert_ne!(token, registry.token);
    assert_eq!(scope_of(&registry, &registry.token), "admin");
    let login = std::fs::read_to_string(registry.home().join(".config/registry/client.toml")).unwrap();
    assert!(login.contains(&format!("token = \"{}\"", registry.token)), "{login}");
    assert!(login.contains(&format!("write-token = \"{token}\"")), "{login}");
}

#[test]
fn a_shell_that_was_set_up_pushes_builds_and_administrates() {
    let data = tempfile::tempdir().unwrap();
    let registry = started(data.path());
    let sources = registry.home().join("proto");
    std::fs::create_dir(&sources).unwrap();
    std::fs::write(sources.join("pets.proto"), pets("name")).unwrap();
    let script = format!(
        "set -e; eval \"$(\"$0\" env)\"; \"$0\" push ./proto --module {user}/example --create; \
         \"$0\" push ./proto --module acme/example --create; \"$0\" user create pat; \
         \"$0\" token create --user pat --scope write",
        user = registry.user
    );
    let program = registry_command(registry.home());
    let mut shell = Command::new("sh");
    shell.env_clear().env("HOME", registry.home()).env("PATH", std::env::var_os("PATH").unwrap());
    run(shell.current_dir(registry.home()).args(["-c", &script]).arg(program.get_program())).ok().prints("reg_");
}

#[test]
fn resting_names_are_managed_with_the_login_alone() {
    let data = tempfile::tempdir().unwrap();
    let registry = started(data.path());
    let by_login = |line: &str| run(registry_command(registry.home()).args(line.split(' '))).ok();
    by_login("organization create acme");
    by_login("organization delete acme --yes");
    by_login("organization deleted").prints("acme");
    by_login("organization free acme").prints("anybody can take the name acme now");
}

#[test]
fn buf_gets_the_token_for_this_host_and_keeps_those_of_others() {
    let data = tempfile::tempdir().unwrap();
    let (registry, other) = (started(data.path()), Registry::start());
    let held = format!("{}@{}", other.token, other.host());
    let printed = run(registry_command(registry.home()).env("BUF_TOKEN", &held).args(["env", "--json"])).ok().json();
    let tokens = printed["BUF_TOKEN"].as_str().unwrap();
    assert!(tokens.starts_with(&format!("{held},reg_")), "{tokens}");
    let buf = Buf::with_token(&registry, Some(tokens)).acme().common();
    buf.push("common");
    buf.run(["registry", "whoami", other.host()]).ok().prints(&other.user);

    // Alone it is read by buf as well, and no other host is shown it.
    let printed = run(registry_command(registry.home()).args(["env", "--json"])).ok().json();
    let buf = Buf::with_token(&registry, printed["BUF_TOKEN"].as_str());
    buf.run(["registry", "whoami", "HOST"]).ok().prints(&registry.user);
    buf.run(["registry", "whoami", other.host()]).fails().says("Not currently logged in");
}
