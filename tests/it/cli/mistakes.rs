//! The command line before any server: help, mistakes, exit codes, streams.

use std::path::Path;

use crate::support::{Transcript, registry_command, run};

fn registry(home: &Path, arguments: &[&str]) -> Transcript {
    run(registry_command(home).args(arguments))
}

fn anywhere(arguments: &[&str]) -> Transcript {
    registry(tempfile::tempdir().unwrap().path(), arguments)
}

#[test]
fn help_and_version_go_to_standard_output() {
    insta::assert_snapshot!(anywhere(&["--help"]).ok().stdout);
    anywhere(&["--version"]).ok().prints(concat!("registry ", env!("CARGO_PKG_VERSION")));
    anywhere(&["serve", "--help"]).ok().prints("REGISTRY_LISTEN]");
}

#[test]
fn a_mistyped_command_or_flag_is_met_with_a_suggestion() {
    anywhere(&["pusch"]).could_not_run().says("'push'");
    anywhere(&["serve", "--listn", "127.0.0.1:0"]).could_not_run().says("'--listen'");
    anywhere(&["token", "create", "--scope", "owner"]).could_not_run().says("[possible values: read, write, admin]");
}

#[test]
fn a_wrong_number_or_word_is_met_with_what_is_expected() {
    let number = anywhere(&["search", "pets", "-n", "foo"]).could_not_run();
    number.says("'foo' for '--most <NUMBER>': a number from 1 to 250 is expected");
    anywhere(&["audit", "-n", "0"]).could_not_run().says("a number from 1 to 1000000 is expected");
    anywhere(&["audit", "--action", "foo"]).could_not_run().says("no change is recorded as that");
    anywhere(&["audit", "--action", "label.mvoe"]).could_not_run().says("did you mean label.move?");
    let commit = "ce529d32d80c4d0bb2f5c9d1d7a5f001";
    anywhere(&["sdk", "status", "acme/pets", "--label", commit])
        .could_not_run()
        .says(&format!("write --commit {commit}"));
    anywhere(&["push", "--help"]).ok().prints("wire, csr, rust");
    let usage = anywhere(&["organization", "member", "set", "--help"]).ok();
    assert!(usage.stdout.lines().all(|line| line.chars().count() <= 80), "{usage}");
}

#[test]
fn without_a_server_commands_say_how_to_name_one() {
    let alone = anywhere(&["env"]).could_not_run();
    alone.says("registry serve").says("registry login URL").says("--server").says("REGISTRY_URL");
    anywhere(&["env", "--server", "http:localhost"]).could_not_run().says("http://host:port");
    anywhere(&["env", "--server", "localhost:1"]).ok().prints("REGISTRY_URL='http://localhost:1'");
    anywhere(&["env", "--server", "registry.example"]).ok().prints("REGISTRY_URL='https://registry.example'");
}

#[test]
fn env_prints_lines_for_the_shell_and_nothing_else() {
    let printed = anywhere(&["env", "--server", "http://127.0.0.1:1/", "--token", "reg_x"]).ok();
    insta::assert_snapshot!(printed.stdout);
    let json = anywhere(&["env", "--json", "--server", "http://127.0.0.1:1", "--token", "reg_x"]).ok().json();
    assert_eq!(json["CARGO_REGISTRIES_BUF_TOKEN"], "Bearer reg_x");
    assert_eq!(json["BUF_TOKEN"], "reg_x@127.0.0.1:1");
    let named = ["env", "--name", "acme-sdks", "--server", "http://127.0.0.1:1", "--token", "reg_x"];
    anywhere(&named).ok().prints("CARGO_REGISTRIES_ACME_SDKS_INDEX='sparse+http://127.0.0.1:1/gen/cargo/'");
}

#[test]
fn help_shows_commands_on_lines_of_their_own_and_where_tokens_are_found() {
    let env = anywhere(&["env", "--help"]).ok();
    assert!(env.stdout.lines().any(|line| line == "  cargo add --registry buf CRATE"), "{env}");
    let mirror = anywhere(&["mirror", "--help"]).ok().stdout.clone();
    let words = mirror.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("in BUF_TOKEN, else that of the login for HOST"), "{mirror}");
}

#[test]
fn what_serve_left_is_found_and_broken_files_are_named() {
    let home = tempfile::tempdir().unwrap();
    let directory = home.path().join(".config/registry");
    std::fs::create_dir_all(&directory).unwrap();
    let login = "url = \"http://127.0.0.1:1\"\ntoken = \"reg_left\"\ndata-dir = \"/d\"\nbuf-config-dir = \"/d/buf\"\n";
    std::fs::write(directory.join("client.toml"), login).unwrap();
    let printed = registry(home.path(), &["env"]).ok();
    let printed = printed.prints("REGISTRY_TOKEN='reg_left'").prints("BUF_CONFIG_DIR='/d/buf'");
    printed.says("an older `registry serve` left an administrator's token alone");
    let login = format!("{login}write-token = \"reg_write\"\n");
    std::fs::write(directory.join("client.toml"), login).unwrap();
    let printed = registry(home.path(), &["env"]).ok().prints("REGISTRY_TOKEN='reg_write'");
    assert_eq!(printed.stderr, "");
    std::fs::write(directory.join("client.toml"), "url = 3\n").unwrap();
    registry(home.path(), &["env"]).could_not_run().says("client.toml:1");
}

#[test]
fn a_reader_that_has_enough_is_no_failure() {
    let home = tempfile::tempdir().unwrap();
    let mut child = registry_command(home.path()).arg("config").stdout(std::process::Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    assert!(child.wait().unwrap().success());
}

#[test]
fn registry_alone_tells_the_next_three_steps() {
    anywhere(&[]).ok().prints("registry serve").prints("registry push").prints("registry init");
    let next = anywhere(&["--json"]).ok().json()["next"].clone();
    assert_eq!(next.as_array().map(Vec::len), Some(3));
    let home = tempfile::tempdir().unwrap();
    let mut known = registry_command(home.path());
    let known = run(known.env("REGISTRY_URL", "http://127.0.0.1:1")).ok();
    assert!(!known.prints("http://127.0.0.1:1").prints("cargo add").stdout.contains("registry serve"));
}

#[test]
fn flags_for_everywhere_stand_before_and_behind_a_command() {
    let home = tempfile::tempdir().unwrap();
    std::fs::create_dir(home.path().join("below")).unwrap();
    std::fs::write(home.path().join("below/registry.toml"), "max-files = 7\n").unwrap();
    registry(home.path(), &["-C", "below", "config", "--config", "registry.toml"]).ok().prints("registry.toml");
    registry(home.path(), &["config", "-C", "nowhere"]).could_not_run().says("nowhere, which -C names");
    let asked = ["whoami", "--server", "http://127.0.0.1:1"];
    registry(home.path(), &[&asked[..], &["-v"]].concat()).could_not_run().says("POST http://127.0.0.1:1/buf.");
    registry(home.path(), &[&["--color", "always"], &asked[..]].concat()).could_not_run().says("\u{1b}[");
    assert!(!registry(home.path(), &asked).could_not_run().stderr.contains('\u{1b}'));
    anywhere(&["-q", "-v", "config"]).could_not_run().says("cannot be used with");
}

#[test]
fn shells_complete_and_every_command_has_a_page() {
    for (shell, sign) in [("bash", "complete -F"), ("zsh", "#compdef registry"), ("fish", "complete -c registry")] {
        anywhere(&["completions", shell]).ok().prints(sign);
    }
    anywhere(&["completions", "tcsh"]).could_not_run().says("possible values");
    let home = tempfile::tempdir().unwrap();
    registry(home.path(), &["man", "share/man1"]).ok().prints("pages in share/man1");
    let page = std::fs::read_to_string(home.path().join("share/man1/registry-module-update.1")).unwrap();
    assert!(page.contains("default"), "{page}");
    registry(home.path(), &["man", "/dev/null/x"]).could_not_run().says("could not write manual pages to /dev/null/x");
}
