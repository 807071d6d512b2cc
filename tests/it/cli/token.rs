//! Tokens directly on a data directory: the way in when there is no token yet, or none any more.

use std::path::Path;

use crate::support::{Transcript, registry_command, run};

fn token(data: &Path, arguments: &[&str]) -> Transcript {
    run(registry_command(data).arg("token").args(arguments).arg("--data-dir").arg(data))
}

#[test]
fn the_first_token_makes_the_first_user_and_later_ones_need_no_name() {
    let data = tempfile::tempdir().unwrap();
    token(data.path(), &["create"]).refused().says("--user");
    let first = token(data.path(), &["create", "--user", "pat", "--scope", "admin", "--json"]).ok().json();
    assert!(first["token"].as_str().unwrap().starts_with("reg_"), "{first}");
    let second = token(data.path(), &["create", "--note", "ci", "--expires", "30d"]).ok();
    assert_eq!(second.stdout.lines().count(), 1, "only the token may be on standard output:\n{second}");
    let listed = token(data.path(), &["list", "--json"]).ok().json();
    let users: Vec<_> = listed.as_array().unwrap().iter().map(|token| token["user"].as_str().unwrap()).collect();
    assert_eq!(users, ["pat", "pat"]);
    assert!(!listed.to_string().contains("reg_"), "a secret was listed: {listed}");
}

#[test]
fn a_revoked_token_stays_listed_as_revoked() {
    let data = tempfile::tempdir().unwrap();
    let created = token(data.path(), &["create", "--user", "pat", "--json"]).ok().json();
    let id = created["id"].as_str().unwrap();
    token(data.path(), &["revoke", id]).ok();
    token(data.path(), &["revoke", id]).ok();
    token(data.path(), &["list"]).ok().prints("revoked 2");
    token(data.path(), &["revoke", "0123456789abcdef0123456789abcdef"]).refused().says("does not exist");
    token(data.path(), &["revoke", "short"]).could_not_run().says("32 hexadecimal digits");
}

#[test]
fn mistakes_are_named() {
    let data = tempfile::tempdir().unwrap();
    token(data.path(), &["create", "--user", "pat"]).ok();
    token(data.path(), &["create", "--user", "sam"]).refused().says("user sam does not exist; there are: pat");
    token(data.path(), &["create", "--expires", "2020-01-01"]).could_not_run().says("not in the future");
    run(registry_command(data.path()).args(["token", "list", "--data-dir", "none"]))
        .could_not_run()
        .says("registry serve --data-dir none");
    std::fs::write(data.path().join("registry.db"), "something else entirely, long enough to be looked at").unwrap();
    token(data.path(), &["list"]).could_not_run().says("registry.db");
}
