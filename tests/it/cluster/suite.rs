//! The tests of this suite once more, with PostgreSQL in the place of the data directory's database. `make test-cluster`
//! runs all but those that look into a data directory themselves, which `of_data_directories.txt` names.

use std::process::Command;

use crate::support::run;

/// What is about pushes, the index, labels and tokens.
const CORE: [&str; 5] = ["cargo::index::", "cargo::labels::", "buf::push::", "cli::token::", "bad_input::nul::"];

#[test]
fn pushes_the_index_labels_and_tokens_pass_on_postgresql() {
    if std::env::var_os("REGISTRY_TEST_STORE").is_some() {
        // This is that run, or one of them all.
        return;
    }
    let mut suite = Command::new(std::env::current_exe().unwrap());
    suite.args(CORE).args(["--test-threads", "2"]).env("REGISTRY_TEST_STORE", "postgres");
    for name in include_str!("of_data_directories.txt").lines() {
        suite.args(["--skip", name]);
    }
    let told = run(&mut suite).ok();
    let passed = told.stdout.lines().filter(|line| line.ends_with("... ok")).count();
    assert!(passed > 20, "{told}");
}
