//! `buf registry login`, `logout` and `whoami`.

use crate::support::{Buf, Registry, run};

#[test]
fn a_token_on_standard_input_logs_in_until_logout() {
    let registry = Registry::start();
    let buf = Buf::with_token(&registry, None);
    buf.run(["registry", "whoami", "HOST"]).fails().says("Not currently logged in for");
    buf.run_with_input(["registry", "login", "HOST", "--token-stdin"], &registry.token).ok();
    let netrc = std::fs::read_to_string(buf.netrc()).unwrap();
    assert!(netrc.contains(&format!("machine {}", buf.host())) && netrc.contains(&registry.token), "{netrc}");
    buf.run(["registry", "whoami", "HOST"]).ok().prints(&format!("Logged in as {}.", registry.user));
    buf.run(["registry", "logout", "HOST"]).ok();
    buf.run(["registry", "whoami", "HOST"]).fails().says("Not currently logged in for");
}

#[test]
fn a_token_is_asked_for_at_a_terminal() {
    let registry = Registry::start();
    let buf = Buf::with_token(&registry, None);
    // `script` gives the program a terminal, and types what stands on its own standard input.
    let login = buf.at_a_terminal(["registry", "login", "HOST", "--prompt"], &format!("{}\n", registry.token)).ok();
    assert!(!login.stdout.contains(&registry.token), "the token was shown:\n{login}");
    buf.run(["registry", "whoami", "HOST"]).ok().prints(&registry.user);
}

#[test]
fn a_wrong_token_is_not_kept() {
    let registry = Registry::start();
    let buf = Buf::with_token(&registry, None);
    let wrong = format!("reg_{}", "0".repeat(registry.token.len() - 4));
    buf.run_with_input(["registry", "login", "HOST", "--token-stdin"], &wrong)
        .fails()
        .says(&format!("invalid token provided for {}", buf.host()));
    buf.run_with_input(["registry", "login", "HOST", "--token-stdin"], "not a token").fails().says("invalid token");
    assert!(!buf.netrc().exists(), "a token that does not work was kept");
}

#[test]
fn who_is_logged_in_is_told_as_json_too() {
    let registry = Registry::start();
    let told = Buf::new(&registry).run(["registry", "whoami", "HOST", "--format", "json"]).ok().json();
    assert_eq!(told["username"], *registry.user, "{told}");
    assert_eq!(told["type"], "USER_TYPE_STANDARD", "{told}");
    assert_eq!(told["id"].as_str().map(str::len), Some(32), "{told}");
}

#[test]
fn a_revoked_token_is_worth_nothing() {
    let registry = Registry::start();
    let created = registry.cli(["token", "create", "--json"]).ok().json();
    let buf = Buf::with_token(&registry, created["token"].as_str());
    buf.run(["registry", "whoami", "HOST"]).ok();
    run(registry.command().args(["token", "revoke", created["id"].as_str().unwrap()])).ok();
    buf.run(["registry", "whoami", "HOST"]).fails();
}
